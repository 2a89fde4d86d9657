import { afterAll, beforeAll, expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let admin: Person;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, ann, ben, cat] = await people(server.url, "admin", "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

test("two people have one talk between them, whoever begins it and when both begin at once", async () => {
  const begun = await Promise.all([
    ann.api.openDirect({ user_ids: [ben.id] }),
    ben.api.openDirect({ user_ids: [ann.id] }),
    ann.api.openDirect({ user_ids: [ben.id, ben.id, ann.id] }),
  ]);
  expect(new Set(begun.map((room) => room.id)).size).toBe(1);
  expect(begun[0]).toMatchObject({ kind: "direct", name: "", member_count: 2 });
  expect(await codeOf(ann.api.openDirect({ user_ids: [ann.id] }))).toBe("invalid");
  expect(await codeOf(ann.api.openDirect({ user_ids: [999] }))).toBe("not_found");
});

test("a direct talk is listed for nobody else, an admin of the server neither, and named by the others in it [E11]", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [cat.id] });
  await ann.api.sendMessage(id, { content: "between us" });
  expect(await codeOf(admin.api.room(id))).toBe("not_found");
  expect(await codeOf(admin.api.messages(id))).toBe("not_found");
  expect(await codeOf(admin.api.addMembers(id, [admin.id]))).toBe("not_found");
  const answer = await fetch(`${server.url}/api/v1/house/rooms`, {
    headers: { authorization: `Bearer ${await admin.token()}` },
  });
  expect(JSON.stringify(await answer.json())).not.toContain("direct");
  expect((await ben.api.rooms()).items.filter((room) => room.id === id)).toEqual([]);
  expect((await cat.api.rooms()).items.filter((room) => room.id === id)).toHaveLength(1);
  for (const [who, other] of [
    [ann, cat],
    [cat, ann],
  ] as const) {
    const chat = who.device();
    chat.start();
    await eventually(() =>
      expect(chat.replica.mine.get(id)?.people).toEqual([{ id: other.id, username: other.username }]),
    );
    chat.stop();
  }
});

test("in a direct talk nobody is admin: it is not renamed, deleted, given roles in, or left by one of the two", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  expect(await codeOf(ann.api.changeRoom(id, { name: "ours" }))).toBe("forbidden");
  expect(await codeOf(ann.api.deleteRoom(id))).toBe("forbidden");
  expect(await codeOf(ann.api.giveRole(id, ben.id, "reader"))).toBe("forbidden");
  expect(await codeOf(ann.api.removeMember(id, ben.id))).toBe("forbidden");
  expect(await codeOf(ben.api.leaveRoom(id))).toBe("forbidden");
});

test("whoever is added to a talk sees what follows, or all that who added them sees, and no more than that", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  await ann.api.sendMessage(id, { content: "early" });
  await ann.api.addMembers(id, [cat.id], "from_now");
  await ben.api.sendMessage(id, { content: "late" });
  const said = async (who: Person) => (await who.api.messages(id)).items.map((message) => message.content);
  expect(await said(cat)).toEqual(["late"]);
  await cat.api.addMembers(id, [admin.id], "all");
  expect(await said(admin)).toEqual(["late"]);
  await admin.api.leaveRoom(id);
  expect(await codeOf(admin.api.messages(id))).toBe("not_found");
  await ben.api.sendMessage(id, { content: "without the admin" });
  await ann.api.addMembers(id, [admin.id], "all");
  await ann.api.sendMessage(id, { content: "with them" });
  expect(await said(admin)).toEqual(["early", "late", "without the admin", "with them"]);
  expect((await ann.api.openDirect({ user_ids: [ben.id] })).id).not.toBe(id);
});

test("a talk has so many people and no more [E11]", async () => {
  const names = Array.from({ length: limits.directPeople - 1 }, (_, at) => `guest ${at}`);
  const guests = await people(server.url, ...names);
  const { id, member_count } = await ann.api.openDirect({ user_ids: guests.map((guest) => guest.id) });
  expect(member_count).toBe(limits.directPeople);
  expect(await codeOf(ann.api.addMembers(id, [ben.id]))).toBe("invalid");
});

test("/ws/{id} takes part in a direct talk, and no name leads to one", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const socket = await RawSocket.open(server.url, `/ws/${id}`, await ben.token());
  await socket.hears("active_users");
  socket.sayText("hello");
  expect((await socket.hears("message")).content).toBe("hello");
  const outside = await RawSocket.open(server.url, `/ws/${id}`, await cat.token());
  expect((await outside.closes()).code).toBe(4404);
  socket.close();
});

test("the new name of somebody is in the rows of those who talk with them [E11]", async () => {
  const [dora, dick] = await people(server.url, "dora", "dick");
  const { id } = await dora.api.openDirect({ user_ids: [dick.id] });
  const chat = dora.device();
  chat.start();
  await eventually(() => expect(chat.replica.mine.get(id)?.people[0]?.username).toBe("dick"));
  await fetch(`${server.url}/api/v1/users/${dick.id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${await dick.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ username: "richard" }),
  });
  await eventually(() => expect(chat.replica.mine.get(id)?.people[0]?.username).toBe("richard"));
  chat.stop();
});
