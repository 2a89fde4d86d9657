import { afterAll, beforeAll, expect, test } from "bun:test";
import { NatsBus } from "#server/bus/nats.ts";
import { parseConfig } from "#server/config.ts";
import { eventually } from "#tests/support/eventually.ts";
import { testNats } from "#tests/support/nats.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { openStored, type Stored } from "#tests/support/stored.ts";
import { startCluster, type TestCluster } from "./start-cluster.ts";

/** What a node of a version to come does beside nodes of this one: its kinds of events and hints are known to nobody here. */

const died: string[] = [];
let cluster: TestCluster;
let stored: Stored;
let newer: NatsBus;
let ann: Person;
let ben: Person;
let epoch = "";

beforeAll(async () => {
  cluster = await startCluster(2, { died: (why) => died.push(why) });
  stored = await openStored({ dataDir: "", databaseUrl: cluster.databaseUrl });
  [ann, ben] = await people(urlOf(0), "ann", "ben");
  epoch = cluster.nodes[0]?.store.epoch ?? "";
  const { nats } = parseConfig({
    NATS_URL: (await testNats()).url,
    DATABASE_URL: cluster.databaseUrl,
    SECRET_KEY: "x".repeat(40),
  });
  if (!nats) throw new Error("There is no bus.");
  newer = new NatsBus({ place: nats, name: "newer", random: Math.random, warn() {} });
  await eventually(() => expect(newer.isUp).toBe(true));
});
afterAll(async () => {
  await newer.close();
  await stored[Symbol.asyncDispose]();
  await cluster[Symbol.asyncDispose]();
});

const urlOf = (at: number) => cluster.nodes[at]?.url ?? "";

async function bothIn(name: string) {
  const { id } = await ann.api.createRoom({ name, kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  const open = { epoch, rooms: { [id]: 2 }, open: [id] };
  const anns = await RawSocket.ready(urlOf(0), await ann.token(), open);
  const bens = await RawSocket.ready(urlOf(1), await ben.token(), open);
  return { room: id, anns, bens };
}

/** Its log has one entry more, as an action of a newer program leaves it. Answers the seq. */
async function newerEvent(room: number): Promise<number> {
  const [row] = await stored.rows<{ seq: number }>("UPDATE rooms SET seq = seq + 1 WHERE id = ? RETURNING seq", room);
  const seq = row?.seq ?? 0;
  await stored.rows("INSERT INTO log VALUES (?, ?, 'poll.opened', NULL, ?, 1)", room, seq, ann.id);
  return seq;
}

test("an event of a newer version that no hint tells of is hidden, and what comes behind it is heard at once [E12]", async () => {
  const { room, anns, bens } = await bothIn("read");
  const seq = await newerEvent(room);
  for (const socket of [anns, bens]) await socket.hears("hidden", ({ from, to }) => from === seq && to === seq);
  const last = await sayMany(anns, room, 20);
  for (const socket of [anns, bens]) {
    await socket.hears("message", (message) => message.seq === last);
    expect(socket.all("message").map((message) => message.seq)).toEqual(
      Array.from({ length: 20 }, (_, at) => seq + 1 + at),
    );
  }
  const back = await RawSocket.ready(urlOf(1), await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
  expect(back.all("hidden")).toEqual([{ type: "hidden", room_id: room, from: seq, to: seq }]);
  expect(back.all("opened")).toMatchObject([{ room_id: room, seq: last }]);
  expect(back.all("resync")).toEqual([]);
  for (const socket of [anns, bens, back]) socket.close();
});

test("an event of a newer version is passed on word for word where its hint came, and hints that say nothing here do no harm", async () => {
  const { room, anns, bens } = await bothIn("told");
  const say = (name: string, text: string) => newer.publish(`parlour.${epoch}.${name}`, text);
  const seq = await newerEvent(room);
  const event = { type: "poll.opened", room_id: room, seq, timestamp: "now", actor_id: ann.id, question: "tea?" };
  const odd = [
    "{}",
    "[]",
    "7",
    "null",
    "not JSON",
    '{"polls":[1]}',
    '{"from":"newer","poll":1}',
    '{"to":"polls"}',
    '{"places":[["x"],[]]}',
  ];
  for (const text of odd) {
    for (const subject of [
      `room.${room}`,
      `place.${room}`,
      `view.${room}`,
      `person.${ben.id}`,
      "house",
      "accounts",
      "nodes",
    ]) {
      say(subject, text);
    }
  }
  say(`room.${room}`, '0 0 {"type":"poll.opened"}');
  say(`room.${room}`, `0 0 ${JSON.stringify(event)}`);
  say(`place.${room}`, JSON.stringify({ places: [[seq, 0, 0, { did: "polled", userId: ben.id }]] }));
  for (const socket of [anns, bens]) {
    await socket.until(() => socket.heard.some((frame) => (frame.type as string) === "poll.opened"));
    expect(socket.heard).toContainEqual(event as never);
  }
  const last = await sayMany(bens, room, 20);
  for (const socket of [anns, bens]) {
    await socket.hears("message", (message) => message.seq === last);
    expect(socket.all("message").map((message) => message.seq)).toEqual(
      Array.from({ length: 20 }, (_, at) => seq + 1 + at),
    );
    expect(socket.all("hidden")).toEqual([]);
  }
  const present = await bens.hears("active_users", (frame) => frame.room_id === room);
  expect(present.users?.map((user) => user.username)).toContain("ann");
  for (const socket of [anns, bens]) socket.close();
});

test("a client of a newer version is let in with a hello that names more than is known here", async () => {
  const socket = await RawSocket.open(urlOf(0), "/ws", await ann.token());
  socket.sayText(JSON.stringify({ type: "hello", epoch, polls: { 7: 3 } }));
  await socket.hears("ready");
  expect(socket.all("error")).toEqual([]);
  socket.close();
});

test("a node lets its people go and stops when a newer version has made the database one that it does not know", async () => {
  const socket = await RawSocket.ready(urlOf(1), await ben.token());
  expect(died).toEqual([]);
  await stored.rows("INSERT INTO schema_versions VALUES (99999, 99999, 1)");
  await socket.hears("draining");
  expect(await socket.closes()).toMatchObject({ code: 1012 });
  await eventually(() => expect(died).toHaveLength(2));
  expect(died[0]).toContain("A newer Parlour has changed the database.");
});
