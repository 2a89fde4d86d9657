import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let admin: Person;
let ann: Person;
let ben: Person;
let stranger: Person;
let epoch = "";

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, ann, ben, stranger] = await people(server.url, "admin", "ann", "ben", "stranger");
  epoch = server.store.epoch;
});
afterAll(() => server[Symbol.asyncDispose]());

const SECRET = "hidden in the lily pond";

/** Everything that can happen in a private room happens in one: its words are said by nobody else. */
async function everythingHappens(roomName: string): Promise<number> {
  const { id } = await ann.api.createRoom({ name: roomName, kind: "private", description: SECRET });
  const anns = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: { [id]: 1 }, open: [id] });
  await ann.api.addMembers(id, [ben.id]);
  const bens = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: { [id]: 2 }, open: [id] });
  await sayMany(anns, id, 3, SECRET);
  bens.say({ type: "typing", room_id: id });
  await anns.hears("typing");
  bens.say({ type: "read", room_id: id, seq: 4 });
  await bens.hears("me", (frame) => frame.rooms.some((row) => row.read_seq === 4));
  await ann.api.changeRoom(id, { name: `${roomName} ${SECRET}` });
  const plain = await RawSocket.open(server.url, `/ws/${id}`, await ben.token());
  await plain.hears("active_users");
  plain.sayText(SECRET);
  await plain.hears("message");
  plain.close();
  bens.close();
  await anns.hears("leave" as "join");
  await ann.api.removeMember(id, ben.id);
  await anns.hears("member.removed");
  await Bun.sleep(25); // the tick in which places are told
  await anns.settled();
  anns.close();
  return id;
}

test("a stranger gets no frame of a private room: no event, place, typing, presence or row [E3, E4, P1, P3, R5]", async () => {
  const watchers = [
    await RawSocket.ready(server.url, await stranger.token()),
    await RawSocket.ready(server.url, await admin.token()),
    await RawSocket.open(server.url, "/ws/elsewhere", await stranger.token()),
    await RawSocket.open(server.url, "/ws", await stranger.token()),
  ];
  await watchers[2]?.hears("active_users");
  await watchers[0]?.hears("at");
  for (const socket of watchers.slice(0, 2)) await socket.settled();
  const before = watchers.map((socket) => socket.heard.length);
  const room = await everythingHappens("pond");
  for (const socket of watchers.slice(0, 2)) {
    const heard = socket.all("pong").length;
    await socket.settled();
    expect(socket.all("pong")).toHaveLength(heard + 1);
  }
  const after = watchers.map((socket) => socket.heard.filter((frame) => frame.type !== "pong").length);
  expect(after).toEqual(before.map((count, at) => (at < 2 ? count - 1 : count)));
  expect(JSON.stringify(watchers.map((socket) => socket.heard))).not.toContain(SECRET);

  // And by asking for it there is nothing to be had either, nor to be learned from the answer.
  const [asking] = watchers;
  const nowhere = 999_999;
  const told: Record<number, string> = {};
  for (const id of [room, nowhere]) {
    const from = asking?.heard.length ?? 0;
    asking?.say({ type: "open", room_id: id, epoch, seq: 0 });
    asking?.say({ type: "read", room_id: id, seq: 1 });
    asking?.say({ type: "typing", room_id: id });
    asking?.say({ type: "send", room_id: id, nonce: `to ${id === room}`, content: "let me in" });
    await asking?.until(() => (asking?.heard.length ?? 0) >= from + 3);
    await asking?.settled();
    const answer = asking?.heard
      .slice(from)
      .filter((frame) => frame.type !== "pong")
      .map((frame) => JSON.stringify(frame));
    told[id] = (answer ?? [])
      .sort()
      .join("\n")
      .replaceAll(`${id}`, "ID")
      .replaceAll(/to (true|false)/g, "to");
  }
  expect(told[room]).toBe(told[nowhere]);
  expect(told[room]).toContain("not_found");
  const hello = await RawSocket.ready(server.url, await stranger.token(), {
    epoch,
    rooms: { [room]: 1, [nowhere]: 1 },
    open: [room, nowhere],
  });
  const closed = hello.all("closed");
  expect(closed.map((frame) => frame.code)).toEqual(["not_found", "not_found"]);
  expect(JSON.stringify(hello.heard)).not.toContain(SECRET);
  for (const socket of [...watchers, hello]) socket.close();
});

test("a member hears of a private room's talk only where they have it open; elsewhere its place alone [E3]", async () => {
  const { id } = await ann.api.createRoom({ name: "only the place", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  const listed = await RawSocket.ready(server.url, await ben.token());
  const author = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: { [id]: 2 }, open: [id] });
  const before = listed.heard.length;
  const last = await sayMany(author, id, 3, SECRET);
  author.say({ type: "typing", room_id: id });
  await listed.hears("at", (at) => at.room_id === id && at.seq === last);
  await listed.settled();
  const types = new Set(listed.heard.slice(before).map((frame) => frame.type));
  expect([...types].sort()).toEqual(["at", "pong"]);
  expect(JSON.stringify(listed.heard)).not.toContain(SECRET);
  author.close();
  listed.close();
});

test("typing in a public room is heard by those who have it open, and by no other member or visitor [P3]", async () => {
  const { id } = await ann.api.createRoom({ name: "who hears typing" });
  await ann.api.addMembers(id, [ben.id]);
  const seq = { [id]: 2 };
  const typist = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: seq, open: [id] });
  const visitor = await RawSocket.ready(server.url, await stranger.token(), { epoch, rooms: seq, open: [id] });
  const member = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: seq });
  const gone = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: seq, open: [id] });
  gone.say({ type: "close", room_id: id });
  const plain = await RawSocket.open(server.url, `/ws/${id}`, await ben.token());
  await plain.hears("active_users");
  await gone.settled();
  typist.say({ type: "typing", room_id: id });
  await visitor.hears("typing");
  for (const socket of [member, gone]) await socket.settled();
  plain.sayText("said after it");
  await plain.hears("message");
  for (const socket of [member, gone, plain]) expect(socket.all("typing" as "pong")).toEqual([]);
  for (const socket of [typist, visitor, member, gone, plain]) socket.close();
});

test("rows of one's own stream are heard by nobody else [E4]", async () => {
  const { id } = await ann.api.createRoom({ name: "rows of two" });
  await ann.api.addMembers(id, [ben.id]);
  const [anns, bens] = [
    await RawSocket.ready(server.url, await ann.token()),
    await RawSocket.ready(server.url, await ben.token()),
  ];
  const before = anns.all("me").length;
  await ben.api.markRead(id, 2);
  bens.say({ type: "read", room_id: id, seq: 2 });
  const { id: own } = await ben.api.createRoom({ name: "of ben", kind: "private" });
  await bens.hears("me", (frame) => frame.rooms.some((row) => row.room.id === own));
  await anns.settled();
  expect(anns.all("me")).toHaveLength(before);
  anns.close();
  bens.close();
});

test("who has left a private room hears no more of it, and who was never asked in neither [E5]", async () => {
  const { id } = await ann.api.createRoom({ name: "left for good", kind: "private" });
  await ann.api.addMembers(id, [ben.id, stranger.id]);
  const bens = await RawSocket.ready(server.url, await ben.token());
  const author = await RawSocket.ready(server.url, await ann.token());
  await ben.api.leaveRoom(id);
  await bens.hears("me", (frame) => frame.gone.includes(id));
  const before = bens.heard.length;
  const last = await sayMany(author, id, 3, SECRET);
  await author.hears("at", (at) => at.room_id === id && at.seq === last);
  await bens.settled();
  const about = bens.heard.slice(before).filter((frame) => "room_id" in frame && frame.room_id === id);
  expect(about).toEqual([]);
  bens.close();
  author.close();
});

test("of a direct talk nobody hears anything but those in it, and who was added not what was said before [E3, E4, E11]", async () => {
  const watchers = [
    await RawSocket.ready(server.url, await stranger.token()),
    await RawSocket.ready(server.url, await admin.token()),
  ];
  for (const socket of watchers) await socket.settled();
  const before = watchers.map((socket) => socket.heard.length);
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const anns = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: { [id]: 1 }, open: [id] });
  const bens = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: { [id]: 1 }, open: [id] });
  const last = await sayMany(anns, id, 3, SECRET);
  bens.say({ type: "typing", room_id: id });
  await anns.hears("typing");
  for (const socket of watchers) await socket.settled();
  const news = watchers.map((socket, at) => socket.heard.slice(before[at]).filter((frame) => frame.type !== "pong"));
  expect(news).toEqual([[], []]);

  await ben.api.addMembers(id, [stranger.id], "from_now");
  await watchers[0]?.hears("me", (frame) => frame.rooms.some((row) => row.room.id === id));
  watchers[0]?.say({ type: "open", room_id: id, epoch, seq: 0 });
  await watchers[0]?.hears("opened", (frame) => frame.room_id === id);
  expect(watchers[0]?.all("hidden")).toContainEqual({ type: "hidden", room_id: id, from: 1, to: last });
  await stranger.api.leaveRoom(id);
  await sayMany(anns, id, 2, SECRET);
  for (const socket of watchers) await socket.settled();
  expect(JSON.stringify(watchers.map((socket) => socket.heard))).not.toContain(SECRET);
  for (const socket of [...watchers, anns, bens]) socket.close();
});
