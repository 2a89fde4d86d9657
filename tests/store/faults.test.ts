import { expect, test } from "bun:test";
import { SQL } from "bun";
import type { SendOutcome } from "#server/messages/send-message.ts";
import { NOBODY } from "#server/store/store.ts";
import { eventually } from "#tests/support/eventually.ts";
import { lateAnswers } from "#tests/support/late-answers.ts";
import { databaseIn, testPostgres } from "#tests/support/postgres.ts";
import { account, logOf, type Opened, openAt, room } from "./open.ts";

/** PostgreSQL goes away, comes back, loses connections and refuses to write, while people talk. */

interface Scene extends AsyncDisposable {
  database: string;
  url: string;
  opened: Opened;
  ann: number;
  rooms: number[];
}

async function scene(roomCount = 5): Promise<Scene> {
  const url = await (await testPostgres()).createDatabase();
  const opened = await openAt(url);
  const ann = await account(opened.store);
  const rooms = [];
  for (let made = 0; made < roomCount; made++) rooms.push(await room(opened.store, [ann]));
  return {
    database: databaseIn(url),
    url,
    opened,
    ann,
    rooms,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

const END_ALL =
  "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";

interface Talk {
  outcomes: Map<string, SendOutcome>;
  end(): Promise<void>;
}

/** Sends without pause, half of it without a nonce. */
function talk({ opened, ann, rooms }: Scene): Talk & AsyncDisposable {
  const outcomes = new Map<string, SendOutcome>();
  let going = true;
  const speakers = Array.from({ length: 10 }, async (_, speaker) => {
    for (let at = 0; going; at++) {
      const content = `${speaker} says ${at}`;
      outcomes.set(
        content,
        await opened.send(rooms[speaker % rooms.length] ?? 0, ann, at % 2 ? content : null, content),
      );
      if (typeof outcomes.get(content) === "string") await Bun.sleep(5);
    }
  });
  const end = async () => {
    going = false;
    await Promise.all(speakers);
  };
  return { outcomes, end, [Symbol.asyncDispose]: end };
}

/** What was acknowledged is there, at its place, once, and was told once; what was refused is not there. */
async function expectTrue({ opened, ann, rooms }: Scene, { outcomes }: Talk): Promise<void> {
  const stored = new Map<string, number>();
  for (const roomId of rooms) {
    const log = await logOf(opened.store, ann, roomId);
    expect(log.map((message) => message.n)).toEqual(log.map((_, at) => at + 1));
    for (const message of log) {
      expect(stored.has(message.content)).toBe(false);
      stored.set(message.content, message.seq);
    }
    const told = opened.told.flatMap((tell) => (tell.to === "message" && tell.roomId === roomId ? [tell.sent[1]] : []));
    expect(told).toEqual(log.map((message) => message.seq));
  }
  const refused = [...outcomes].filter(([, outcome]) => typeof outcome === "string");
  expect(refused.filter(([, outcome]) => outcome !== "unavailable")).toEqual([]);
  expect(refused.filter(([content]) => stored.has(content))).toEqual([]);
  for (const [content, outcome] of outcomes) {
    if (typeof outcome !== "string") expect([content, stored.get(content)]).toEqual([content, outcome[1]]);
  }
  expect(stored.size).toBe(outcomes.size - refused.length);
}

test("connections that are cut again and again lose and double nothing, and nobody is refused for it", async () => {
  await using it = await scene();
  const postgres = await testPostgres();
  await using talking = talk(it);
  for (let cut = 0; cut < 12; cut++) {
    await Bun.sleep(40);
    await postgres.sql(it.database, END_ALL);
  }
  await talking.end();
  expect(talking.outcomes.size).toBeGreaterThan(100);
  await expectTrue(it, talking);
  expect([...talking.outcomes.values()].filter((outcome) => outcome === "unavailable")).toEqual([]);
}, 60_000);

test("actions whose connection is cut are done once or not at all, as their answer says", async () => {
  await using it = await scene(1);
  const postgres = await testPostgres();
  let going = true;
  const cutting = (async () => {
    for (; going; await Bun.sleep(7)) await postgres.sql(it.database, END_ALL);
  })();
  const made: string[] = [];
  const refused: string[] = [];
  for (let at = 0; at < 60; at++) {
    const name = `made ${at}`;
    await it.opened.store.write("create-room", { userId: it.ann }, { name, setting: "everyone" }).then(
      () => made.push(name),
      () => refused.push(name),
    );
  }
  going = false;
  await cutting;
  const { items } = await it.opened.store.read("list-rooms", { userId: it.ann }, { after: 0, limit: 100, mine: true });
  const names = items.map((each) => each.name).filter((name) => name.startsWith("made"));
  expect(names).toEqual(made);
  expect(made.length + refused.length).toBe(60);
}, 60_000);

test("a database that is killed and started again has all that was acknowledged, and goes on", async () => {
  const postgres = await testPostgres();
  if (!postgres.own) return; // Somebody else's server is not ours to kill.
  await using it = await scene();
  await using talking = talk(it);
  // Also when this fails: the other tests need it.
  await using _ = { [Symbol.asyncDispose]: async () => void (await postgres.own?.start().catch(() => {})) };
  for (const mode of ["immediate", "fast"] as const) {
    await Bun.sleep(150);
    await postgres.own.stop(mode);
    // While it is away a send is refused within moments, and a read as well.
    for (const roomId of it.rooms) expect(await it.opened.send(roomId, it.ann, null, "while away")).toBe("unavailable");
    await expect(it.opened.store.read("page", { userId: it.ann }, page(it.rooms[0] ?? 0))).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(
      it.opened.store.write("create-room", { userId: it.ann }, { name: "no", setting: "everyone" }),
    ).rejects.toMatchObject({ code: "unavailable" });
    await postgres.own.start();
    const before = talking.outcomes.size;
    await eventually(() => {
      const since = [...talking.outcomes.values()].slice(before);
      expect(since.filter((outcome) => typeof outcome !== "string").length).toBeGreaterThan(20);
    }, 12_000);
  }
  await talking.end();
  await eventually(async () => void (await logOf(it.opened.store, it.ann, it.rooms[0] ?? 0)), 5_000);
  await expectTrue(it, talking);
}, 60_000);

test("a read-only database is read, and a send is refused with unavailable until it can be written", async () => {
  await using it = await scene();
  const postgres = await testPostgres();
  const [here = 0] = it.rooms;
  await it.opened.send(here, it.ann, null, "before");
  const set = (value: string) =>
    postgres.sql("postgres", `ALTER DATABASE ${it.database} SET default_transaction_read_only = ${value}`);
  await set("on");
  await postgres.sql(it.database, END_ALL);
  // What is said on a line of which nobody has noticed yet that it ended is unknown, and rightly so.
  await Bun.sleep(100);
  expect(await it.opened.send(here, it.ann, "kept back", "meanwhile")).toBe("unavailable");
  await expect(
    it.opened.store.write("create-room", { userId: it.ann }, { name: "no", setting: "everyone" }),
  ).rejects.toMatchObject({ code: "unavailable" });
  expect((await logOf(it.opened.store, it.ann, here)).map((message) => message.content)).toEqual(["before"]);
  // A node that starts meanwhile reads as well.
  await using second = await openAt(it.url);
  expect(await logOf(second.store, it.ann, here)).toHaveLength(1);
  // Nobody ends the connections that it was read-only for.
  await set("off");
  expect(await it.opened.send(here, it.ann, "kept back", "meanwhile")).toBeArray();
  expect((await logOf(second.store, it.ann, here)).map((message) => message.n)).toEqual([1, 2]);
});

test("a deadlock with somebody else is gone through", async () => {
  await using it = await scene(8);
  const [low = 0, , , , high = 0] = it.rooms;
  const other = new SQL(it.url, { max: 1 });
  const held = await other.reserve();
  await held.unsafe(
    `BEGIN; SET LOCAL deadlock_timeout = '10s'; SELECT 1 FROM parlour.rooms WHERE id = ${high} FOR UPDATE`,
  );
  // Both are of one lane and go as one batch, which waits with the lower one in its hand.
  const sends = [it.opened.send(low, it.ann, "low", "low"), it.opened.send(high, it.ann, "high", "high")];
  await Bun.sleep(100);
  const crossed = held.unsafe(`SELECT 1 FROM parlour.rooms WHERE id = ${low} FOR UPDATE`);
  await crossed;
  await held.unsafe("COMMIT");
  held.release();
  await other.close();
  expect((await Promise.all(sends)).every(Array.isArray)).toBe(true);
  expect(await logOf(it.opened.store, it.ann, low)).toHaveLength(1);
});

test("a row that somebody holds for ever delays its own room for seconds and then is said to be unavailable", async () => {
  await using it = await scene(5);
  const [held = 0, free = 0] = it.rooms;
  const other = new SQL(it.url, { max: 1 });
  const holder = await other.reserve();
  await holder.unsafe(`BEGIN; SELECT 1 FROM parlour.rooms WHERE id = ${held} FOR UPDATE`);
  const stuck = it.opened.send(held, it.ann, "stuck", "stuck");
  expect(await it.opened.send(free, it.ann, "free", "free")).toBeArray();
  expect(await stuck).toBe("unavailable");
  await holder.unsafe("ROLLBACK");
  holder.release();
  await other.close();
  expect(await it.opened.send(held, it.ann, "stuck", "stuck")).toBeArray();
}, 20_000);

test.each([
  ["ALTER DATABASE it SET synchronous_commit = off", /^PostgreSQL keeps synchronous_commit at off: .*\.$/],
  [
    "CREATE SCHEMA parlour; CREATE TABLE parlour.schema_versions AS SELECT 99 AS version, 99 AS needs, 1 AS at; CREATE TABLE parlour.house (one int, epoch text)",
    /^The database was changed by a newer Parlour: it needs schema 99/,
  ],
] as const)(
  "a database that is not safe or not ours to change stops the start with one line (%#)",
  async (sql, line) => {
    const postgres = await testPostgres();
    const url = await postgres.createDatabase();
    await postgres.sql(databaseIn(url), sql.replace("DATABASE it", `DATABASE ${databaseIn(url)}`));
    await expect(openAt(url)).rejects.toThrow(line);
  },
);

test("a wrong name, a wrong encoding and an older server's tables beside ours are told in one line or left alone", async () => {
  const postgres = await testPostgres();
  const url = await postgres.createDatabase();
  const missing = new URL(url);
  missing.pathname = "/not_there";
  await expect(openAt(missing.href)).rejects.toThrow(/^There is no database "not_there" at .*\.$/);
  await postgres.sql(
    "postgres",
    `CREATE DATABASE ${databaseIn(url)}_old ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`,
  );
  await expect(openAt(`${url}_old`)).rejects.toThrow(/^The database is encoded as LATIN1: it must be UTF8/);
  await postgres.sql(
    databaseIn(url),
    "CREATE TABLE public.users (id int, name text); INSERT INTO public.users VALUES (7, 'theirs')",
  );
  await using opened = await openAt(url);
  await account(opened.store);
  expect(await postgres.sql(databaseIn(url), "SELECT * FROM public.users")).toBe("7|theirs");
});

function page(roomId: number) {
  return { roomId, place: { from: "newest" as const }, limit: 10 };
}

test("a batch whose answer is overtaken by a later action's is told before it all the same", async () => {
  const url = await (await testPostgres()).createDatabase();
  await using late = await lateAnswers(url, /send_batch/, 150);
  await using opened = await openAt(late.url);
  const { store, send, told } = opened;
  const ann = await account(store);
  const id = await room(store, [ann]);
  const sessionId = "ann's";
  await store.write("start-session", NOBODY, { userId: ann, sessionId, client: "test", proven: null, rehash: null });
  for (let round = 0; round < 3; round++) {
    const sent = send(id, ann, null, `said in round ${round}`);
    await eventually(async () => expect((await logOf(store, ann, id)).length).toBe(round + 1));
    await store.write("change-user", { userId: ann }, { userId: ann, username: `ann${round}`, sessionId });
    await sent;
  }
  const seqs = told.flatMap((tell) =>
    tell.to === "message" ? [tell.sent[1]] : tell.to === "room" ? [tell.event.seq] : [],
  );
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
  expect(seqs.length).toBeGreaterThanOrEqual(6);
}, 30_000);
