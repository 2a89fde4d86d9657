import { expect, test } from "bun:test";
import { SCHEMA } from "#server/store/sqlite/migrate.ts";
import { NOBODY } from "#server/store/store.ts";
import { eventually } from "#tests/support/eventually.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { account, logOf, type Opened, openAt, room } from "./open.ts";

/** Several stores on one PostgreSQL, as nodes are. */

async function nodes(count: number): Promise<{ url: string; opened: Opened[] } & AsyncDisposable> {
  const url = await (await testPostgres()).createDatabase();
  const opened = await Promise.all(Array.from({ length: count }, () => openAt(url)));
  return {
    url,
    opened,
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each[Symbol.asyncDispose]();
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => at + 1);

test("ten that open an empty database at once make its tables once and have one history", async () => {
  await using all = await nodes(10);
  expect(new Set(all.opened.map(({ store }) => store.epoch)).size).toBe(1);
  const sql = "SELECT max(version) FROM parlour.schema_versions";
  expect(await (await testPostgres()).sql(databaseIn(all.url), sql)).toBe(String(SCHEMA));
});

test("sends by two nodes into the same rooms get one order without a gap, and each nonce once", async () => {
  await using both = await nodes(2);
  const [one, two] = both.opened as [Opened, Opened];
  const users = [await account(one.store), await account(one.store)] as const;
  const rooms = [];
  for (let made = 0; made < 6; made++) rooms.push(await room(one.store, users));
  const sends = [];
  for (let at = 0; at < 1_200; at++) {
    const to = rooms[at % rooms.length] ?? 0;
    // Every third is sent to both, as by somebody whose line broke before the answer.
    if (at % 3 !== 2) sends.push(one.send(to, users[0], `nonce ${at}`, `text ${at}`));
    if (at % 3 !== 1) sends.push(two.send(to, users[0], `nonce ${at}`, `text ${at}`));
    if (at % 100 === 0) await Promise.race(sends.slice(-1));
  }
  const outcomes = await Promise.all(sends);
  expect(outcomes.filter((outcome) => typeof outcome === "string")).toEqual([]);
  for (const roomId of rooms) {
    const stored = await logOf(two.store, users[1], roomId);
    expect(stored.map((message) => message.n)).toEqual(numbers(200));
    expect(new Set(stored.map((message) => message.content)).size).toBe(200);
    const told = [one, two].map(({ told: all }) =>
      all.flatMap((tell) => (tell.to === "message" && tell.roomId === roomId ? [tell.sent[2]] : [])),
    );
    for (const heard of told) expect(heard).toEqual(heard.toSorted((a, b) => a - b));
    expect(told.flat().toSorted((a, b) => a - b)).toEqual(numbers(200));
  }
});

test("two nodes whose people are added and renamed crosswise get in each other's way and both get through", async () => {
  await using both = await nodes(2);
  const [one, two] = both.opened as [Opened, Opened];
  const ann = await account(one.store);
  const many = await Promise.all(Array.from({ length: 8 }, () => account(one.store)));
  const rooms: number[] = [];
  for (let made = 0; made < 8; made++) rooms.push(await room(one.store, [ann]));
  for (let round = 0; round < 4; round++) {
    await Promise.all([
      ...rooms.map((roomId) => one.store.write("add-members", { userId: ann }, { roomId, userIds: many })),
      ...rooms.map((roomId) => two.store.write("add-members", { userId: ann }, { roomId, userIds: many.toReversed() })),
      ...rooms.map((roomId, at) =>
        two.store.write("change-room", { userId: ann }, { roomId, description: `${round} ${at}` }),
      ),
      ...rooms.map((roomId) => one.send(roomId, ann, null, `in round ${round}`)),
    ]);
    await Promise.all(
      rooms.flatMap((roomId, at) =>
        many.map((userId) => (at % 2 ? one : two).store.write("remove-member", { userId: ann }, { roomId, userId })),
      ),
    );
  }
  for (const roomId of rooms) {
    const { member_count } = await one.store.read("room", { userId: ann }, { roomId });
    expect(member_count).toBe(1);
    expect((await logOf(two.store, ann, roomId)).map((message) => message.n)).toEqual(numbers(4));
  }
}, 30_000);

test("whoever is removed by one node cannot send by the other from that seq on", async () => {
  await using both = await nodes(2);
  const [one, two] = both.opened as [Opened, Opened];
  const [ann, ben] = [await account(one.store), await account(one.store)];
  const here = await room(one.store, [ann, ben]);
  for (let trial = 0; trial < 30; trial++) {
    const sends = Array.from({ length: 20 }, (_, at) => two.send(here, ben, `${trial} ${at}`, "still here?"));
    await one.store.write("remove-member", { userId: ann }, { roomId: here, userId: ben });
    const outcomes = await Promise.all([...sends, two.send(here, ben, `${trial} late`, "too late")]);
    expect(outcomes.at(-1)).toBe("removed");
    const removed = one.told.findLast((tell) => tell.to === "room" && tell.event.type === "member.removed");
    const removedAt = removed?.to === "room" ? removed.event.seq : 0;
    const seqs = outcomes.flatMap((outcome) => (typeof outcome === "string" ? [] : [outcome[1]]));
    expect(Math.max(0, ...seqs)).toBeLessThan(removedAt);
    await one.store.write("add-members", { userId: ann }, { roomId: here, userIds: [ben] });
  }
});

test("two nodes to which the first two people come at once have one admin between them", async () => {
  for (let trial = 0; trial < 5; trial++) {
    await using both = await nodes(2);
    await Promise.all(both.opened.map(({ store }) => account(store)));
    const { items } = await both.opened[0]!.store.read("list-users", NOBODY, { after: 0, limit: 10, now: 0 });
    expect(items.map((user) => user.role).toSorted()).toEqual(["admin", "user"]);
  }
});

test("a ban that is made anew while old ones are lifted stays", async () => {
  await using all = await nodes(1);
  const [{ store }] = all.opened as [Opened];
  const [ann, first, second] = [await account(store), await account(store), await account(store)];
  const [one, other] = [await room(store, [ann, first]), await room(store, [ann, second])];
  const by = { userId: ann };
  const until = new Date(Date.now() + 300).toISOString();
  await store.write("ban", by, { roomId: one, user_id: first, until });
  await store.write("ban", by, { roomId: other, user_id: second, until });
  const postgres = await testPostgres();
  const sql = (text: string) => postgres.sql(databaseIn(all.url), `SET search_path = parlour; ${text}`);
  await eventually(() => expect(Date.now()).toBeGreaterThan(Date.parse(until)));
  // Somebody holds the first row, so that the lifting has read both and waits.
  const held = sql(`BEGIN; SELECT 1 FROM members WHERE room_id = ${one} AND user_id = ${first} FOR UPDATE;
    SELECT pg_sleep(1); COMMIT`);
  await eventually(async () => expect(await waiting(sql, "PgSleep")).toBe("1"));
  const lifting = store.write("lift-bans", NOBODY);
  await eventually(async () => expect(await waiting(sql, "transactionid")).toBe("1"));
  await store.write("ban", by, { roomId: other, user_id: second, until: null });
  await Promise.all([held, lifting]);
  expect(await sql(`SELECT state FROM members WHERE room_id = ${other} AND user_id = ${second}`)).toContain("removed");
  expect(await sql(`SELECT state FROM members WHERE room_id = ${one} AND user_id = ${first}`)).toContain("left");
});

test("whoever blocks somebody waits for nothing that is done in their talk at the same time", async () => {
  await using all = await nodes(1);
  const [{ store }] = all.opened as [Opened];
  const [ann, ben] = [await account(store), await account(store)];
  const by = { userId: ann };
  const { id } = await store.write("open-direct", by, { user_ids: [ben] });
  for (const content of ["one", "two"])
    await store.write("send-reply", { userId: ben }, { roomId: id, nonce: null, content });
  const postgres = await testPostgres();
  const sql = (text: string) => postgres.sql(databaseIn(all.url), text);
  const held = sql(`BEGIN; SELECT 1 FROM parlour.users WHERE id = ${ann} FOR UPDATE; SELECT pg_sleep(0.5); COMMIT`);
  await eventually(async () => expect(await waiting(sql, "PgSleep")).toBe("1"));
  const blocking = store.write("block", by, { userId: ben });
  await eventually(async () => expect(await waiting(sql, "transactionid")).toBe("1"));
  const reading = store.write("mark-read", by, { roomId: id, seq: 2 });
  await Promise.all([held, blocking, reading]);
  expect(await sql("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")).toBe("0");
});

function waiting(sql: (text: string) => Promise<string>, what: string): Promise<string> {
  const text = `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = '${what}'`;
  return sql(text).then((answer) => answer.split("\n").at(-1) ?? "");
}
