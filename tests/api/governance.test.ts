import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Answer, askApi } from "#tests/api/ask.ts";
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

const ask = async (by: Person, method: string, path: string, json?: unknown): Promise<Answer> =>
  askApi(server.url, method, path, { token: await by.token(), ...(json === undefined ? {} : { json }) });
const newest = async (limit: number) => (await root.api.audit({ limit })).items;

test("who leads a public room is in the log by what they did there, and of a private one nothing of who is in it", async () => {
  const acts = async () => (await newest(20)).map(({ act }) => act);
  const govern = async (kind: "public" | "private") => {
    const { id } = await ann.api.createRoom({ name: `governed ${kind}`, kind });
    await ann.api.addMembers(id, [ben.id]);
    await ann.api.giveRole(id, ben.id, "moderator");
    await ann.api.changeRoom(id, { description: "its own admin's" });
    await ann.api.ban(id, { user_id: ben.id, reason: "words that stay in the room" });
    await ann.api.unban(id, ben.id);
    await ann.api.unban(id, ben.id);
    await ann.api.addMembers(id, [ben.id]);
    await ann.api.removeMember(id, ben.id);
    await ann.api.addMembers(id, [ben.id]);
    await ann.api.transferRoom(id, ben.id);
    return id;
  };
  const before = await newest(1);
  await govern("private");
  expect(await newest(1)).toEqual(before);
  const id = await govern("public");
  expect((await acts()).slice(0, 6)).toEqual([
    "room.handed-on",
    "member.unbanned",
    "member.removed",
    "member.unbanned",
    "member.banned",
    "member.role",
  ]);
  expect((await newest(1))[0]).toMatchObject({ actor: { id: ann.id }, user: { id: ben.id }, room: { id } });
  await root.api.changeRoom(id, { description: "the house's", posting: "moderators" });
  expect((await newest(1))[0]).toMatchObject({ act: "room.changed", detail: { fields: "description, who writes" } });
  const invite = await ben.api.makeInvite({ room_ids: [id] });
  await ben.api.revokeInvite(invite.id);
  expect((await acts()).slice(0, 2)).toEqual(["invite.revoked", "invite.made"]);
  expect(JSON.stringify(await newest(20))).not.toContain("words that stay");
  expect(JSON.stringify(await newest(20))).not.toContain(invite.token);
});

test("what changes nothing is in no log: a role that somebody has, a room handed to who leads it, people who were not kept out", async () => {
  const { id } = await ann.api.createRoom({ name: "the same" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.giveRole(id, ben.id, "admin");
  const before = await newest(1);
  await ann.api.giveRole(id, ben.id, "admin");
  await root.api.transferRoom(id, ben.id);
  await ann.api.transferRoom(id, ann.id);
  await ben.api.leaveRoom(id);
  await ann.api.addMembers(id, [ben.id]);
  expect(await newest(1)).toEqual(before);
});

test("whoever lets somebody in again by adding them is in the log with the address that it came from, each person by themselves", async () => {
  const { id } = await ann.api.createRoom({ name: "let in" });
  const [cat] = await people(server.url, "cat");
  await ann.api.ban(id, { user_id: ben.id });
  await ann.api.ban(id, { user_id: cat.id });
  await ann.api.addMembers(id, [ben.id, cat.id, root.id]);
  const forgiven = (await newest(3)).filter(({ act }) => act === "member.unbanned");
  expect(forgiven.map(({ user }) => user?.id).toSorted()).toEqual([ben.id, cat.id].toSorted());
  for (const entry of forgiven) {
    expect(entry).toMatchObject({ actor: { id: ann.id }, room: { id }, address: expect.stringMatching(/./) });
  }
});

test("a room that the house's admin changes by another system's address is in the log with where it came from", async () => {
  const { id } = await ann.api.createRoom({ name: "by another door" });
  const answer = await fetch(`${server.url}/room/${id}`, {
    method: "PATCH",
    headers: { authorization: `Bearer ${await root.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ description: "changed" }),
  });
  expect(answer.status).toBe(200);
  expect((await newest(1))[0]).toMatchObject({ act: "room.changed", address: expect.stringMatching(/./) });
});

test("a message that is erased is in the log with its author where the house knows who writes, and without them elsewhere", async () => {
  for (const kind of ["public", "private"] as const) {
    const { id } = await ann.api.createRoom({ name: `erased in ${kind}`, kind });
    await ann.api.addMembers(
      id,
      [root.id, ben.id].filter((each) => kind === "private" || each === ben.id),
    );
    const said = await ben.api.sendMessage(id, { content: "words" });
    expect((await ask(root, "POST", `/messages/${said.id}/erase`)).status).toBe(200);
    const [entry] = await newest(1);
    expect(entry).toMatchObject({ act: "message.erased", room: { id }, detail: { message: String(said.id) } });
    expect(entry?.user?.id).toBe(kind === "public" ? ben.id : undefined);
  }
});

test("what a message said before is its author's alone to read where the house hides it, for every door", async () => {
  const { id } = await ann.api.createRoom({ name: "edited" });
  await ben.api.joinRoom(id);
  const said = await ann.api.sendMessage(id, { content: "the first words" });
  await ann.api.editMessage(said.id, "the second words");
  expect((await ben.api.formerTexts(said.id)).items).toHaveLength(1);
  await ask(root, "PUT", "/house/settings/former_texts", { value: "hidden" });
  for (const by of [ben, root]) {
    expect(await ask(by, "GET", `/messages/${said.id}/texts`)).toMatchObject({ status: 403, code: "forbidden" });
  }
  expect((await ann.api.formerTexts(said.id)).items).toHaveLength(1);
  expect((await askApi(server.url, "GET", "/info")).body).toMatchObject({ former_texts: "hidden" });
  await ask(root, "PUT", "/house/settings/former_texts", { value: null });
  expect((await ben.api.formerTexts(said.id)).items).toHaveLength(1);
});
