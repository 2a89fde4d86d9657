import { afterAll, beforeAll, expect, test } from "bun:test";
import type { HouseMay } from "#shared/contract/house.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomRole } from "#shared/models.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [root, ann, ben] = await people(server.url, "root", "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const answerTo = (asked: HouseMay, action: string) => asked.answers?.find((each) => each.action === action);

test("an admin is told whether somebody may write in a room, and why not, as the room itself decides", async () => {
  const room = await ann.api.createRoom({ name: "asked about" });
  const said = async () => answerTo(await root.api.mayIn(ben.id, room.id), "send");
  const does = async () =>
    ben.api.sendMessage(room.id, { content: "hello" }).then(
      () => "ok",
      (error: unknown) => error instanceof Refusal && error.code,
    );
  expect(await said()).toMatchObject({ label: "write", allowed: false, why: expect.stringContaining("can join it") });
  expect(await does()).toBe("not_member");
  await ben.api.joinRoom(room.id);
  expect(await said()).toEqual({ action: "send", label: "write", allowed: true, why: null });
  expect(await does()).toBe("ok");
  await ann.api.giveRole(room.id, ben.id, "reader" satisfies RoomRole);
  expect(await said()).toMatchObject({
    allowed: false,
    why: "Readers cannot write. An admin of the room can make ben a member.",
  });
  expect(await does()).toBe("read_only");
  await ann.api.giveRole(room.id, ben.id, "member");
  await ann.api.changeRoom(room.id, { posting: "moderators" });
  expect((await said())?.why).toContain("Only moderators and admins write in this room.");
  await ann.api.changeRoom(room.id, { archived: true });
  expect((await said())?.why).toContain("archived");
  await ann.api.removeMember(room.id, ben.id);
  expect((await said())?.why).toContain("ben was removed");
  expect((await root.api.mayIn(ben.id, room.id)).place).toBe("removed");
});

test("of a private room an admin who is not in it learns no more than its name and its size", async () => {
  const room = await ann.api.createRoom({ name: "closed", kind: "private" });
  const outside = await root.api.mayIn(ann.id, room.id);
  expect(outside).toEqual({
    user: { id: ann.id, name: "ann" },
    room: {
      id: room.id,
      kind: "private",
      name: "closed",
      member_count: 1,
      description: null,
      created_by: null,
      created_at: null,
    },
    place: null,
    answers: null,
  });
  expect(await root.api.mayIn(ben.id, room.id)).toEqual({ ...outside, user: { id: ben.id, name: "ben" } });
  await ann.api.addMembers(room.id, [root.id]);
  expect(await root.api.mayIn(ann.id, room.id)).toMatchObject({ place: "admin" });
  expect(answerTo(await root.api.mayIn(ben.id, room.id), "read")?.why).toContain("does not know of it");
});

test("a direct talk is none to an admin who asks who may do what there, their own too", async () => {
  const talk = await ann.api.openDirect({ user_ids: [ben.id] });
  const own = await root.api.openDirect({ user_ids: [ben.id] });
  for (const { id } of [talk, own]) {
    expect(await root.api.mayIn(ben.id, id).catch((error: unknown) => error)).toMatchObject({ code: "not_found" });
  }
});

test("whoever is no admin is told nothing of it", async () => {
  const room = await ann.api.createRoom({ name: "not for ben" });
  expect(await ann.api.mayIn(ben.id, room.id).catch((error: unknown) => error)).toMatchObject({ code: "forbidden" });
});
