import { afterAll, beforeAll, expect, test } from "bun:test";
import type { ServerFrame } from "#shared/frames.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { stateOf } from "#tests/support/replica-state.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;
let gus: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [root, ann, ben, gus] = await people(server.url, "root", "ann", "ben", "gus");
  await root.api.changeUser(gus.id, { role: "guest" });
});
afterAll(() => server[Symbol.asyncDispose]());

const refusal = (promise: Promise<unknown>) => promise.then(() => "ok").catch((error: { code: string }) => error.code);
const names = async (by: Person, name?: string) =>
  (await by.api.users(name === undefined ? {} : { name })).items.map(({ username }) => username);

test("an account made with a guest's invite is in its rooms, and knows of no other room and of nobody else", async () => {
  const room = await ann.api.createRoom({ name: "reception" });
  await ann.api.createRoom({ name: "back office" });
  const { token, guest } = await ann.api.makeInvite({ room_ids: [room.id], guest: true });
  expect(guest).toBe(true);
  expect((await askApi(server.url, "POST", "/invite-link/look", { json: { token } })).body).toMatchObject({
    guest: true,
    rooms: ["reception"],
  });
  const made = await askApi(server.url, "POST", "/signup", {
    json: { username: "visitor", password: "visitor's long password", invite: token },
  });
  expect(made.body).toMatchObject({ username: "visitor", role: "guest" });
  const login = { username: "visitor", password: "visitor's long password" };
  const { access_token } = (await askApi(server.url, "POST", "/token", { json: login })).body as {
    access_token: string;
  };
  const get = async (path: string) => (await askApi(server.url, "GET", path, { token: access_token })).body;
  expect(((await get("/rooms")) as { items: { name: string }[] }).items.map(({ name }) => name)).toEqual(["reception"]);
  expect(((await get("/users")) as { items: { username: string }[] }).items.map(({ username }) => username)).toEqual([
    "ann",
    "visitor",
  ]);
  const asked = await askApi(server.url, "POST", "/invites", { token: access_token, json: { room_ids: [room.id] } });
  expect(asked.status).toBe(403);
  expect(await refusal(root.api.makeInvite({ guest: true }))).toBe("invalid");
});

test("an admin who is alone with guests goes, and does not stay without leading them", async () => {
  const { id } = await ann.api.createRoom({ name: "with guests", kind: "private" });
  await ann.api.addMembers(id, [gus.id]);
  expect(await refusal(ann.api.giveRole(id, gus.id, "admin"))).toBe("forbidden");
  expect(await refusal(ann.api.giveRole(id, ann.id, "member"))).toBe("last_admin");
  await ann.api.addMembers(id, [ben.id]);
  expect(await refusal(ann.api.leaveRoom(id))).toBe("last_admin");
  await ben.api.leaveRoom(id);
  expect(await refusal(ann.api.leaveRoom(id))).toBe("ok");
  expect((await gus.api.members(id)).items.map(({ username }) => username)).toEqual(["gus"]);
});

test("whoever has an account and uses a guest's invite stays what they are", async () => {
  const room = await ann.api.createRoom({ name: "for guests too" });
  const { token } = await ann.api.makeInvite({ room_ids: [room.id], guest: true });
  await ben.api.useInvite(token);
  expect((await ben.api.me()).role).toBe("user");
});

test("a guest finds the people of their rooms and no others, whichever way they look", async () => {
  const room = await ann.api.createRoom({ name: "the guest's", kind: "private" });
  expect(await names(gus)).toEqual(["gus"]);
  expect(await refusal(gus.api.person(ann.id))).toBe("not_found");
  await ann.api.addMembers(room.id, [gus.id]);
  expect(await names(gus)).toEqual(["ann", "gus"]);
  expect(await names(gus, "ben")).toEqual([]);
  expect((await gus.api.person(ann.id)).username).toBe("ann");
  expect(await refusal(gus.api.person(ben.id))).toBe("not_found");
  expect((await gus.api.faces([ann.id, ben.id])).items.map(({ id }) => id)).toEqual([ann.id]);
  expect(await refusal(gus.api.openDirect({ user_ids: [ben.id] }))).toBe("not_found");
  const talk = await gus.api.openDirect({ user_ids: [ann.id] });
  expect(await refusal(gus.api.addMembers(talk.id, [ben.id]))).toBe("not_found");
  await ann.api.addMembers(talk.id, [ben.id]);
  expect(await names(gus)).toEqual(["ann", "ben", "gus"]);
  expect((await names(ben)).includes("gus")).toBe(true);
  await ann.api.deleteRoom(room.id);
});

test("a guest is shown of the groups of the house those in which somebody is whom they know, and of them no others", async () => {
  const room = await ann.api.createRoom({ name: "grouped", kind: "private" });
  const mixed = await root.api.makeGroup("mixed");
  const far = await root.api.makeGroup("far");
  await root.api.setGroupMembers(mixed.id, [ann.id, root.id]);
  await root.api.setGroupMembers(far.id, [root.id]);
  expect((await ann.api.groups()).items.map(({ name }) => name)).toEqual(["far", "mixed"]);
  await ann.api.addMembers(room.id, [gus.id]);
  expect((await gus.api.groups()).items).toEqual([{ id: mixed.id, name: "mixed", user_ids: [ann.id] }]);
  await ann.api.deleteRoom(room.id);
});

test("the newest messages of all rooms are to a guest those of their own", async () => {
  const own = await ann.api.createRoom({ name: "spoken in", kind: "public" });
  const other = await ann.api.createRoom({ name: "spoken in elsewhere", kind: "public" });
  await ann.api.addMembers(own.id, [gus.id]);
  await ann.api.sendMessage(own.id, { content: "for gus" });
  await ann.api.sendMessage(other.id, { content: "for others" });
  const newest = async (by: Person) =>
    (await server.store.read("newest", { userId: by.id }, { limit: 100 })).map(({ content }) => content);
  expect(await newest(gus)).toEqual(["for gus"]);
  expect(await newest(ben)).toEqual(expect.arrayContaining(["for gus", "for others"]));
});

test("a guest makes no rooms and leads none", async () => {
  const room = await ann.api.createRoom({ name: "led by others", kind: "private" });
  await ann.api.addMembers(room.id, [gus.id]);
  expect(await refusal(gus.api.createRoom({ name: "of a guest" }))).toBe("forbidden");
  expect(await refusal(ann.api.giveRole(room.id, gus.id, "moderator"))).toBe("forbidden");
  expect(await refusal(ann.api.transferRoom(room.id, gus.id))).toBe("forbidden");
  expect(await refusal(ann.api.giveRole(room.id, gus.id, "reader"))).toBe("ok");
  expect(await refusal(gus.api.addMembers(room.id, [ben.id]))).toBe("forbidden");
});

test("a member who becomes a guest hands on the rooms they led, is logged out, and is out of the public rooms they left", async () => {
  const [mia] = await people(server.url, "mia");
  const led = await mia.api.createRoom({ name: "mia's" });
  await mia.api.addMembers(led.id, [ben.id]);
  const other = await ann.api.createRoom({ name: "mia looks on" });
  const socket = await RawSocket.ready(server.url, await mia.token());
  socket.say({ type: "open", room_id: other.id, epoch: server.store.epoch, seq: 0 });
  await socket.hears("opened");
  await root.api.changeUser(mia.id, { role: "guest" });
  expect((await socket.closes()).code).toBe(4401);
  const members = (await ben.api.members(led.id)).items;
  expect(members.map(({ username, role, guest }) => [username, role, guest])).toEqual([
    ["ben", "admin", undefined],
    ["mia", "member", true],
  ]);
  const again = async (path: string) =>
    askApi(server.url, "GET", path, { token: (await logIn(server.url, mia)).access_token });
  const mine = async () => ((await again("/rooms")).body as { items: { name: string }[] }).items;
  expect((await mine()).map(({ name }) => name)).toEqual(["mia's"]);
  expect((await again(`/rooms/${other.id}/messages`)).code).toBe("not_found");
  await root.api.changeUser(mia.id, { role: "user" });
  expect((await mine()).length).toBeGreaterThan(2);
});

test("a guest's device learns what changes in a public room that they are in, and hears nothing of the others [E4]", async () => {
  const room = await ann.api.createRoom({ name: "glass house" });
  await ann.api.addMembers(room.id, [gus.id]);
  const { chat } = deviceOf(gus, server.url);
  const heard: ServerFrame[] = [];
  chat.on((notice) => {
    if (notice.type === "raw") heard.push(JSON.parse(notice.text) as ServerFrame);
  });
  chat.start();
  await eventually(() => expect(chat.line.state).toBe("live"));
  await ann.api.changeRoom(room.id, { name: "glass palace", posting: "moderators" });
  const other = await ann.api.createRoom({ name: "hall of mirrors" });
  await ann.api.sendMessage(other.id, { content: "not for guests" });
  await eventually(() => expect(chat.replica.mine.get(room.id)?.room.name).toBe("glass palace"));
  const fresh = deviceOf(gus, server.url).chat;
  fresh.start();
  await eventually(() => expect(stateOf(chat, [])).toEqual(stateOf(fresh, [])));
  expect([...chat.replica.house.keys()]).toEqual([]);
  expect(JSON.stringify(heard)).not.toContain("hall of mirrors");
  await gus.api.leaveRoom(room.id);
  await eventually(() => expect(chat.replica.mine.has(room.id)).toBe(false));
  expect(await refusal(gus.api.joinRoom(room.id))).toBe("not_found");
  chat.stop();
  fresh.stop();
});

test("a guest who leaves a public room hears nothing more of it on the open socket", async () => {
  const room = await ann.api.createRoom({ name: "open door" });
  await ann.api.addMembers(room.id, [gus.id]);
  const socket = await RawSocket.ready(server.url, await gus.token());
  socket.say({ type: "open", room_id: room.id, epoch: server.store.epoch, seq: 0 });
  await socket.hears("opened");
  await gus.api.leaveRoom(room.id);
  expect(await socket.hears("closed")).toMatchObject({ code: "not_found" });
  await ann.api.sendMessage(room.id, { content: "gus is gone" });
  await socket.settled();
  expect(socket.all("message")).toEqual([]);
  socket.close();
});
