import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { Chat } from "#client/chat.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
const started: Chat[] = [];

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
});
afterEach(() => {
  for (const chat of started.splice(0)) chat.stop();
});
afterAll(() => server[Symbol.asyncDispose]());

async function device(by: Person, said: string[] = []): Promise<Chat> {
  const { chat } = deviceOf(by, server.url, { heard: (text) => Boolean(said.push(text)) });
  started.push(chat);
  chat.start();
  await eventually(() => expect(chat.line.state).toBe("live"));
  return chat;
}

async function roomOfBoth(): Promise<number> {
  const { id } = await ann.api.createRoom({ name: `room ${Math.random()}`, kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  return id;
}

test("what is begun on one device goes on on another, and is nobody else's to hear [E13]", async () => {
  const room = await roomOfBoth();
  const heard: string[] = [];
  const [phone, laptop] = [await device(ben), await device(ben)];
  const other = await device(ann, heard);
  await other.openRoom(room);
  phone.writeDraft(room, "Dear a");
  phone.writeDraft(room, "Dear all, a secret");
  expect(phone.draft(room)).toBe("Dear all, a secret");
  await eventually(() => expect(laptop.draft(room)).toBe("Dear all, a secret"), 4_000);
  laptop.writeDraft(room, "Dear all, a secret of ours");
  await eventually(() => expect(phone.draft(room)).toBe("Dear all, a secret of ours"), 4_000);
  expect((await device(ben)).draft(room)).toBe("Dear all, a secret of ours");
  phone.send(room, "Dear all");
  phone.writeDraft(room, "");
  await eventually(() => expect(laptop.draft(room)).toBe(""), 4_000);
  expect(heard.join()).not.toContain("secret");
});

test("what is begun in a thread goes on on another device beside what is begun in its room, and goes with a removal [E13]", async () => {
  const room = await roomOfBoth();
  const root = await ann.api.sendMessage(room, { content: "and what do you say?" });
  const heard: string[] = [];
  const [phone, laptop] = [await device(ben), await device(ben)];
  const other = await device(ann, heard);
  await other.openRoom(room);
  phone.writeDraft(room, "to everybody");
  phone.writeDraft(room, "to the thread, a secret", root.id);
  const drafts = () => [laptop.draft(room), laptop.draft(room, root.id)];
  await eventually(() => expect(drafts()).toEqual(["to everybody", "to the thread, a secret"]), 4_000);
  const later = await device(ben);
  expect(later.draft(room, root.id)).toBe("to the thread, a secret");
  laptop.writeDraft(room, "", root.id);
  await eventually(() => expect([phone.draft(room), phone.draft(room, root.id)]).toEqual(["to everybody", ""]), 4_000);
  laptop.writeDraft(room, "once more", root.id);
  await eventually(() => expect(phone.draft(room, root.id)).toBe("once more"), 4_000);
  await ann.api.removeMember(room, ben.id);
  await eventually(() => expect([phone.draft(room), phone.draft(room, root.id)]).toEqual(["", ""]), 4_000);
  expect(heard.join()).not.toContain("secret");
});

test("what is written without a line is told when there is one again, and a removal takes it away everywhere [E13]", async () => {
  const room = await roomOfBoth();
  const [phone, laptop] = [await device(ben), await device(ben)];
  phone.offline();
  phone.writeDraft(room, "in the train");
  phone.online();
  await eventually(() => expect(laptop.draft(room)).toBe("in the train"), 4_000);
  laptop.offline();
  await ann.api.removeMember(room, ben.id);
  laptop.online();
  await eventually(() => expect([phone.draft(room), laptop.draft(room)]).toEqual(["", ""]), 4_000);
  expect((await device(ben)).draft(room)).toBe("");
  expect(await ben.api.keepDraft(room, "back").catch((error: { code: string }) => error.code)).toBe("not_found");
});

test("who leaves a room finds their draft again when they come back [E13]", async () => {
  const { id: room } = await ann.api.createRoom({ name: "to come and go" });
  await ben.api.joinRoom(room);
  await ben.api.keepDraft(room, "I wonder");
  await ben.api.leaveRoom(room);
  await ben.api.joinRoom(room);
  expect((await device(ben)).draft(room)).toBe("I wonder");
});
