import { afterAll, beforeAll, expect, test } from "bun:test";
import { askApi } from "#tests/api/ask.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [root, ann, ben, cat] = await people(server.url, "root", "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

/** Whether a room is gone, and with it what was said there, once what is gone was swept. */
async function isErased(id: number): Promise<boolean> {
  // The last message of all keeps its number until there is a later one.
  const later = await root.api.createRoom({ name: `after ${id}`, kind: "private" });
  await root.api.sendMessage(later.id, { content: "later" });
  for (let more = true; more; ) ({ more } = await server.store.write("sweep-deleted", { userId: 0 }));
  await using stored = await openStored(server);
  const [room] = await stored.rows<{ deleted_at: number | null }>("SELECT deleted_at FROM rooms WHERE id = ?", id);
  const words = await stored.rows("SELECT id FROM messages WHERE room_id = ?", id);
  const listed = (await askApi(server.url, "GET", "/house/rooms?limit=100", { token: await root.token() })).text;
  expect(listed.includes(`"id":${id},`)).toBe(room?.deleted_at === null && words.length > 0);
  return room?.deleted_at !== null && words.length === 0;
}

async function privateRoom(...others: Person[]): Promise<number> {
  const { id } = await ann.api.createRoom({ name: "ours alone", kind: "private" });
  if (others.length > 0)
    await ann.api.addMembers(
      id,
      others.map((who) => who.id),
    );
  await ann.api.sendMessage(id, { content: "words of a private room" });
  return id;
}

test("[E5] a private room that its last member leaves is gone with its words, and no invite leads back to it", async () => {
  const id = await privateRoom(ben);
  const { token } = await ann.api.makeInvite({ room_ids: [id] });
  const [before] = (await root.api.audit({ limit: 1 })).items;
  await ben.api.leaveRoom(id);
  expect(await isErased(id)).toBe(false);
  await ann.api.leaveRoom(id);
  expect(await isErased(id)).toBe(true);
  await expect(cat.api.useInvite(token)).rejects.toMatchObject({ code: "not_found" });
  await expect(ann.api.room(id)).rejects.toMatchObject({ code: "not_found" });
  // Who was in it is not for the house to know, who left last neither.
  expect((await root.api.audit({ limit: 1 })).items[0]?.id).toBe(before?.id as number);
});

test("so is one whose last member sends themselves out, or is erased, and their devices let go of it", async () => {
  const sentOut = await privateRoom();
  const device = ann.device();
  device.start();
  await eventually(() => expect(device.replica.mine.has(sentOut)).toBe(true));
  await ann.api.sendOut(sentOut, ann.id);
  await eventually(() => expect(device.replica.mine.has(sentOut)).toBe(false));
  device.stop();
  expect(await isErased(sentOut)).toBe(true);
  const [gone] = await people(server.url, "gone");
  const { id } = await gone.api.createRoom({ name: "theirs", kind: "private" });
  await gone.api.sendMessage(id, { content: "kept words that nobody could read" });
  const asked = { token: await root.token(), json: { words: "keep" } };
  expect((await askApi(server.url, "POST", `/users/${gone.id}/erase`, asked)).status).toBe(200);
  expect(await isErased(id)).toBe(true);
});

test("a talk of several is gone with the last who could come back to it: one of two stays, and whoever was erased does not", async () => {
  const [gone] = await people(server.url, "gone from talks");
  const { id } = await ann.api.openDirect({ user_ids: [ben.id, gone.id] });
  await ben.api.sendMessage(id, { content: "words of a talk" });
  await ann.api.leaveRoom(id);
  await askApi(server.url, "POST", `/users/${gone.id}/erase`, { token: await root.token(), json: { words: "keep" } });
  expect((await ben.api.messages(id)).items).toHaveLength(1);
  await ben.api.leaveRoom(id);
  expect(await isErased(id)).toBe(true);
});

test("a public room stays, empty, and so does a private one whose last member is shut out for a while", async () => {
  const { id } = await ann.api.createRoom({ name: "open and empty" });
  await ann.api.sendMessage(id, { content: "still to be read" });
  await ann.api.leaveRoom(id);
  expect((await ben.api.messages(id)).items).toHaveLength(1);
  const [away] = await people(server.url, "away");
  const own = await away.api.createRoom({ name: "waits for them", kind: "private" });
  await away.api.addMembers(own.id, [cat.id]);
  await away.api.sendMessage(own.id, { content: "waits" });
  await root.api.changeUser(away.id, { active: false });
  await cat.api.leaveRoom(own.id);
  expect(await isErased(own.id)).toBe(false);
});
