import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster, type TestCluster } from "./start-cluster.ts";

let cluster: TestCluster;
let a: TestServer;
let b: TestServer;
let c: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;
let epoch = "";

beforeAll(async () => {
  cluster = await startCluster(3);
  [a, b, c] = cluster.nodes as [TestServer, TestServer, TestServer];
  [ann, ben, cat] = await people(a.url, "ann", "ben", "cat");
  epoch = a.store.epoch;
});
afterAll(() => cluster[Symbol.asyncDispose]());

async function roomOfAll(name: string, kind: "public" | "private" = "private"): Promise<number> {
  const { id } = await ann.api.createRoom({ name, kind });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  return id;
}

/** Runs something when the node has begun to listen for the room, and does not know yet where it stands. */
function beforeLooking({ store }: TestServer, room: number, run: () => Promise<unknown>): void {
  const { read } = store;
  store.read = (async (name: string, actor: unknown, args: { rooms: number[] }) => {
    if (name === "held" && args.rooms.includes(room)) {
      store.read = read;
      await run();
    }
    return Reflect.apply(read, store, [name, actor, args]);
  }) as typeof read;
}

const seqsOf = (socket: RawSocket, roomId: number) =>
  socket
    .all("message")
    .filter((message) => message.room_id === roomId)
    .map((message) => message.seq);

describe("a room that is open on several nodes", () => {
  test("is heard everywhere, in one order and nothing twice, whoever speaks where", async () => {
    const room = await roomOfAll("all speak at once");
    const sockets = await Promise.all([
      RawSocket.ready(a.url, await ann.token(), { epoch, rooms: { [room]: 2 }, open: [room] }),
      RawSocket.ready(b.url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] }),
      RawSocket.ready(c.url, await cat.token(), { epoch, rooms: { [room]: 2 }, open: [room] }),
    ]);
    await Promise.all(sockets.map((socket, at) => sayMany(socket, room, 200, `from ${at}`)));
    const all = Array.from({ length: 600 }, (_, at) => at + 3);
    for (const socket of sockets) {
      await socket.hears("message", (message) => message.seq === 602);
      expect(seqsOf(socket, room)).toEqual(all);
    }
    const [first, ...others] = sockets.map((socket) =>
      socket.all("message").map((message) => `${message.seq} ${message.content} ${message.username}`),
    );
    for (const other of others) expect(other).toEqual(first ?? []);
    for (const socket of sockets) socket.close();
  });

  test("is opened on a node that had nothing of it while others speak, without a hole and nothing twice", async () => {
    const room = await roomOfAll("opened in the midst");
    const speaker = await RawSocket.ready(a.url, await ann.token());
    let newest = await sayMany(speaker, room, 60);
    let isTalking = true;
    const talk = (async () => {
      while (isTalking) newest = await sayMany(speaker, room, 5, "on");
    })();
    for (let trial = 0; trial < 12; trial++) {
      const socket = await RawSocket.ready(trial % 2 ? b.url : c.url, await cat.token());
      const from = newest - 50;
      socket.say({ type: "open", room_id: room, epoch, seq: from });
      await socket.hears("opened");
      await socket.until(() => seqsOf(socket, room).length > 60);
      const seqs = seqsOf(socket, room);
      expect(seqs).toEqual(seqs.map((_, at) => from + 1 + at));
      socket.close();
    }
    isTalking = false;
    await talk;
    speaker.close();
  });
});

test("a room that is only listed tells its places on other nodes, and own messages as own", async () => {
  const room = await roomOfAll("listed");
  const bens = await RawSocket.ready(b.url, await ben.token());
  const anns = await RawSocket.ready(c.url, await ann.token());
  const speaker = await RawSocket.ready(a.url, await ann.token());
  const last = await sayMany(speaker, room, 7);
  await bens.hears("at", (at) => at.room_id === room && at.seq === last && at.n === 7);
  await anns.hears("at", (at) => at.room_id === room && at.seq === last && at.own === true);
  expect(bens.all("at").filter((at) => at.room_id === room && at.own)).toEqual([]);
  for (const socket of [bens, anns, speaker]) socket.close();
});

test("who lists a room hears that all are called, and their own call as their own, whoever has it open there", async () => {
  const room = await roomOfAll("called");
  const open = { epoch, rooms: { [room]: 2 }, open: [room] };
  const beside = await RawSocket.ready(b.url, await cat.token(), open);
  const lists = await RawSocket.ready(b.url, await ben.token());
  const [others, own] = [
    await RawSocket.ready(c.url, await ann.token()),
    await RawSocket.ready(b.url, await ann.token()),
  ];
  const speaker = await RawSocket.ready(a.url, await ann.token(), open);
  speaker.say({ type: "send", room_id: room, nonce: "a call", content: "@room come here" });
  const { id, seq } = await speaker.hears("ack");
  await beside.hears("message", (message) => message.id === id);
  for (const socket of [lists, others, own]) {
    await socket.hears("at", (at) => at.seq === seq && at.called?.id === id);
  }
  for (const socket of [others, own]) await socket.hears("at", (at) => at.seq === seq && at.own === true);
  for (const socket of [beside, lists, others, own, speaker]) socket.close();
});

test("what is deleted after a newcomer's rooms were read, and before their node looks at the room, is told to them", async () => {
  const room = await roomOfAll("deleted meanwhile");
  const { id } = await ann.api.sendMessage(room, { content: "not for long" });
  const { store } = c;
  const { readText } = store;
  store.readText = (async (name: "my-rooms", ...rest: [never, never]) => {
    const text = await readText.call(store, name, ...rest);
    if (name !== "my-rooms") return text;
    store.readText = readText;
    await ann.api.deleteMessage(id);
    return text;
  }) as typeof readText;
  const bens = await RawSocket.ready(c.url, await ben.token());
  await bens.hears("at", (at) => at.room_id === room && at.gone?.n === 1);
  bens.close();
});

test("who is put out and let in again before their node looks at the room hears where it stands", async () => {
  const { id: room } = await ann.api.createRoom({ name: "out and in meanwhile", kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  const cats = await RawSocket.ready(c.url, await cat.token());
  beforeLooking(c, room, async () => {
    await ann.api.removeMember(room, ben.id);
    await ann.api.addMembers(room, [ben.id]);
    // What the bus carries from one node to another is heard in order.
    const { id } = await cat.api.createRoom({ name: "said behind", kind: "private" });
    await cats.hears("me", (frame) => frame.rooms.some((row) => row.room.id === id));
  });
  const bens = await RawSocket.ready(c.url, await ben.token());
  const { seq } = await ann.api.sendMessage(room, { content: "welcome back" });
  await bens.hears("at", (at) => at.room_id === room && at.seq === seq);
  for (const socket of [bens, cats]) socket.close();
});

test("who is added elsewhere hears of the room at once, and its places", async () => {
  const { id } = await ann.api.createRoom({ name: "added elsewhere", kind: "private" });
  const bens = await RawSocket.ready(b.url, await ben.token());
  await ann.api.addMembers(id, [ben.id]);
  await bens.hears("me", (frame) => frame.rooms.some((row) => row.room.id === id));
  const speaker = await RawSocket.ready(a.url, await ann.token());
  const last = await sayMany(speaker, id, 1);
  await bens.hears("at", (at) => at.room_id === id && at.seq === last);
  for (const socket of [bens, speaker]) socket.close();
});

test("who is added elsewhere learns what was said and called before their node looked at the room", async () => {
  const { id } = await ann.api.createRoom({ name: "called at once", kind: "private" });
  const { store } = b;
  const { read } = store;
  let called = 0;
  store.read = (async (...asked: Parameters<typeof read>) => {
    const [name, , args] = asked as unknown as ["held", never, { rooms: number[] }];
    if (name === "held" && called === 0 && args.rooms.includes(id)) {
      store.read = read;
      called = (await ann.api.sendMessage(id, { content: "@room welcome" })).id;
      await ben.api.sendMessage(id, { content: "thank you" });
    }
    return read.apply(store, asked);
  }) as typeof read;
  const bens = await RawSocket.ready(b.url, await ben.token());
  await ann.api.addMembers(id, [ben.id]);
  await bens.hears("me", ({ rooms }) =>
    rooms.some((row) => row.room.id === id && row.mine === 1 && row.called?.[0]?.id === called),
  );
  bens.close();
});

test("public rooms that are made, changed and deleted elsewhere are heard in order", async () => {
  const bens = await RawSocket.ready(b.url, await ben.token());
  const { id } = await ann.api.createRoom({ name: "of the house" });
  await bens.hears("house", (frame) => frame.rooms.some((room) => room.id === id));
  await ann.api.changeRoom(id, { description: "changed" });
  await bens.hears("house", (frame) => frame.rooms.some((room) => room.description === "changed"));
  bens.say({ type: "open", room_id: id, epoch, seq: 2 });
  await bens.hears("opened", (opened) => opened.room_id === id);
  await ann.api.deleteRoom(id);
  await bens.hears("closed", (closed) => closed.room_id === id && closed.code === "not_found");
  await bens.hears("house", (frame) => frame.gone.includes(id));
  const versions = bens.all("house").map((frame) => frame.version);
  expect(versions).toEqual([...versions].sort((x, y) => x - y));
  bens.close();
});

test("who types is seen on other nodes, by those who have the room open", async () => {
  const room = await roomOfAll("typing");
  const open = { epoch, rooms: { [room]: 2 }, open: [room] };
  const anns = await RawSocket.ready(a.url, await ann.token(), open);
  const bens = await RawSocket.ready(b.url, await ben.token(), open);
  const listed = await RawSocket.ready(b.url, await cat.token());
  anns.say({ type: "typing", room_id: room });
  expect(await bens.hears("typing")).toMatchObject({ user_id: ann.id, username: "ann" });
  await listed.settled();
  expect(listed.all("typing")).toEqual([]);
  for (const socket of [anns, bens, listed]) socket.close();
});

test("a message is told under the name that its author has, wherever they were renamed", async () => {
  const room = await roomOfAll("renamed");
  const open = { epoch, rooms: { [room]: 2 }, open: [room] };
  const watch = await RawSocket.ready(c.url, await ben.token(), open);
  const speaker = await RawSocket.ready(b.url, await cat.token());
  let isTalking = true;
  const talk = (async () => {
    let last = 0;
    while (isTalking) last = await sayMany(speaker, room, 20);
    return last;
  })();
  const answer = await fetch(`${a.url}/api/v1/users/${cat.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${await ann.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ username: "catherine" }),
  });
  expect(answer.status).toBe(200);
  await watch.hears("member.renamed");
  isTalking = false;
  const last = await talk;
  await watch.hears("message", (message) => message.seq >= last);
  const events = watch.heard.filter((frame) => frame.type === "message" || frame.type === "member.renamed");
  const behind = events.slice(events.findIndex((event) => event.type === "member.renamed"));
  for (const event of behind) expect("username" in event && event.username).toBe("catherine");
  for (const socket of [watch, speaker]) socket.close();
});
