import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openSnapshot, placeFrom } from "#server/moving/open-record.ts";
import { askServer } from "#server/operator-door.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { people } from "#tests/support/people.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { openStored } from "#tests/support/stored.ts";
import { KillableServer } from "../faults/killable-server.ts";
import { openAt } from "../store/open.ts";
import { furnish, say } from "./furnish.ts";
import { newFolder, Operator, printsIn } from "./operator.ts";

async function furnished(messages: number) {
  const dataDir = newFolder();
  const url = `sqlite:///${dataDir}/parlour.db`;
  const opened = await openAt(url);
  await furnish(opened.store, messages);
  const { epoch } = opened.store;
  await opened[Symbol.asyncDispose]();
  const postgres = await testPostgres();
  const database = await postgres.createDatabase();
  const sql = (text: string) => postgres.sql(databaseIn(database), text);
  return { dataDir, url, epoch, database, sql, operator: new Operator({ DATA_DIR: dataDir }) };
}

test("there and back every table has the same rows and hash, the epoch stays, and ids and seqs go on where they were", async () => {
  const { dataDir, epoch, database, operator } = await furnished(12_000);
  const there = printsIn(await operator.does("db", "copy", "--to", database));
  expect(Object.keys(there)).toEqual(expect.arrayContaining(["house", "users", "rooms", "log", "nonces"]));
  expect(there.messages).toStartWith("12,000 ");
  const back = newFolder();
  const returned = new Operator({ DATA_DIR: back });
  const words = ["--from", database, "--to", `sqlite:${back}/parlour.db`];
  expect(printsIn(await returned.does("db", "copy", ...words))).toEqual(there);

  await using opened = await openAt(`sqlite:///${back}/parlour.db`);
  expect(
    (await opened.store.read("held", { userId: 0 }, { rooms: [], sessions: [], people: [], usedSince: 0 })).epoch,
  ).toBe(epoch);
  // The note of the move is in the old folder: what was moved away does not start again.
  expect((await operator.says("start")).errors).toContain(`${dataDir}/parlour.db was moved to postgresql://`);
}, 60_000);

test("on PostgreSQL the next message has the next id and the next seq, and its nonces are known", async () => {
  const { database, operator } = await furnished(100);
  await operator.does("db", "copy", "--to", database);
  await using opened = await openAt(database);
  const again = await opened.send(1, 6, "nonce 0", "0 plain");
  expect(again).toMatchObject({ 0: 1, 4: 1 });
  const [id, seq] = (await opened.send(1, 6, "a new one", "new")) as number[];
  expect(id).toBe(101);
  const page = await opened.store.read(
    "page",
    { userId: 6 },
    { roomId: 1, place: { from: "after", seq: 0 }, limit: 100 },
  );
  expect(page.items.at(-1)?.seq).toBe(seq);
  expect(page.seq).toBe(seq ?? 0);
}, 60_000);

test("killed halfway nobody can start on what is there, and the same words go on with it, whatever changed meanwhile", async () => {
  const { url, database, sql, operator } = await furnished(60_000);
  const copy = operator.start("db", "copy", "--to", database);
  await eventually(async () => {
    expect(await sql("SELECT to_regclass('parlour_moving.messages') IS NOT NULL")).toBe("t");
    expect(Number(await sql("SELECT count(*) FROM parlour_moving.messages"))).toBeGreaterThan(0);
  }, 20_000);
  copy.kill("SIGKILL");
  await copy.exited;
  expect(await sql("SELECT to_regnamespace('parlour') IS NULL")).toBe("t");
  expect(Number(await sql("SELECT count(*) FROM parlour_moving.messages"))).toBeLessThan(60_000);

  await sql("UPDATE parlour_moving.messages SET content = 'spoiled' WHERE id = 7");
  await sql("DELETE FROM parlour_moving.log WHERE seq % 2 = 0");
  const opened = await openAt(url);
  await say(opened.store, [6, 7, 8], [1, 2, 3], 10, "later");
  await opened[Symbol.asyncDispose]();
  // The connection of the killed one may still be ending.
  await eventually(async () => {
    const said = await operator.says("db", "copy", "--to", database);
    expect(said.errors).toBe("");
    expect(printsIn(said.out).messages).toStartWith("60,010 ");
  }, 30_000);
}, 120_000);

test("a copy into a file is gone on with too, with tables in it that let nothing go", async () => {
  const { database, sql, operator } = await furnished(6_000);
  await operator.does("db", "copy", "--to", database);
  const audited = "INSERT INTO parlour.audit (at, actor, act, detail) VALUES";
  const open = () => sql("DROP FUNCTION parlour.moved() CASCADE");
  await sql(`${audited} (1, 1, 'one', ''), (2, 1, 'two', '')`);
  const file = join(newFolder(), "parlour.db");
  const copy = () => operator.does("db", "copy", "--from", database, "--to", `sqlite:${file}`);
  await copy();
  // As if it had been killed before it took its place.
  renameSync(file, `${file}.moving`);
  await open();
  await sql(`${audited} (3, 1, 'three', ''); DELETE FROM parlour.messages WHERE id = 5`);
  const prints = printsIn(await copy());
  expect(prints.messages).toStartWith("5,999 ");
  expect(prints.audit).toStartWith(`${await sql("SELECT count(*) FROM parlour.audit")} `);
  const made = new Database(file);
  expect(() => made.run("DELETE FROM audit")).toThrow("append-only");
  made.close();
}, 60_000);

test("a place that holds something is left as it is", async () => {
  const { dataDir, database, sql, operator } = await furnished(10);
  await operator.does("db", "copy", "--to", database);
  await sql("UPDATE parlour.rooms SET name = 'mine' WHERE id = 1").catch(() => {});
  expect((await operator.says("db", "copy", "--to", database)).errors).toContain("There is a Parlour in postgresql://");
  const into = await operator.says("db", "copy", "--from", database, "--to", `sqlite:${dataDir}/parlour.db`);
  expect(into.errors).toContain("There is a database in");
  const nothing = await (await testPostgres()).createDatabase();
  const from = await operator.says("db", "copy", "--from", nothing, "--to", `sqlite:${newFolder()}/parlour.db`);
  expect(from.errors).toContain("There is no Parlour in postgresql://");
  for (const words of [["db"], ["db", "copy"], ["db", "copy", "--to"], ["backup"], ["restore", "a", "b"]]) {
    expect((await operator.says(...words)).code).toBe(2);
  }
}, 60_000);

test("while it is copied the server reads and refuses sends; its clients keep theirs and send them to the new place", async () => {
  const env = { DATABASE_URL: "" };
  await using server = await KillableServer.start({ env });
  const operator = new Operator({ DATA_DIR: server.dataDir });
  const [ann] = await people(server.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  await ann.api.sendMessage(room, { content: "before" });
  const database = await (await testPostgres()).createDatabase();
  const heard: string[] = [];
  const { chat } = deviceOf(ann, server.url, { heard: (text) => heard.push(text) > 0 });
  const texts = () => (chat.room(room).log?.messages ?? []).map(({ content }) => content);
  const sends = () => ann.api.sendMessage(room, { content: "again" }).catch((error: { code: string }) => error.code);
  chat.start();
  try {
    await chat.openRoom(room);
    // One that fails lets the server go on.
    const file = new Database(server.file);
    file.run("CREATE TABLE odd (a BLOB PRIMARY KEY)");
    const failed = await operator.says("db", "copy", "--to", database);
    expect(failed.errors).toContain("The column a of odd is of a kind that cannot be carried");
    expect(failed.out).toMatch(/Writing goes on after [\d.]+ s/);
    file.run("DROP TABLE odd");
    file.close();
    expect(await sends()).toMatchObject({ content: "again" });

    expect(await operator.does("db", "copy", "--to", database)).toMatch(/Moved to postgresql:.* in [\d.]+ s/);
    expect((await ann.api.messages(room)).items).toHaveLength(2);
    expect(await sends()).toBe("unavailable");
    const { epoch } = chat.replica;
    chat.send(room, "kept by the client");
    await server.stop();
    env.DATABASE_URL = database;
    await server.start();
    await eventually(() => expect(texts()).toEqual(["before", "again", "kept by the client"]), 15_000);
    expect(chat.replica.epoch).toBe(epoch);
    expect(heard.filter((text) => text.includes('"resync"'))).toEqual([]);
    expect((await ann.api.messages(room)).items).toEqual([...(chat.room(room).log?.messages ?? [])]);
  } finally {
    chat.stop();
  }
}, 60_000);

test("a server whose copy was killed at its very end takes no more writes, and the same words come to the end of it", async () => {
  await using server = await KillableServer.start({ env: { DATABASE_URL: "" } });
  const operator = new Operator({ DATA_DIR: server.dataDir });
  const [ann] = await people(server.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  const sends = () => ann.api.sendMessage(room, { content: "said" }).catch((error: { code: string }) => error.code);
  const database = await (await testPostgres()).createDatabase();
  // What the one that was killed had done: it held the server still for a moment more, and had closed the file.
  const place = `sqlite:${server.file}`;
  await askServer(server.dataDir, { ask: "pause-writes", pause: "killed", place, forMs: 500 });
  const { host } = new URL(database);
  writeFileSync(`${server.file}.moved`, `postgresql://${host}/${databaseIn(database)}\n`);
  await Bun.sleep(1_500);
  expect(await sends()).toBe("unavailable");
  await operator.does("db", "copy", "--to", database);
  expect(await sends()).toBe("unavailable");
  await using opened = await openAt(database);
  expect((await opened.store.read("what-is-here", { userId: 0 })).names).toEqual(["ann"]);
}, 60_000);

test("what was acknowledged while it began is on the other side, once, and what people went on saying follows it", async () => {
  const env = { DATABASE_URL: "" };
  await using server = await KillableServer.start({ env });
  const operator = new Operator({ DATA_DIR: server.dataDir });
  const everybody = await people(server.url, "ann", "ben", "cat", "dan");
  const [ann] = everybody;
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  for (const each of everybody.slice(1)) await each.api.joinRoom(room);
  const acknowledged = new Map<number, string>();
  const resyncs: string[] = [];
  const heard = (text: string) => {
    const frame = JSON.parse(text) as { type: string; seq: number; nonce: string };
    if (frame.type === "ack") acknowledged.set(frame.seq, frame.nonce);
    if (frame.type === "resync") resyncs.push(text);
    return true;
  };
  const devices = everybody.map((each) => deviceOf(each, server.url, { heard }));
  for (const { chat } of devices) {
    chat.start();
    await chat.openRoom(room);
  }
  let said = 0;
  const talking = setInterval(() => {
    for (const { chat } of devices) chat.send(room, `message ${++said}`);
  }, 5);
  try {
    await eventually(() => expect(acknowledged.size).toBeGreaterThan(100));
    const database = await (await testPostgres()).createDatabase();
    await operator.does("db", "copy", "--to", database);
    const before = acknowledged.size;
    await server.stop();
    env.DATABASE_URL = database;
    await server.start();
    clearInterval(talking);
    await eventually(() => {
      for (const { chat } of devices) expect(chat.room(room).pending).toEqual([]);
    }, 20_000);
    expect(acknowledged.size).toBeGreaterThan(before);
    await using opened = await openStored({ dataDir: "", databaseUrl: database });
    const rows = await opened.rows<{ seq: number; content: string; nonce: string }>(
      `SELECT m.seq, m.content, n.nonce FROM messages m
        JOIN nonces n ON n.author = m.user_id AND (n.result::jsonb ->> 0)::bigint = m.id
        WHERE n.result LIKE '[%' ORDER BY m.seq`,
    );
    expect(rows).toHaveLength(said);
    expect(new Set(rows.map(({ content }) => content)).size).toBe(said);
    const stored = new Map(rows.map(({ seq, nonce }) => [seq, nonce]));
    for (const [seq, nonce] of acknowledged) expect(stored.get(seq)).toBe(nonce);
    expect(resyncs).toEqual([]);
  } finally {
    clearInterval(talking);
    for (const { chat } of devices) chat.stop();
  }
}, 60_000);

test("nodes on the PostgreSQL that is copied from refuse what would write, during the copy and after it", async () => {
  const { database, operator } = await furnished(20);
  await operator.does("db", "copy", "--to", database);
  await using node = await openAt(database);
  expect(await node.send(1, 6, "one", "one")).toBeArray();
  const file = join(newFolder(), "parlour.db");
  await operator.does("db", "copy", "--from", database, "--to", `sqlite:${file}`);
  expect(existsSync(file)).toBe(true);
  expect(await node.send(1, 6, "two", "two")).toBe("unavailable");
  expect((await node.store.read("what-is-here", { userId: 0 })).names).toHaveLength(21);
  await (await testPostgres()).sql(databaseIn(database), "DROP FUNCTION parlour.moved() CASCADE");
  expect(await node.send(1, 6, "three", "three")).toBeArray();
}, 60_000);

test("what was moved is moved nowhere else, and a run that was killed after it had closed the old place comes to its end", async () => {
  const { dataDir, database, operator } = await furnished(20);
  const note = join(dataDir, "parlour.db.moved");
  writeFileSync(note, "postgresql://elsewhere:5432/other\n");
  expect((await operator.says("db", "copy", "--to", database)).errors).toContain("was moved to postgresql://elsewhere");
  const { host } = new URL(database);
  writeFileSync(note, `postgresql://${host}/${databaseIn(database)}\n`);
  await operator.does("db", "copy", "--to", database);

  const [first, second] = [`sqlite:${newFolder()}/parlour.db`, `sqlite:${newFolder()}/parlour.db`];
  await operator.does("db", "copy", "--from", database, "--to", first);
  expect((await operator.says("db", "copy", "--from", database, "--to", second)).errors).toContain(
    `was moved to ${first}`,
  );
  rmSync(first.slice("sqlite:".length));
  await operator.does("db", "copy", "--from", database, "--to", first);
}, 60_000);

test("both databases have the same tables, columns and keys, and keys of text in the order of their bytes", async () => {
  const { url, database, sql, operator } = await furnished(1);
  const from = await openSnapshot(placeFrom(url));
  await operator.does("db", "copy", "--to", database);
  const to = await openSnapshot(placeFrom(database));
  expect(await to.tables()).toEqual(await from.tables());
  await Promise.all([from.close(), to.close()]);
  const otherwise = await sql(`SELECT c.relname || '.' || a.attname FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
    WHERE k.contype = 'p' AND c.relnamespace = 'parlour'::regnamespace AND a.atttypid = 'text'::regtype
      AND a.attcollation <> '"C"'::regcollation ORDER BY 1`);
  // Three words, which every language puts in the same order.
  expect(otherwise).toBe("imported.kind");
}, 60_000);
