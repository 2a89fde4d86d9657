import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";
import { startCluster, type TestCluster } from "./start-cluster.ts";
import { WorseBus } from "./worse-bus.ts";

/** What everybody must have heard when no hint reaches anybody: a question every second and a half, and its answer. */
const HEALED = 2_000;

let cluster: TestCluster;
let a: TestServer;
let c: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;
let epoch = "";
const died: string[] = [];

beforeAll(async () => {
  const mute = (bus: ConstructorParameters<typeof WorseBus>[0]) => new WorseBus(bus, { loses: 1 });
  cluster = await startCluster(2, { bus: mute, died: (why) => died.push(why) });
  [a, c] = cluster.nodes as [TestServer, TestServer];
  [ann, ben, cat] = await people(a.url, "ann", "ben", "cat");
  epoch = a.store.epoch;
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function roomOfAll(name: string, kind: "public" | "private" = "private"): Promise<number> {
  const { id } = await ann.api.createRoom({ name, kind });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  return id;
}

const within = async (what: () => Promise<unknown>) => {
  const began = performance.now();
  await what();
  expect(performance.now() - began).toBeLessThan(HEALED);
};

describe("with a bus that carries nothing, what is done on one node is heard on another within two seconds", () => {
  test("every event of a room that is open, in order", async () => {
    const room = await roomOfAll("open");
    const bens = await RawSocket.ready(c.url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
    const speaker = await RawSocket.ready(a.url, await ann.token());
    const last = await sayMany(speaker, room, 300);
    await within(() => bens.hears("message", (message) => message.seq === last));
    expect(bens.all("message").map((message) => message.seq)).toEqual(Array.from({ length: 300 }, (_, at) => at + 3));
    for (const socket of [bens, speaker]) socket.close();
  });

  test("the place of a room that is listed, one's own rooms, and the house's", async () => {
    const room = await roomOfAll("listed");
    const bens = await RawSocket.ready(c.url, await ben.token());
    const speaker = await RawSocket.ready(a.url, await ann.token());
    const last = await sayMany(speaker, room, 3);
    await within(() => bens.hears("at", (at) => at.room_id === room && at.seq === last && at.n === 3));
    const more = await roomOfAll("one more");
    const made = await ann.api.createRoom({ name: "for everybody" });
    await within(() => bens.hears("me", (frame) => frame.rooms.some((row) => row.room.id === more)));
    await within(() => bens.hears("house", (frame) => frame.rooms.some((row) => row.id === made.id)));
    const spoken = await sayMany(speaker, more, 1);
    await within(() => bens.hears("at", (at) => at.room_id === more && at.seq === spoken));
    for (const socket of [bens, speaker]) socket.close();
  });

  test.each(["public", "private"] as const)("a removal from a %s room, and no event past it, ever", async (kind) => {
    const room = await roomOfAll(`removed ${kind}`, kind);
    const open = { epoch, rooms: { [room]: 2 }, open: [room] };
    const bens = await RawSocket.ready(c.url, await ben.token(), open);
    const witness = await RawSocket.ready(c.url, await cat.token(), open);
    const speaker = await RawSocket.ready(a.url, await ann.token());
    await sayMany(speaker, room, 10, "before");
    await ann.api.removeMember(room, ben.id);
    const last = await sayMany(speaker, room, 10, "behind");
    await within(() => bens.hears("closed", (closed) => closed.room_id === room));
    await witness.hears("message", (message) => message.seq === last);
    await bens.settled();
    expect(bens.all("message").map((message) => message.content)).toEqual(
      Array.from({ length: 10 }, (_, at) => `before ${at + 1}`),
    );
    for (const socket of [bens, witness, speaker]) socket.close();
  });

  test("a deleted room", async () => {
    const room = await roomOfAll("deleted");
    const bens = await RawSocket.ready(c.url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
    await ann.api.deleteRoom(room);
    await within(() => bens.hears("closed", (closed) => closed.code === "not_found"));
    bens.close();
  });

  test("the end of a session, by log-out and by deactivation, on sockets and by REST", async () => {
    const [dan, eve] = await people(a.url, "dan", "eve");
    const tokens = [await dan.token(), await eve.token()] as const;
    const rest = (token: string) =>
      fetch(`${c.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
    const sockets = [await RawSocket.ready(c.url, tokens[0]), await RawSocket.ready(c.url, tokens[1])];
    expect(await Promise.all(tokens.map(rest))).toEqual([200, 200]);
    await dan.api.logOut();
    const answer = await fetch(`${a.url}/api/v1/users/${eve.id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${await ann.token()}`, "content-type": "application/json" },
      body: JSON.stringify({ active: false }),
    });
    expect(answer.status).toBe(200);
    await within(async () => {
      for (const socket of sockets) expect((await socket.closes()).code).toBe(4401);
      await eventually(async () => expect(await Promise.all(tokens.map(rest))).toEqual([401, 401]));
    });
  });
});

test("a node that cannot ask its database for five seconds lets go of its sockets, takes none, and does so again when it can", async () => {
  const bens = await RawSocket.ready(c.url, await ben.token());
  const { read } = c.store;
  c.store.read = (async (...args: Parameters<typeof read>) => {
    if (args[0] === "heal") throw new Error("away");
    return read.apply(c.store, args);
  }) as typeof read;
  const began = performance.now();
  expect((await closes(bens)).code).toBe(4503);
  expect(performance.now() - began).toBeLessThan(6_000);
  const refused = await RawSocket.open(c.url, "/ws", await ben.token());
  expect((await refused.closes()).code).toBe(4503);
  c.store.read = read;
  await eventually(async () => {
    const again = await RawSocket.open(c.url, "/ws", await ben.token());
    again.say({ type: "hello" });
    await again.until(() => again.closed !== null || again.all("ready").length > 0);
    expect(again.closed).toBeNull();
    again.close();
  });
}, 20_000);

test("a node that is not told which sessions stand asks for each anew, so one that ended elsewhere is refused", async () => {
  const [fay] = await people(a.url, "fay");
  const token = await fay.token();
  const me = () =>
    fetch(`${c.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
  const { read } = c.store;
  c.store.read = (async (...args: Parameters<typeof read>) => {
    if (args[0] === "heal") throw new Error("late");
    return read.apply(c.store, args);
  }) as typeof read;
  try {
    expect(await me()).toBe(200);
    await fay.api.logOut();
    const began = performance.now();
    await eventually(async () => expect(await me()).toBe(401));
    expect(performance.now() - began).toBeLessThan(2_500);
  } finally {
    c.store.read = read;
  }
});

async function closes(socket: RawSocket) {
  await socket.until(() => socket.closed !== null, 8_000);
  return socket.closes();
}

test("a node whose database was put back from another copy ends, for its clients to begin anew", async () => {
  await using stored = await openStored({ dataDir: "", databaseUrl: cluster.databaseUrl });
  await stored.rows("UPDATE house SET epoch = 'of another history'");
  await eventually(() => expect(died.length).toBeGreaterThanOrEqual(2), 3_000);
  await stored.rows(`UPDATE house SET epoch = '${epoch}'`);
});
