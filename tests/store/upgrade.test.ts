import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { SQL } from "bun";
import { Connection } from "#server/store/postgres/connection.ts";
import { makeTables, migrate as migratePostgres } from "#server/store/postgres/migrate.ts";
import { migrate } from "#server/store/sqlite/migrate.ts";
import { init } from "#server/store/sqlite/migrations/0001-init.ts";
import { importsAndLinks } from "#server/store/sqlite/migrations/0002-imports-and-links.ts";
import { nameKey } from "#shared/names.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { addressIn, openAt } from "./open.ts";

test("a database of the version before keeps every room, member and visible range, and still refuses rows of nowhere", () => {
  using db = new Database(":memory:");
  db.run("PRAGMA foreign_keys = ON");
  db.run("CREATE TABLE schema_versions (version INTEGER PRIMARY KEY, needs INTEGER NOT NULL, at INTEGER NOT NULL)");
  for (const { sql, version } of [init, importsAndLinks]) {
    db.run(sql);
    db.run("INSERT INTO schema_versions VALUES (?, 1, 1)", [version]);
  }
  db.run("INSERT INTO users VALUES (7, 'ann', 'ann', NULL, NULL, 0, '', 'admin', 1, NULL, 3)");
  db.run("INSERT INTO rooms VALUES (5, 'private', 'pond', 'pond', 'deep', 7, 1, NULL, 9, 6, 1, 4)");
  db.run("INSERT INTO rooms VALUES (6, 'public', '', '', '', NULL, 1, 2, 3, 0, 0, 8)");
  db.run("INSERT INTO members VALUES (5, 7, 'admin', 'in', 1, 2, 1, 3)");
  db.run("INSERT INTO visible_ranges VALUES (5, 7, 1, NULL), (5, 7, -4, -2)");
  const tables = ["users", "rooms", "members", "visible_ranges"];
  const rows = () => tables.map((name) => db.query(`SELECT * FROM ${name} ORDER BY 1, 2, 3`).all());
  const before = rows();
  migrate(db, ":memory:", 2);
  expect(rows()).toMatchObject(before);
  expect(db.query("PRAGMA foreign_key_check").all()).toEqual([]);
  expect(() => db.run(`${INTO} (99, 7, 'reader', 'in', 1, 2, 1, 3)`)).toThrow("FOREIGN KEY");
  expect(() => db.run(`${INTO} (5, 7, 'king', 'in', 1, 2, 1, 3)`)).toThrow("CHECK");
});

test("people whose display name is older than its key are found by it, on SQLite", () => {
  using db = new Database(":memory:");
  migrate(db, ":memory:", 1, 15);
  const person = "INSERT INTO users (username, username_key, password_hash, role, created_at, display_name)";
  for (const [at, name] of ["Иван", "Änne", ""].entries())
    db.run(`${person} VALUES (?, ?, '', 'user', 1, ?)`, [at, at, name]);
  migrate(db, ":memory:", 2);
  expect(db.query("SELECT display_key AS key FROM users ORDER BY id").all()).toEqual([
    { key: nameKey("иван") },
    { key: "änne" },
    { key: "" },
  ]);
});

test("people whose display name is older than its key are found by it, on PostgreSQL", async () => {
  const postgres = await testPostgres();
  const url = await postgres.createDatabase();
  await makeOlder(url);
  await postgres.sql(
    databaseIn(url),
    `INSERT INTO parlour.users (username, username_key, password_hash, role, created_at, display_name)
      VALUES ('0', '0', '', 'user', 1, 'Иван'), ('1', '1', '', 'user', 1, 'Änne'), ('2', '2', '', 'user', 1, '')`,
  );
  await using _after = await openAt(url);
  const keys = await postgres.sql(databaseIn(url), "SELECT display_key FROM parlour.users ORDER BY id");
  expect(keys.trimEnd().split("\n")).toEqual([nameKey("иван"), "änne"]);
});

test("an update waits for another node's, longer than any answer is waited for", async () => {
  const url = await (await testPostgres()).createDatabase();
  await makeOlder(url);
  const other = new SQL(url, { max: 1 });
  await other.unsafe("SELECT pg_advisory_lock(7264530914)");
  const connection = await Connection.open(addressIn(url), { answersWithin: 200 });
  const updating = migratePostgres(connection, { now: 1, newEpoch: "epoch", warn() {} });
  await Bun.sleep(1_000);
  expect(connection.isClosed).toBe(false);
  await other.close();
  expect(await updating).toBe("epoch");
  connection.kill();
});

test("an update beside a backup waits for its end and stops nobody for longer than a moment", async () => {
  const url = await (await testPostgres()).createDatabase();
  await makeOlder(url);
  const backup = new SQL(url, { max: 1 });
  await backup.unsafe("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT count(*) FROM parlour.users");
  const connection = await Connection.open(addressIn(url));
  const warned: string[] = [];
  const updating = migratePostgres(connection, {
    now: 1,
    newEpoch: "epoch",
    warn: (line) => warned.push(line),
    restMs: 200,
  });
  const people = new SQL(url, { max: 1 });
  const waited: number[] = [];
  for (const until = performance.now() + 4_000; performance.now() < until; ) {
    const began = performance.now();
    await people.unsafe("SELECT count(*) FROM parlour.users");
    waited.push(performance.now() - began);
  }
  expect(Math.max(...waited)).toBeLessThan(3_000);
  expect(warned).toHaveLength(1);
  await backup.unsafe("COMMIT");
  expect(await updating).toBe("epoch");
  for (const sql of [backup, people]) await sql.close();
  connection.kill();
}, 30_000);

async function makeOlder(url: string): Promise<void> {
  const connection = await Connection.open(addressIn(url));
  await makeTables(connection, "parlour", 1, 15);
  connection.kill();
}

const INTO = "INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version) VALUES";
