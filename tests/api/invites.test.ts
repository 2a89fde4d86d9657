import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";
import type { InviteList } from "#shared/contract/invites.ts";
import { Refusal } from "#shared/errors.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, testStore } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

const listed = async (url: string, by: Person) =>
  ((await askApi(url, "GET", "/invites", { token: (await logIn(url, by)).access_token })).body as InviteList).items;

const account = (username: string, invite?: string) => ({ username, password: "long enough", invite });

test("an invite leads into its rooms, once for each of so many people, and its token is kept as a hash alone", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [, ann, ben, cat, dan] = await people(server.url, "admin", "ann", "ben", "cat", "dan");
  const { id } = await ann.api.createRoom({ name: "pond", kind: "private" });
  await ann.api.sendMessage(id, { content: "before" });
  const { token, uses_most } = await ann.api.makeInvite({ room_ids: [id], uses: 2, expires_in: 3_600 });
  expect(uses_most).toBe(2);
  expect(await dan.api.lookAtInvite(token)).toEqual({ by: "ann", rooms: ["pond"], guest: false, opens_account: true });
  expect(await ben.api.useInvite(token)).toEqual({ room_ids: [id] });
  expect(await ben.api.useInvite(token)).toEqual({ room_ids: [id] });
  expect((await ben.api.messages(id)).items).toEqual([]);
  expect((await ann.api.invitesInto(id)).items).toMatchObject([{ uses: 1, uses_most: 2, rooms: [{ name: "pond" }] }]);
  await cat.api.useInvite(token);
  expect(await codeOf(dan.api.useInvite(token))).toBe("not_found");
  expect(await codeOf(dan.api.room(id))).toBe("not_found");
  expect(JSON.stringify((await ann.api.invitesInto(id)).items)).not.toContain(token);
  expect(server.logged.join("\n")).not.toContain(token);
  if (testStore === "sqlite") {
    using file = new Database(join(server.dataDir, "parlour.db"), { readonly: true });
    expect(JSON.stringify(file.query("SELECT * FROM invites").all())).not.toContain(token);
  }
});

test("an invite ends when it is taken back, when its time is over, and when its maker may bring nobody any more", async () => {
  const clock = movedClock();
  await using server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [, ann, ben, cat] = await people(server.url, "admin", "ann", "ben", "cat");
  const { id } = await ann.api.createRoom({ name: "pond", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.giveRole(id, ben.id, "moderator");
  const make = (who: Person) => who.api.makeInvite({ room_ids: [id], expires_in: 60 });
  const [taken, old, demoted] = [await make(ann), await make(ann), await make(ben)];
  expect(await codeOf(cat.api.revokeInvite(taken.id))).toBe("not_found");
  await ann.api.revokeInvite(taken.id);
  expect(await codeOf(cat.api.useInvite(taken.token))).toBe("not_found");
  await ann.api.giveRole(id, ben.id, "member");
  expect(await codeOf(cat.api.useInvite(demoted.token))).toBe("not_found");
  expect(await codeOf(make(ben))).toBe("forbidden");
  clock.forward(61_000);
  expect(await codeOf(cat.api.useInvite(old.token))).toBe("not_found");
  expect(await codeOf(cat.api.invitesInto(id))).toBe("not_found");
});

test("nobody comes by a link into a room that removed them, nor into a direct talk", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [, ann, ben] = await people(server.url, "admin", "ann", "ben");
  const { id } = await ann.api.createRoom({ name: "pond", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.removeMember(id, ben.id);
  const { token } = await ann.api.makeInvite({ room_ids: [id] });
  expect(await ben.api.useInvite(token)).toEqual({ room_ids: [] });
  expect(await codeOf(ben.api.messages(id))).toBe("not_found");
  const talk = await ann.api.openDirect({ user_ids: [ben.id] });
  expect(await codeOf(ann.api.makeInvite({ room_ids: [talk.id] }))).toBe("forbidden");
});

test("with SIGNUP=invite an account is made by an admin's invite alone, and is in its rooms at once", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off", SIGNUP: "invite" });
  const [admin] = await people(server.url, "admin");
  const { id } = await admin.api.createRoom({ name: "hall", kind: "private" });
  expect(await askApi(server.url, "POST", "/signup", { json: account("stranger") })).toMatchObject({
    status: 403,
    code: "signup_closed",
  });
  expect(await askApi(server.url, "POST", "/signup", { json: account("guesser", "a guess") })).toMatchObject({
    status: 404,
  });
  const { token } = await admin.api.makeInvite({ room_ids: [id], uses: 2 });
  expect(await askApi(server.url, "POST", "/signup", { json: account("eva", token) })).toMatchObject({ status: 201 });
  expect((await admin.api.members(id)).items.map((member) => member.username)).toEqual(["admin", "eva"]);
  const evas = (await askApi(server.url, "POST", "/token", { json: { username: "eva", password: "long enough" } }))
    .body as { access_token: string };
  const own = await askApi(server.url, "POST", "/rooms", { token: evas.access_token, json: { name: "evas" } });
  const room = (own.body as { id: number }).id;
  const made = await askApi(server.url, "POST", "/invites", { token: evas.access_token, json: { room_ids: [room] } });
  const evasToken = (made.body as { token: string }).token;
  const look = await askApi(server.url, "POST", "/invite-link/look", { json: { token: evasToken } });
  expect(look.body).toMatchObject({ by: "eva", opens_account: false });
  expect(await askApi(server.url, "POST", "/signup", { json: account("friend", evasToken) })).toMatchObject({
    status: 403,
    code: "signup_closed",
  });
  expect(await askApi(server.url, "POST", "/signup", { json: account("fay", token) })).toMatchObject({ status: 201 });
  expect(await askApi(server.url, "POST", "/signup", { json: account("gus", token) })).toMatchObject({ status: 404 });
});

test("of many who use an invite's last use at once, one comes in", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [, ann, ...others] = await people(server.url, "admin", "ann", "b", "c", "d", "e");
  const { id } = await ann!.api.createRoom({ name: "pond", kind: "private" });
  const { token } = await ann!.api.makeInvite({ room_ids: [id], uses: 1 });
  const ends = await Promise.all(others.map((who) => codeOf(who.api.useInvite(token))));
  expect(ends.filter((end) => end === "done")).toHaveLength(1);
  expect((await ann!.api.members(id)).items).toHaveLength(2);
});

test("an invite that is used up or too old is listed no more, and forgotten a month after", async () => {
  const clock = movedClock();
  await using server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [admin, ann, ben] = await people(server.url, "admin", "ann", "ben");
  const { id } = await ann.api.createRoom({ name: "pond", kind: "private" });
  const old = await ann.api.makeInvite({ room_ids: [id], expires_in: 60 });
  const used = await ann.api.makeInvite({ room_ids: [id], uses: 1 });
  const taken = await ann.api.makeInvite({ room_ids: [id] });
  const live = await ann.api.makeInvite({ room_ids: [id] });
  const over = await ann.api.makeInvite({ room_ids: [id], uses: 2, expires_in: 60 });
  await ben.api.useInvite(used.token);
  await ann.api.revokeInvite(taken.id);
  clock.forward(61_000);
  for (const list of [
    (await ann.api.invitesInto(id)).items,
    ...(await Promise.all([ann, admin].map((by) => listed(server.url, by)))),
  ]) {
    expect(list.map((invite) => invite.id)).toEqual([live.id]);
  }
  const kept = async () => {
    await server.store.write("sweep-invites", { userId: 0 });
    await using stored = await openStored(server);
    return (await stored.rows<{ id: number }>("SELECT id FROM invites ORDER BY id")).map((row) => row.id);
  };
  expect(await kept()).toEqual([old, used, taken, live, over].map((invite) => invite.id));
  clock.forward(31 * 86_400_000);
  // The last one keeps its number from being given again.
  expect(await kept()).toEqual([live.id, over.id]);
  expect(await codeOf(ben.api.useInvite(used.token))).toBe("not_found");
  expect(await codeOf(ben.api.useInvite(live.token))).toBe("done");
});

test("whoever left a room that they made an invite into is not told its name any more, by their own list", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [admin, ann, ben] = await people(server.url, "admin", "ann", "ben");
  const pond = await ann.api.createRoom({ name: "pond", kind: "private" });
  const lake = await ann.api.createRoom({ name: "lake" });
  await ann.api.addMembers(pond.id, [ben.id]);
  await ann.api.giveRole(pond.id, ben.id, "admin");
  await ann.api.makeInvite({ room_ids: [pond.id, lake.id] });
  const names = async (by: Person) => (await listed(server.url, by)).map(({ rooms }) => rooms.map(({ name }) => name));
  expect(await names(ann)).toEqual([["pond", "lake"]]);
  await ben.api.sendOut(pond.id, ann.id);
  await ben.api.changeRoom(pond.id, { name: "renamed since" });
  expect(await names(ann)).toEqual([["lake"]]);
  expect(await names(admin)).toEqual([["renamed since", "lake"]]);
  expect((await ben.api.invitesInto(pond.id)).items.map(({ rooms }) => rooms.map(({ name }) => name))).toEqual([
    ["renamed since"],
  ]);
  await admin.api.changeUser(ann.id, { role: "guest" });
  expect(await names(ann)).toEqual([["lake"]]);
  await ben.api.joinRoom(lake.id);
  await admin.api.removeMember(lake.id, ann.id);
  expect(await names(ann)).toEqual([[]]);
});
