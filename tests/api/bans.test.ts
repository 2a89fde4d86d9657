import { afterAll, beforeAll, expect, test } from "bun:test";
import { logIn } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const clock = movedClock();
let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;
let cat: Person;
let mod: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [root, ann, ben, cat, mod] = await people(server.url, "root", "ann", "ben", "cat", "mod");
});
afterAll(() => server[Symbol.asyncDispose]());

const refusal = (promise: Promise<unknown>) =>
  promise.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

let rooms = 0;
/** Ann's, with ben as a member and mod as a moderator. */
async function room(kind: "public" | "private" = "public"): Promise<number> {
  rooms += 1;
  const { id } = await ann.api.createRoom({ name: `yard ${rooms}`, kind });
  await ann.api.addMembers(id, [ben.id, mod.id]);
  await ann.api.giveRole(id, mod.id, "moderator");
  return id;
}

async function listening(by: Person, id: number): Promise<RawSocket> {
  const socket = await RawSocket.ready(server.url, await by.token());
  socket.say({ type: "open", room_id: id, epoch: server.store.epoch, seq: 0 });
  await socket.hears("opened");
  return socket;
}

test("[E5] whoever is banned hears nothing more, is kept out until it is undone, and their words stay", async () => {
  const id = await room();
  await ben.api.sendMessage(id, { content: "ben was here" });
  const socket = await listening(ben, id);
  await mod.api.ban(id, { user_id: ben.id, reason: "  too   loud " });
  expect(await socket.hears("closed")).toMatchObject({ code: "removed" });
  await ann.api.sendMessage(id, { content: "not for ben" });
  await socket.settled();
  expect(JSON.stringify(socket.heard)).not.toContain("not for ben");
  socket.close();
  expect(await refusal(ben.api.joinRoom(id))).toBe("removed");
  expect(await refusal(ben.api.messages(id))).toBe("removed");
  expect((await ann.api.messages(id)).items.map(({ content }) => content)).toEqual(["ben was here", "not for ben"]);
  expect((await mod.api.keptOut(id)).items).toEqual([
    {
      user_id: ben.id,
      username: "ben",
      ban: {
        by: { id: mod.id, username: "mod" },
        at: new Date(clock.now()).toISOString(),
        until: null,
        reason: "too loud",
      },
    },
  ]);
  expect(await refusal(cat.api.keptOut(id))).toBe("forbidden");
  await mod.api.unban(id, ben.id);
  expect((await mod.api.keptOut(id)).items).toEqual([]);
  expect((await ann.api.members(id)).items.some(({ user_id }) => user_id === ben.id)).toBe(false);
  expect(await refusal(ben.api.joinRoom(id))).toBe("ok");
});

test("a ban ends by itself at its time", async () => {
  const id = await room();
  await ann.api.ban(id, { user_id: ben.id, until: new Date(clock.now() + 60_000).toISOString() });
  const lift = () => server.store.write("lift-bans", { userId: 0 });
  await lift();
  expect(await refusal(ben.api.joinRoom(id))).toBe("removed");
  clock.forward(61_000);
  await lift();
  expect((await ann.api.keptOut(id)).items).toEqual([]);
  expect(await refusal(ben.api.joinRoom(id))).toBe("ok");
  expect(await refusal(ann.api.ban(id, { user_id: ben.id, until: new Date(clock.now()).toISOString() }))).toBe(
    "invalid",
  );
});

test("somebody who is not in the room is banned all the same: an open socket closes, and neither door nor link lets them in", async () => {
  const id = await room();
  const socket = await listening(cat, id);
  const { token } = await ann.api.makeInvite({ room_ids: [id] });
  await ann.api.ban(id, { user_id: cat.id });
  expect(await socket.hears("closed")).toMatchObject({ code: "removed" });
  await ann.api.sendMessage(id, { content: "behind the door" });
  await socket.settled();
  expect(socket.all("message").map(({ content }) => content)).toEqual([]);
  socket.close();
  expect(await refusal(cat.api.joinRoom(id))).toBe("removed");
  expect(await cat.api.useInvite(token)).toEqual({ room_ids: [] });
  expect((await ann.api.room(id)).member_count).toBe(3);
});

test("who is sent out of a public room reads on and may come back; of a private one nothing is left but an invite", async () => {
  const open = await room();
  const socket = await listening(ben, open);
  await mod.api.sendOut(open, ben.id);
  await ann.api.sendMessage(open, { content: "still to be read" });
  await socket.until(() => socket.all("message").length === 1);
  socket.close();
  expect((await ann.api.keptOut(open)).items).toEqual([]);
  expect(await refusal(ben.api.sendMessage(open, { content: "x" }))).toBe("not_member");
  expect(await refusal(ben.api.joinRoom(open))).toBe("ok");
  const shut = await room("private");
  const { token } = await ann.api.makeInvite({ room_ids: [shut] });
  const inside = await listening(ben, shut);
  await mod.api.sendOut(shut, ben.id);
  expect(await inside.hears("closed")).toMatchObject({ code: "not_found" });
  inside.close();
  expect(await refusal(ben.api.messages(shut))).toBe("not_found");
  expect(await ben.api.useInvite(token)).toEqual({ room_ids: [shut] });
});

test("a moderator bans neither an admin nor another moderator, and nobody themselves or the last admin", async () => {
  const id = await room();
  await ann.api.giveRole(id, ben.id, "moderator");
  expect(await refusal(mod.api.ban(id, { user_id: ann.id }))).toBe("forbidden");
  expect(await refusal(mod.api.ban(id, { user_id: ben.id }))).toBe("forbidden");
  expect(await refusal(ann.api.ban(id, { user_id: ann.id }))).toBe("invalid");
  expect(await refusal(ann.api.ban(id, { user_id: 999_999 }))).toBe("not_found");
  expect(await refusal(ann.api.ban(id, { user_id: cat.id, reason: "x".repeat(201) }))).toBe("invalid");
});

test("whoever is let in again by being added is banned no more", async () => {
  const id = await room();
  await ann.api.ban(id, { user_id: ben.id, reason: "a mistake" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.removeMember(id, ben.id);
  expect((await ann.api.keptOut(id)).items).toEqual([{ user_id: ben.id, username: "ben", ban: null }]);
});

test("[E5] whoever is banned from a private room that they were never in hears nothing of it, by no socket then or later, and no link lets them in", async () => {
  const id = await room("private");
  const { token } = await ann.api.makeInvite({ room_ids: [id] });
  const socket = await RawSocket.ready(server.url, await cat.token());
  const heard = socket.heard.length;
  const me = socket.all("me").at(-1)?.version ?? 0;
  for (let again = 0; again < 2; again++) {
    await ann.api.ban(id, { user_id: cat.id, reason: "not even once" });
    await ann.api.unban(id, cat.id);
  }
  await ann.api.ban(id, { user_id: cat.id });
  await socket.settled();
  expect(socket.heard.slice(heard).filter(({ type }) => type !== "pong")).toEqual([]);
  socket.close();
  for (const since of [0, me]) {
    const { frame } = await server.store.read("my-rooms", { userId: cat.id }, { since, from: 0 });
    expect(frame).toMatchObject({ version: me, gone: [] });
  }
  expect(await refusal(cat.api.room(id))).toBe("not_found");
  expect(await refusal(cat.api.joinRoom(id))).toBe("not_found");
  expect(await cat.api.useInvite(token)).toEqual({ room_ids: [] });
  expect((await ann.api.keptOut(id)).items.map(({ user_id }) => user_id)).toEqual([cat.id]);
  await ann.api.unban(id, cat.id);
  expect(await cat.api.useInvite(token)).toEqual({ room_ids: [id] });
  await ann.api.ban(id, { user_id: cat.id });
  const { frame } = await server.store.read("my-rooms", { userId: cat.id }, { since: me, from: 0 });
  expect(frame.gone).toEqual([id]);
});

test("a guest who is banned from a public room that they were never in hears nothing of it either", async () => {
  const [gus] = await people(server.url, "gus");
  await root.api.changeUser(gus.id, { role: "guest" });
  const id = await room("public");
  const { access_token } = await logIn(server.url, gus);
  const socket = await RawSocket.ready(server.url, access_token);
  const heard = socket.heard.length;
  await ann.api.ban(id, { user_id: gus.id });
  await socket.settled();
  expect(socket.heard.slice(heard).filter(({ type }) => type !== "pong")).toEqual([]);
  socket.close();
});
