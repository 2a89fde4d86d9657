import { afterAll, beforeAll, expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { account, openEmpty } from "#tests/store/open.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, ann, ben, cat] = await people(server.url, "root", "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

test("while one blocks the other neither writes in the talk of the two, by any door, and both read on", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const said = await ann.api.sendMessage(id, { content: "before" });
  const socket = await RawSocket.ready(server.url, await ben.token());
  await ann.api.block(ben.id);
  await ann.api.block(ben.id);
  for (const by of [ann, ben]) {
    expect(await refusal(by.api.sendMessage(id, { content: "x" }))).toBe("read_only");
    expect(await refusal(by.api.sendMessage(id, { content: "x", reply_to: said.id }))).toBe("read_only");
    expect(await refusal(by.api.react(said.id, "👍", true))).toBe("read_only");
    expect(await refusal(by.api.addMembers(id, [cat.id]))).toBe("read_only");
    expect((await by.api.messages(id)).items).toHaveLength(1);
    expect((await by.api.openDirect({ user_ids: [by === ann ? ben.id : ann.id] })).id).toBe(id);
  }
  expect(await refusal(ann.api.editMessage(said.id, "other words"))).toBe("read_only");
  socket.say({ type: "send", room_id: id, nonce: "n", content: "x" });
  expect(await socket.hears("error")).toMatchObject({ code: "read_only" });
  socket.close();
  await ann.api.unblock(ben.id);
  expect(await refusal(ben.api.sendMessage(id, { content: "after" }))).toBe("ok");
});

test("[E20] in a talk that one of the two closed neither sees the other come, go, be there or type, by any door", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const { seq } = await ann.api.messages(id);
  const hello = { epoch: server.store.epoch, rooms: { [id]: seq }, open: [id] };
  const anns = await RawSocket.ready(server.url, await ann.token(), hello);
  const bens = await RawSocket.ready(server.url, await ben.token(), hello);
  await anns.hears("join", ({ user_id }) => user_id === ben.id);
  const there = async (by: Person) => (await by.api.active(id)).users.map((each) => each.id).sort();
  expect(await there(ben)).toEqual([ann.id, ben.id]);
  await ann.api.block(ben.id);
  for (const socket of [anns, bens]) await socket.hears("active_users", ({ count }) => count === 0);
  const before = [anns, bens].map((socket) => socket.heard.length);

  const plain = await RawSocket.open(server.url, `/ws/${id}`, await ben.token());
  expect(await plain.hears("active_users")).toMatchObject({ users: [], count: 0 });
  const again = await RawSocket.ready(server.url, await ann.token(), hello);
  expect(await again.hears("active_users")).toMatchObject({ users: [], count: 0 });
  for (const socket of [anns, bens]) socket.say({ type: "typing", room_id: id });
  anns.say({ type: "close", room_id: id });
  for (const by of [ann, ben]) expect(await there(by)).toEqual([]);
  for (const socket of [again, plain]) socket.close();
  for (const socket of [again, plain]) await socket.closes();
  await bens.settled();
  await anns.settled();
  const about = ["join", "leave", "active_users", "typing"];
  const heard = [anns, bens].flatMap((socket, at) => socket.heard.slice(before[at]));
  expect(heard.filter(({ type }) => about.includes(type))).toEqual([]);

  await ann.api.unblock(ben.id);
  await bens.hears("active_users", ({ users }) => users.length === 1 && users[0]?.id === ben.id);
  anns.say({ type: "open", room_id: id, epoch: server.store.epoch, seq });
  await bens.hears("join", ({ user_id }) => user_id === ann.id);
  expect(await there(ben)).toEqual([ann.id, ben.id]);
  for (const socket of [anns, bens]) socket.close();
});

test("whoever is blocked begins no talk, is told neither by whom nor that they are, and is heard in rooms as before", async () => {
  await ann.api.block(cat.id);
  const asked = await cat.api.openDirect({ user_ids: [ann.id] }).catch((error: Error) => error);
  expect(asked).toMatchObject({ code: "forbidden", message: "You cannot begin a talk with this person." });
  const own = await ann.api.openDirect({ user_ids: [cat.id] }).catch((error: Error) => error);
  expect(own).toMatchObject({ code: "forbidden", message: expect.stringContaining("Unblock") });
  expect((await cat.api.blocks()).items).toEqual([]);
  expect((await cat.api.person(ann.id)).username).toBe("ann");
  const group = await ben.api.openDirect({ user_ids: [ann.id, cat.id] });
  expect(await refusal(cat.api.sendMessage(group.id, { content: "to both" }))).toBe("ok");
  await ann.api.unblock(cat.id);
  expect(await refusal(cat.api.openDirect({ user_ids: [ann.id] }))).toBe("ok");
});

test("a talk that both closed opens when both have opened it again", async () => {
  const { id } = await ben.api.openDirect({ user_ids: [cat.id] });
  await ben.api.block(cat.id);
  await cat.api.block(ben.id);
  await ben.api.unblock(cat.id);
  expect(await refusal(ben.api.sendMessage(id, { content: "x" }))).toBe("read_only");
  await cat.api.unblock(ben.id);
  expect(await refusal(ben.api.sendMessage(id, { content: "x" }))).toBe("ok");
});

test("[E20] whom one blocks is told to one's own devices and to nobody else's, and stands in one's export", async () => {
  const own = deviceOf(ann, server.url).chat;
  const other = await RawSocket.ready(server.url, await cat.token());
  own.start();
  await eventually(() => expect(own.line.state).toBe("live"));
  await ann.api.block(cat.id);
  await eventually(() => expect([...own.replica.blocks.keys()]).toEqual([cat.id]));
  own.offline();
  await ann.api.unblock(cat.id);
  await ann.api.block(ben.id);
  own.online();
  await eventually(() => expect([...own.replica.blocks.keys()]).toEqual([ben.id]));
  expect((await ann.api.blocks()).items).toEqual([{ id: ben.id, username: "ben" }]);
  expect(JSON.parse(await ann.api.exportOwn())).toMatchObject({ blocked: [{ id: ben.id, username: "ben" }] });
  await other.settled();
  expect(other.heard.filter((frame) => JSON.stringify(frame).includes("blocks"))).toEqual([]);
  await ann.api.unblock(ben.id);
  own.stop();
  other.close();
});

test("nobody is called away by somebody whom they block", async () => {
  const room = await ann.api.createRoom({ name: "calling" });
  await ann.api.addMembers(room.id, [cat.id]);
  const said = await cat.api.sendMessage(room.id, { content: "look here, @ann" });
  const args = { messageId: said.id, among: [ann.id], now: Date.now() };
  const reached = () => server.store.read("whom-to-reach", { userId: 0 }, args);
  expect((await reached()).map(({ userId }) => userId)).toEqual([ann.id]);
  await ann.api.block(cat.id);
  expect(await reached()).toEqual([]);
  await ann.api.unblock(cat.id);
});

test("a block holds in a talk of several, too: neither brings the other into one", async () => {
  await ann.api.block(ben.id);
  expect(await refusal(ben.api.openDirect({ user_ids: [ann.id, cat.id] }))).toBe("forbidden");
  expect(await refusal(ann.api.openDirect({ user_ids: [ben.id, cat.id] }))).toBe("forbidden");
  const { id } = await ben.api.openDirect({ user_ids: [cat.id] });
  expect(await refusal(ben.api.addMembers(id, [ann.id]))).toBe("forbidden");
  await ann.api.unblock(ben.id);
  expect(await refusal(ben.api.addMembers(id, [ann.id]))).toBe("ok");
});

test("[E20] a block holds for private rooms: neither adds the other, who is told no more than of a talk, and others add both", async () => {
  await ann.api.block(ben.id);
  const bens = await ben.api.createRoom({ name: "come in", kind: "private" });
  const anns = await ann.api.createRoom({ name: "or here", kind: "private" });
  const asked = await ben.api.addMembers(bens.id, [cat.id, ann.id]).catch((error: Error) => error);
  expect(asked).toMatchObject({ code: "forbidden", message: "You cannot add this person." });
  expect((await ben.api.members(bens.id)).items.map(({ username }) => username)).toEqual(["ben"]);
  expect(await refusal(ann.api.room(bens.id))).toBe("not_found");
  const own = await ann.api.addMembers(anns.id, [ben.id]).catch((error: Error) => error);
  expect(own).toMatchObject({ code: "forbidden", message: expect.stringContaining("Unblock") });
  await ann.api.addMembers(anns.id, [cat.id]);
  await ann.api.giveRole(anns.id, cat.id, "moderator");
  await cat.api.addMembers(anns.id, [ben.id]);
  const open = await ben.api.createRoom({ name: "open to all" });
  expect(await refusal(ben.api.addMembers(open.id, [ann.id]))).toBe("ok");
  await ann.api.unblock(ben.id);
  expect(await refusal(ben.api.addMembers(bens.id, [ann.id]))).toBe("ok");
});

test("nobody blocks themselves or somebody who is not there", async () => {
  expect(await refusal(ann.api.block(ann.id))).toBe("invalid");
  expect(await refusal(ann.api.block(999_999))).toBe("not_found");
});

test("[E20] a room set apart is so on one's own devices alone, and a favourite is not hidden", async () => {
  const room = await ann.api.createRoom({ name: "apart" });
  await ann.api.addMembers(room.id, [ben.id]);
  const row = (by: Person) => server.store.read("my-room", { userId: by.id }, { roomId: room.id });
  await ann.api.setApart(room.id, { favourite: true });
  expect(await row(ann)).toMatchObject({ favourite: true });
  expect(await row(ben)).not.toHaveProperty("favourite");
  await ann.api.setApart(room.id, { hidden: true });
  expect(await row(ann)).toMatchObject({ hidden: true });
  expect(await row(ann)).not.toHaveProperty("favourite");
  expect(await refusal(ann.api.setApart(room.id, { hidden: true, favourite: true }))).toBe("invalid");
  expect(await refusal(cat.api.setApart(room.id, { hidden: true }))).toBe("not_member");
});

test("whoever is blocked is so once more at the limit too, and one more is refused", async () => {
  await using opened = await openEmpty("sqlite");
  const { store } = opened;
  const own = { userId: await account(store) };
  const first = await account(store);
  const others = await Promise.all(Array.from({ length: limits.blocks }, () => account(store)));
  for (const userId of [first, ...others.slice(1)]) await store.write("block", own, { userId });
  expect(await refusal(store.write("block", own, { userId: first }))).toBe("ok");
  expect(await refusal(store.write("block", own, { userId: others[0] ?? 0 }))).toBe("full");
});
