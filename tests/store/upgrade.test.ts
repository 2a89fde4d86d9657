import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { migrate } from "#server/store/sqlite/migrate.ts";
import { init } from "#server/store/sqlite/migrations/0001-init.ts";
import { importsAndLinks } from "#server/store/sqlite/migrations/0002-imports-and-links.ts";

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

const INTO = "INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version) VALUES";
