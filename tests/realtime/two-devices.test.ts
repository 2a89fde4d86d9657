import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Chat } from "#client/chat.ts";
import { unreadIn, unreadInThread } from "#shared/replica.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let author: RawSocket;
const started: Chat[] = [];

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
  author = await RawSocket.ready(server.url, await ann.token());
});
afterEach(() => {
  for (const chat of started.splice(0)) chat.stop();
});
afterAll(() => server[Symbol.asyncDispose]());

async function roomOfBoth(name: string): Promise<number> {
  const { id } = await ann.api.createRoom({ name });
  await ann.api.addMembers(id, [ben.id]);
  return id;
}

async function device(by: Person): Promise<Chat> {
  const { chat } = deviceOf(by, server.url);
  started.push(chat);
  chat.start();
  await eventually(() => expect(chat.line.state).toBe("live"));
  return chat;
}

const unread = (chat: Chat, room: number) => unreadIn(chat.replica, room);

test("what is read on one device is read on the other [S5, E4]", async () => {
  const room = await roomOfBoth("read here and there");
  const [phone, laptop] = [await device(ben), await device(ben)];
  await phone.openRoom(room);
  const last = await sayMany(author, room, 5);
  await eventually(() => expect([unread(phone, room), unread(laptop, room)]).toEqual([5, 5]));
  phone.markRead(room, last - 2);
  expect(unread(phone, room)).toBe(2);
  await eventually(() => expect(unread(laptop, room)).toBe(2));
  phone.markRead(room, last);
  await eventually(() => expect(unread(laptop, room)).toBe(0));
});

test("everything is marked read in one step, in rooms and in threads that one follows, on every device [S5, T3]", async () => {
  const { id } = await ann.api.createRoom({ name: `all ${Math.random()}` });
  await ann.api.addMembers(id, [ben.id]);
  const root = await ben.api.sendMessage(id, { content: "who is in?" });
  const { id: other } = await ann.api.createRoom({ name: `other ${Math.random()}` });
  await ann.api.addMembers(other, [ben.id]);
  await ann.api.sendMessage(id, { content: "I am", thread: root.id });
  await ann.api.sendMessage(id, { content: "hello" });
  await ann.api.sendMessage(other, { content: "hello here" });
  const [phone, laptop] = [await device(ben), await device(ben)];
  const counts = (chat: Chat, room: number) => {
    const row = chat.rooms().find((each) => each.room.id === room);
    return [row?.unread, row?.unreadThreads];
  };
  expect([counts(phone, id), counts(laptop, other)]).toEqual([
    [1, 1],
    [1, 0],
  ]);
  phone.markRoomRead(other);
  await eventually(() =>
    expect([counts(laptop, other), counts(laptop, id)]).toEqual([
      [0, 0],
      [1, 1],
    ]),
  );
  phone.markAllRead();
  expect(counts(phone, id)).toEqual([0, 0]);
  await eventually(() => expect(counts(laptop, id)).toEqual([0, 0]));
  await ann.api.sendMessage(id, { content: "and now", thread: root.id });
  await eventually(() =>
    expect([counts(phone, id), counts(laptop, id)]).toEqual([
      [0, 1],
      [0, 1],
    ]),
  );
});

test("a cursor of a device that is behind does not pull the other's back [S5]", async () => {
  const room = await roomOfBoth("one is behind");
  const [phone, laptop] = [await device(ben), await device(ben)];
  await phone.openRoom(room);
  await laptop.openRoom(room);
  const last = await sayMany(author, room, 5);
  await eventually(() => expect(laptop.replica.logs.get(room)?.seq).toBe(last));
  laptop.markRead(room, last);
  phone.markRead(room, 4);
  await eventually(() => expect([unread(phone, room), unread(laptop, room)]).toEqual([0, 0]));
  const fresh = await device(ben);
  expect(fresh.replica.mine.get(room)?.read_seq).toBe(last);
});

test("what is read while the other is away it knows when it is back [S5, H3]", async () => {
  const room = await roomOfBoth("away");
  const [phone, laptop] = [await device(ben), await device(ben)];
  const last = await sayMany(author, room, 5);
  await eventually(() => expect(unread(laptop, room)).toBe(5));
  laptop.offline();
  await phone.openRoom(room);
  phone.markRead(room, last);
  await eventually(async () => expect((await device(ben)).replica.mine.get(room)?.read_seq).toBe(last));
  laptop.online();
  await eventually(() => expect(laptop.line.state).toBe("live"));
  await eventually(() => expect(unread(laptop, room)).toBe(0));
});

test("what is marked unread on one device is unread on the other, and for nobody else [S7]", async () => {
  const room = await roomOfBoth("once more");
  const [phone, laptop, others] = [await device(ben), await device(ben), await device(ann)];
  await phone.openRoom(room);
  const last = await sayMany(author, room, 5);
  await eventually(() => expect(phone.replica.logs.get(room)?.seq).toBe(last));
  phone.markRead(room, last);
  await eventually(() => expect(unread(laptop, room)).toBe(0));
  const third = phone.replica.logs.get(room)?.messages[2];
  if (!third) throw new Error("There is no third message.");
  await phone.markUnread(third);
  await eventually(() => expect([unread(phone, room), unread(laptop, room)]).toEqual([3, 3]));
  expect(unread(others, room)).toBe(0);
  await phone.markUnread(phone.replica.logs.get(room)?.messages[4] ?? third);
  expect(unread(await device(ben), room)).toBe(3);
  laptop.markRead(room, last);
  await eventually(() => expect([unread(phone, room), unread(laptop, room)]).toEqual([0, 0]));
});

test("a thread is marked unread from a reply on, for those who follow it, and the room stays as it was [S7, T3]", async () => {
  const id = await roomOfBoth(`thread ${Math.random()}`);
  const root = await ben.api.sendMessage(id, { content: "who is in?" });
  const replies = [];
  for (const content of ["I am", "and I", "not I"]) {
    replies.push(await ann.api.sendMessage(id, { content, thread: root.id }));
  }
  const [phone, laptop] = [await device(ben), await device(ben)];
  await phone.openRoom(id);
  await phone.openThread(id, root.id);
  phone.markThreadRead(id, root.id);
  await eventually(() => expect(unreadInThread(laptop.replica, root.id)).toBe(0));
  const [, second] = replies;
  if (!second) throw new Error("nothing was said");
  await phone.markUnread(second);
  const both = () => [phone, laptop].map((chat) => [unreadInThread(chat.replica, root.id), unread(chat, id)]);
  await eventually(() =>
    expect(both()).toEqual([
      [2, 0],
      [2, 0],
    ]),
  );
  phone.markThreadRead(id, root.id);
  await eventually(() =>
    expect(both()).toEqual([
      [0, 0],
      [0, 0],
    ]),
  );
  await ben.api.follow(id, root.id, false);
  await expect(ben.api.markUnread(second.id)).rejects.toMatchObject({ code: "invalid" });
});

test("who came back to a private room marks nothing unread that was said without them [S7]", async () => {
  const { id: room } = await ann.api.createRoom({ name: "with a gap", kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  const before = await ann.api.sendMessage(room, { content: "before" });
  await ann.api.removeMember(room, ben.id);
  const without = await ann.api.sendMessage(room, { content: "without ben" });
  await ann.api.addMembers(room, [ben.id]);
  await ann.api.sendMessage(room, { content: "after" });
  const chat = await device(ben);
  await ben.api.markRead(room, (await ben.api.messages(room)).seq);
  expect(await ben.api.markUnread(without.id).catch((error: Error) => error.message)).toBe(
    "There is nothing here that you can see.",
  );
  await ben.api.markUnread(before.id);
  await eventually(() => expect(unread(chat, room)).toBe(1));
});

test("what one reads without a line is told when there is one again [S5]", async () => {
  const room = await roomOfBoth("read without a line");
  const [phone, laptop] = [await device(ben), await device(ben)];
  await phone.openRoom(room);
  const last = await sayMany(author, room, 3);
  await eventually(() => expect(phone.replica.logs.get(room)?.seq).toBe(last));
  phone.offline();
  phone.markRead(room, last);
  expect(unread(phone, room)).toBe(0);
  phone.online();
  await eventually(() => expect(unread(laptop, room)).toBe(0));
});

test("one's own words are not unread: where the room is open, where it is not, and after being away [S4, E3]", async () => {
  const room = await roomOfBoth("own words");
  const [phone, open, listed, away] = [await device(ben), await device(ben), await device(ben), await device(ben)];
  await phone.openRoom(room);
  await open.openRoom(room);
  away.offline();
  for (const word of ["one", "two", "three"]) phone.send(room, word);
  const last = await sayMany(author, room, 2);
  await eventually(() => expect(open.replica.logs.get(room)?.seq).toBe(Math.max(last, 7)));
  away.online();
  await eventually(() => expect(away.line.state).toBe("live"));
  const counts = () => [phone, open, listed, away].map((chat) => unread(chat, room));
  await eventually(() => expect(counts()).toEqual([2, 2, 2, 2]));
  expect(unread(await device(ben), room)).toBe(2);
});

test("what is made, joined, left and renamed on one device is there on the other [E4]", async () => {
  const [phone, laptop] = [await device(ben), await device(ben)];
  const own = await phone.api.createRoom({ name: "mine", kind: "private" });
  const shared = await roomOfBoth("shared");
  await phone.api.leaveRoom(shared);
  await phone.api.changeRoom(own.id, { name: "mine alone" });
  await eventually(() => {
    expect(laptop.replica.mine.get(own.id)?.room.name).toBe("mine alone");
    expect(laptop.replica.mine.has(shared)).toBe(false);
  });
  expect(laptop.rooms().map((row) => row.room.name)).toEqual(phone.rooms().map((row) => row.room.name));
});

test("what one device sends the other shows, in the same order as everybody [S4]", async () => {
  const room = await roomOfBoth("same order");
  const devices = [await device(ben), await device(ben), await device(ann)];
  for (const chat of devices) await chat.openRoom(room);
  for (let at = 0; at < 10; at++) for (const [which, chat] of devices.entries()) chat.send(room, `${which} says ${at}`);
  const shown = (chat: Chat) => chat.room(room).log?.messages.map((message) => message.content) ?? [];
  await eventually(() => {
    for (const chat of devices) {
      expect(chat.room(room).pending).toEqual([]);
      expect(shown(chat)).toHaveLength(30);
    }
  });
  for (const chat of devices) expect(shown(chat)).toEqual(shown(devices[0]!));
  const ofOne = shown(devices[0]!).filter((content) => content.startsWith("1 says"));
  expect(ofOne).toEqual(Array.from({ length: 10 }, (_, at) => `1 says ${at}`));
});
