import { Database } from "bun:sqlite";
import { describe, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseConfig } from "#server/config.ts";
import type { Manifest } from "#server/moving/backup-folder.ts";
import { makePostgresRecord } from "#server/moving/postgres-record.ts";
import { migrate, SCHEMA } from "#server/store/sqlite/migrate.ts";
import { askApi } from "#tests/api/ask.ts";
import { openAt } from "#tests/store/open.ts";
import { eventually } from "#tests/support/eventually.ts";
import { people } from "#tests/support/people.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { deviceOf } from "../support/device.ts";
import { furnish } from "./furnish.ts";
import { newFolder, Operator } from "./operator.ts";

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest;
const printsOf = (folder: string) =>
  Object.fromEntries(manifestOf(folder).tables.map(({ name, rows, sha256 }) => [name, `${rows} ${sha256}`]));

async function placeOn(kind: "sqlite" | "postgres", dataDir = newFolder()) {
  const url = kind === "sqlite" ? `sqlite:///${dataDir}/parlour.db` : await (await testPostgres()).createDatabase();
  return { dataDir, url, operator: new Operator({ DATA_DIR: dataDir, DATABASE_URL: url }) };
}

for (const kind of ["sqlite", "postgres"] as const) {
  describe(`on ${kind}`, () => {
    test("a backup goes into either database and comes out of it with the same hash of every table", async () => {
      const { dataDir, url, operator } = await placeOn(kind);
      const opened = await openAt(url);
      await furnish(opened.store, 6_000);
      await opened[Symbol.asyncDispose]();
      const copy = join(dataDir, "copy");
      await operator.does("backup", copy);
      const { epoch, tables } = manifestOf(copy);
      expect(tables.find(({ name }) => name === "messages")?.rows).toBe(6_000);
      for (const other of ["sqlite", "postgres"] as const) {
        const there = await placeOn(other);
        const said = await there.operator.does("restore", copy);
        expect(said).toContain("each table's hash the same");
        const again = join(there.dataDir, "again");
        await there.operator.does("backup", again);
        expect(manifestOf(again).epoch).not.toBe(epoch);
        expect({ ...printsOf(again), house: "" }).toEqual({ ...printsOf(copy), house: "" });
        // What is made from here on goes on above what was brought.
        const reopened = await openAt(there.url);
        expect((await reopened.store.read("what-is-here", { userId: 0 })).names).toHaveLength(21);
        expect((await reopened.send(1, 1, "a new one", "new"))[0]).toBe(6_001);
        await reopened[Symbol.asyncDispose]();
      }
    }, 60_000);

    test("taken while people talk it holds all that was acknowledged before it, and each room's log without a hole", async () => {
      const { dataDir, url, operator } = await placeOn(kind);
      await using server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: url, RATE_LIMITS: "off" });
      const [ann] = await people(server.url, "ann");
      const { id } = await ann.api.createRoom({ name: "hall" });
      const socket = await RawSocket.ready(server.url, await ann.token());
      const before = await sayMany(socket, id, 200);
      let isTalking = true;
      let said = before;
      const talk = (async () => {
        while (isTalking) said = await sayMany(socket, id, 40);
      })();
      const copy = join(dataDir, "copy");
      await operator.does("backup", copy);
      isTalking = false;
      await talk;
      expect(said).toBeGreaterThan(before);
      expect(manifestOf(copy).epoch).toBe(server.store.epoch);
      const there = await placeOn("sqlite");
      await there.operator.does("restore", copy);
      const db = new Database(join(there.dataDir, "parlour.db"));
      const log = db.query<{ most: number; count: number }, [number]>(
        "SELECT max(seq) AS most, count(*) AS count FROM log WHERE room_id = ?",
      );
      const room = db.query<{ seq: number }, [number]>("SELECT seq FROM rooms WHERE id = ?");
      expect(log.get(id)).toEqual({ most: room.get(id)?.seq ?? 0, count: room.get(id)?.seq ?? 0 });
      expect(room.get(id)?.seq).toBeGreaterThanOrEqual(before);
      expect(db.query("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
      db.close();
      socket.close();
    }, 60_000);
  });
}

test("after a restore every device begins anew, mixes nothing of two histories, and what it had not sent is sent", async () => {
  const { dataDir, url, operator } = await placeOn("sqlite");
  await using server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: url });
  const [ann, ben] = await people(server.url, "ann", "ben");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  await ben.api.joinRoom(room);
  for (const content of ["old 1", "old 2"]) await ann.api.sendMessage(room, { content });
  const copy = join(dataDir, "copy");
  const { chat, cut } = deviceOf(ben, server.url);
  const shown: string[] = [];
  const texts = () => (chat.room(room).log?.messages ?? []).map(({ content }) => content);
  chat.subscribe(() => shown.push(texts().join()));
  chat.start();
  try {
    await chat.openRoom(room);
    await operator.does("backup", copy);
    for (const content of ["lost 1", "lost 2"]) await ann.api.sendMessage(room, { content });
    await eventually(() => expect(texts()).toHaveLength(4));
    const running = await operator.says("restore", copy, "--replace");
    expect(running).toMatchObject({ code: 1, out: "" });
    expect(running.errors).toMatch(/in use by a Parlour server on port \d+ \(process \d+, since .*\)/);

    const { epoch } = chat.replica;
    await server.stop();
    chat.send(room, "written while it was down");
    cut();
    await operator.does("restore", copy, "--replace");
    await server.restart();
    const wanted = ["old 1", "old 2", "written while it was down"];
    await eventually(() => {
      expect(texts()).toEqual(wanted);
      expect(chat.room(room).pending).toEqual([]);
    }, 15_000);
    expect(chat.replica.epoch).not.toBe(epoch);
    await ann.api.sendMessage(room, { content: "new" });
    await eventually(() => expect(texts()).toEqual([...wanted, "new"]));
    expect(chat.room(room).log?.messages).toEqual((await ann.api.messages(room)).items);
    expect(shown.filter((each) => each.includes("lost") && /new|written/.test(each))).toEqual([]);
  } finally {
    chat.stop();
  }
}, 60_000);

for (const kind of ["sqlite", "postgres"] as const) {
  test(`on ${kind}, a backup of twelve people who all talk is restored, and all their devices end with one history`, async () => {
    const { dataDir, url, operator } = await placeOn(kind);
    await using server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: url, RATE_LIMITS: "off" });
    const everybody = await people(server.url, ...Array.from({ length: 12 }, (_, at) => `person ${at}`));
    const [first] = everybody;
    const { id: room } = (await first?.api.createRoom({ name: "hall" })) ?? { id: 0 };
    const devices = everybody.map((each) => deviceOf(each, server.url));
    const epochs = () => new Set(devices.map(({ chat }) => chat.replica.epoch));
    for (const each of everybody.slice(1)) await each.api.joinRoom(room);
    for (const { chat } of devices) {
      chat.start();
      await chat.openRoom(room);
    }
    let said = 0;
    const talking = setInterval(() => {
      for (const { chat } of devices) chat.send(room, `message ${++said}`);
    }, 20);
    try {
      const copy = join(dataDir, "copy");
      const before = server.store.epoch;
      await operator.does("backup", copy);
      await server.stop();
      // They go on talking to nobody; what they say now waits with them.
      await eventually(() => operator.does("restore", copy, "--replace").then(() => {}));
      clearInterval(talking);
      await server.restart();
      const after = server.store.epoch;
      expect(after).not.toBe(before);
      const page = async () => (await first?.api.messages(room, { limit: 50 }))?.items ?? [];
      await eventually(async () => {
        expect(epochs()).toEqual(new Set([after]));
        const last = (await page()).at(-1);
        for (const { chat } of devices) {
          expect(chat.room(room).pending).toEqual([]);
          expect(chat.room(room).log?.messages.at(-1)).toEqual(last as never);
        }
      }, 20_000);
      const stored = await page();
      for (const { chat } of devices) {
        const held = chat.room(room).log?.messages ?? [];
        expect(held.slice(-50)).toEqual(stored.slice(-held.length));
        expect(new Set(held.map(({ content }) => content)).size).toBe(held.length);
      }
    } finally {
      clearInterval(talking);
      for (const { chat } of devices) chat.stop();
    }
  }, 60_000);
}

test("in PostgreSQL what was there is kept beside it, and a restore under a server that runs elsewhere is refused", async () => {
  const { dataDir, url, operator } = await placeOn("postgres");
  const opened = await openAt(url);
  await furnish(opened.store, 100);
  const copy = join(dataDir, "copy");
  await operator.does("backup", copy);
  await opened.send(1, 1, "after", "after it");
  const said = await operator.says("restore", copy, "--replace");
  expect(said.errors).toMatch(/is in use by \d+ connections from 127\.0\.0\.1\. Stop every server on it first/);
  await opened[Symbol.asyncDispose]();
  await eventually(() => operator.does("restore", copy, "--replace").then(() => {}));
  const counted = await (await testPostgres()).sql(
    new URL(url).pathname.slice(1),
    "SELECT (SELECT count(*) FROM parlour.messages), (SELECT count(*) FROM parlour_replaced.messages)",
  );
  expect(counted).toBe("100|101");
}, 60_000);

test("a server that is started while a restore is under way keeps what it runs on", async () => {
  const url = await (await testPostgres()).createDatabase();
  const before = await openAt(url);
  await furnish(before.store, 10);
  await before[Symbol.asyncDispose]();
  const { database } = parseConfig({ DATABASE_URL: url });
  if (database.kind !== "postgres") throw new Error("The database is PostgreSQL.");
  const making = { address: database.address, now: 1, schema: SCHEMA, replaces: true, goesOn: false } as const;
  let record = await makePostgresRecord(making);
  const opened = await openAt(url);
  expect(await opened.send(1, 1, "meanwhile", "meanwhile")).toBeArray();
  await expect(record.finish()).rejects.toThrow("is in use by");
  await record.close();
  expect(await opened.send(1, 1, "behind", "behind")).toBeArray();
  await opened[Symbol.asyncDispose]();
  await eventually(async () => {
    record = await makePostgresRecord(making);
    await record.finish();
  });
}, 60_000);

test("what a killed server left in its -wal is kept with the old file and never read into the restored one", async () => {
  const { dataDir, url, operator } = await placeOn("sqlite");
  const opened = await openAt(url);
  await furnish(opened.store, 50);
  const copy = join(dataDir, "copy");
  await operator.does("backup", copy);
  await opened.send(1, 1, "lost", "only in the log beside it");
  // As a kill leaves it: the file without what was said last, and that in its -wal.
  const killed = newFolder();
  for (const ending of ["", "-wal"]) cpSync(join(dataDir, `parlour.db${ending}`), join(killed, `parlour.db${ending}`));
  await opened[Symbol.asyncDispose]();
  expect(statSync(join(killed, "parlour.db-wal")).size).toBeGreaterThan(0);

  await new Operator({ DATA_DIR: killed }).does("restore", copy, "--replace");
  expect(readdirSync(killed).filter((name) => /-(wal|shm)$/.test(name))).toEqual(["parlour.db.replaced-wal"]);
  const count = (name: string) => {
    const db = new Database(join(killed, name));
    const found = db.query<{ count: number }, []>("SELECT count(*) AS count FROM messages").get()?.count;
    db.close();
    return found;
  };
  expect([count("parlour.db"), count("parlour.db.replaced")]).toEqual([50, 51]);
}, 30_000);

test("a backup that did not come to its end, or was damaged since, is refused and changes nothing", async () => {
  const { dataDir, url, operator } = await placeOn("sqlite");
  const opened = await openAt(url);
  await furnish(opened.store, 2_000);
  await opened[Symbol.asyncDispose]();
  const copy = join(dataDir, "copy");
  await operator.does("backup", copy);
  const damage: [string, (folder: string) => void, RegExp][] = [
    ["no manifest", (folder) => Bun.spawnSync(["rm", join(folder, "manifest.json")]), /not a whole backup/],
    ["cut", (folder) => truncateSync(join(folder, "tables/messages.jsonl.gz"), 9_000), /damaged: messages/],
    [
      "other rows",
      (folder) => writeFileSync(join(folder, "tables/log.jsonl.gz"), Bun.gzipSync("[1]\n")),
      /damaged: log/,
    ],
    ["a table gone", (folder) => Bun.spawnSync(["rm", join(folder, "tables/users.jsonl.gz")]), /damaged: users/],
  ];
  const target = await placeOn("sqlite");
  for (const [name, harm, words] of damage) {
    const harmed = join(dataDir, name);
    cpSync(copy, harmed, { recursive: true });
    harm(harmed);
    const said = await target.operator.says("restore", harmed);
    expect([said.code, said.errors]).toEqual([1, expect.stringMatching(words)]);
    expect(existsSync(join(target.dataDir, "parlour.db"))).toBe(false);
  }
  await target.operator.does("restore", copy);

  const killed = operator.start("backup", join(dataDir, "killed"));
  await eventually(() => expect(existsSync(join(dataDir, "killed.part"))).toBe(true));
  killed.kill("SIGKILL");
  await killed.exited;
  if (!existsSync(join(dataDir, "killed"))) {
    expect((await target.operator.says("restore", join(dataDir, "killed.part"))).errors).toContain(
      "not a whole backup",
    );
  }
}, 60_000);

test("a backup is for its owner alone, says what is inside, and takes the place of another only when it is told to", async () => {
  const { dataDir, url, operator } = await placeOn("sqlite");
  await using server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: url });
  await people(server.url, "ann");
  const copy = join(dataDir, "copy");
  expect(await operator.does("backup", copy)).toContain("It holds the secret");
  for (const name of readdirSync(copy, { recursive: true, encoding: "utf8" })) {
    expect(statSync(join(copy, name)).mode & 0o077).toBe(0);
  }
  expect(readFileSync(join(copy, "secret"), "utf8")).toBe(readFileSync(join(dataDir, "secret"), "utf8").trim());
  expect(JSON.stringify(manifestOf(copy))).not.toContain(readFileSync(join(copy, "secret"), "utf8"));
  expect((await operator.says("backup", copy)).errors).toContain("--force");
  await operator.does("backup", copy, "--force");
  expect(readdirSync(dataDir).filter((name) => name.startsWith("copy"))).toEqual(["copy"]);
  expect((await operator.says("backup", dataDir)).errors).toContain("is no backup");

  const owned = new Operator({
    DATA_DIR: dataDir,
    DATABASE_URL: url,
    SECRET_KEY: "a secret that is kept elsewhere, and long",
  });
  expect(await owned.does("backup", join(dataDir, "without"))).toContain("does not hold SECRET_KEY");
  expect(existsSync(join(dataDir, "without/secret"))).toBe(false);
  const there = await placeOn("sqlite");
  expect(await there.operator.does("restore", join(dataDir, "without"))).toContain("everybody has to log in again");
});

test("who was logged in when a backup was made goes on with it on another machine", async () => {
  const here = await placeOn("sqlite");
  const there = await placeOn("sqlite");
  await using server = await startTestServer({ DATA_DIR: here.dataDir, DATABASE_URL: here.url });
  const [ann] = await people(server.url, "ann");
  const token = await ann.token();
  await here.operator.does("backup", join(here.dataDir, "copy"));
  await there.operator.does("restore", join(here.dataDir, "copy"));
  await using other = await startTestServer({ DATA_DIR: there.dataDir, DATABASE_URL: there.url });
  expect((await askApi(other.url, "GET", "/me", { token })).status).toBe(200);
});

test("a backup of an older schema is put into the tables of that time, and the next start brings them to its own", async () => {
  const { dataDir, url, operator } = await placeOn("sqlite");
  const db = new Database(join(dataDir, "parlour.db"), { create: true });
  db.run("PRAGMA journal_mode = WAL");
  migrate(db, "", 1, 1);
  db.run("INSERT INTO house VALUES (1, 'old epoch', 1, 1)");
  db.run(
    "INSERT INTO users (id, username, username_key, password_hash, role, created_at) VALUES (7, 'ann', 'ann', '', 'admin', 1)",
  );
  db.close();
  const copy = join(dataDir, "copy");
  await operator.does("backup", copy);
  expect(manifestOf(copy).schema).toBe(1);
  for (const kind of ["sqlite", "postgres"] as const) {
    const there = await placeOn(kind);
    await there.operator.does("restore", copy);
    await using opened = await openAt(there.url);
    expect((await opened.store.read("what-is-here", { userId: 0 })).names).toEqual(["ann"]);
  }
  writeFileSync(join(copy, "manifest.json"), JSON.stringify({ ...manifestOf(copy), schema: 1_000 }));
  expect((await operator.says("restore", copy, "--replace")).errors).toContain("needs schema 1000");
  expect(url).toContain("sqlite");
}, 60_000);
