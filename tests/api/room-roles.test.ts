import { afterAll, beforeAll, expect, test } from "bun:test";
import { errors, Refusal } from "#shared/errors.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, ann, ben, cat] = await people(server.url, "operator", "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => "done",
    (error: unknown) => (error instanceof Refusal ? error.code : String(error)),
  );

async function roomOfThree(name: string): Promise<number> {
  const { id } = await ann.api.createRoom({ name, kind: "private" });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  return id;
}

const says = (who: Person, room: number) => codeOf(who.api.sendMessage(room, { content: "words" }));

test("a reader reads and does not write, by REST, by the socket and by the room's own socket [S8]", async () => {
  const room = await roomOfThree("reading");
  await ann.api.giveRole(room, ben.id, "reader");
  expect(await says(ben, room)).toBe("read_only");
  expect(await says(cat, room)).toBe("done");
  const socket = await RawSocket.ready(server.url, await ben.token());
  socket.say({ type: "send", room_id: room, nonce: "by a reader", content: "x" });
  expect((await socket.hears("error")).code).toBe("read_only");
  const plain = await RawSocket.open(server.url, `/ws/${room}`, await ben.token());
  await plain.hears("active_users");
  plain.sayText("x");
  expect((await plain.hears("error")).code).toBe("read_only");
  await ann.api.giveRole(room, ben.id, "member");
  expect(await says(ben, room)).toBe("done");
  socket.close();
  plain.close();
});

const roleOf = async (room: number, who: Person) =>
  (await ann.api.members(room)).items.find((each) => each.user_id === who.id)?.role;

for (const kind of ["public", "private"] as const) {
  test(`whoever is a reader of a ${kind} room is one still, however they go and by whichever way they come back [E10]`, async () => {
    const { id: room } = await ann.api.createRoom({ name: `quiet, ${kind}`, kind });
    await ann.api.addMembers(room, [ben.id, cat.id]);
    await ann.api.giveRole(room, cat.id, "moderator");
    await ann.api.giveRole(room, ben.id, "reader");
    const { token } = await ann.api.makeInvite({ room_ids: [room] });
    const goings = {
      leaves: () => ben.api.leaveRoom(room),
      "is sent out": () => cat.api.sendOut(room, ben.id),
      "is removed and forgiven": async () => {
        await cat.api.removeMember(room, ben.id);
        await cat.api.unban(room, ben.id);
      },
      "is banned where they are not": async () => {
        await ben.api.leaveRoom(room);
        await cat.api.ban(room, { user_id: ben.id });
        await cat.api.unban(room, ben.id);
      },
    };
    const comings = {
      ...(kind === "public" ? { joins: () => ben.api.joinRoom(room) } : {}),
      "comes by a link": () => ben.api.useInvite(token),
      "is added by a moderator": () => cat.api.addMembers(room, [ben.id]),
    };
    for (const [going, go] of Object.entries(goings)) {
      for (const [coming, come] of Object.entries(comings)) {
        await go();
        await come();
        expect(`${going}, ${coming}: ${await roleOf(room, ben)}`).toBe(`${going}, ${coming}: reader`);
        expect(await says(ben, room)).toBe("read_only");
        const row = await server.store.read("my-room", { userId: ben.id }, { roomId: room });
        expect(row).toMatchObject({ role: "reader" });
      }
    }
    await ann.api.ban(room, { user_id: ben.id });
    await cat.api.addMembers(room, [ben.id]);
    expect(await roleOf(room, ben)).toBe("reader");
    await ann.api.giveRole(room, ben.id, "member");
    await ben.api.leaveRoom(room);
    await cat.api.addMembers(room, [ben.id]);
    expect(await says(ben, room)).toBe("done");
  });
}

test("a reader who speaks into a public room by a door that joins it stays a reader", async () => {
  const { id: room } = await ann.api.createRoom({ name: "quiet doors" });
  await ben.api.joinRoom(room);
  await ann.api.giveRole(room, ben.id, "reader");
  await ben.api.leaveRoom(room);
  const answer = await fetch(`${server.url}/message/rooms/${room}/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${await ben.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ content: "x" }),
  });
  expect([answer.status, await answer.json()]).toEqual([403, { detail: errors.read_only.detail }]);
  await ben.api.leaveRoom(room);
  const plain = await RawSocket.open(server.url, "/ws/quiet%20doors", await ben.token());
  await plain.hears("active_users");
  plain.sayText("x");
  expect((await plain.hears("error")).code).toBe("read_only");
  plain.close();
});

test("whoever led a room and left comes back as a member", async () => {
  const room = await roomOfThree("led before");
  await ann.api.giveRole(room, ben.id, "moderator");
  await ben.api.leaveRoom(room);
  await ann.api.addMembers(room, [ben.id]);
  expect(await roleOf(room, ben)).toBe("member");
});

test("a room that was hidden and silent is heard and seen again by whoever comes back to it", async () => {
  const { id: room } = await ann.api.createRoom({ name: "left silent" });
  await ben.api.joinRoom(room);
  await ben.api.setApart(room, { hidden: true });
  await ben.api.setLevel(room, "nothing");
  const row = () => server.store.read("my-room", { userId: ben.id }, { roomId: room });
  expect(await row()).toMatchObject({ hidden: true, notify: "nothing" });
  await ben.api.leaveRoom(room);
  await ben.api.joinRoom(room);
  expect(Object.keys((await row()) ?? {})).not.toContainAnyValues(["hidden", "notify"]);
});

test("in an announcement room members read, and moderators and admins write [S8]", async () => {
  const { id: room } = await ann.api.createRoom({ name: "news", posting: "moderators" });
  await ann.api.addMembers(room, [ben.id, cat.id]);
  await ann.api.giveRole(room, cat.id, "moderator");
  expect([await says(ann, room), await says(ben, room), await says(cat, room)]).toEqual(["done", "read_only", "done"]);
  await ann.api.changeRoom(room, { posting: "members" });
  expect(await says(ben, room)).toBe("done");
});

test("an archived room is read on and written to by nobody, until it is brought back [S8]", async () => {
  const room = await roomOfThree("old");
  await ben.api.sendMessage(room, { content: "kept" });
  expect(await codeOf(ben.api.changeRoom(room, { archived: true }))).toBe("forbidden");
  expect((await ann.api.changeRoom(room, { archived: true })).archived).toBe(true);
  expect([await says(ann, room), await says(ben, room)]).toEqual(["archived", "archived"]);
  expect((await ben.api.messages(room)).items.map((message) => message.content)).toEqual(["kept"]);
  await ben.api.markRead(room, 3);
  await ann.api.changeRoom(room, { archived: false });
  expect(await says(ben, room)).toBe("done");
});

test("a moderator adds and removes members, and touches nobody who leads the room, nor the room itself", async () => {
  const room = await roomOfThree("moderated");
  await ann.api.giveRole(room, ben.id, "moderator");
  expect(await codeOf(ben.api.removeMember(room, ann.id))).toBe("forbidden");
  expect(await codeOf(ben.api.giveRole(room, ben.id, "admin"))).toBe("forbidden");
  expect(await codeOf(ben.api.changeRoom(room, { name: "mine" }))).toBe("forbidden");
  await ben.api.removeMember(room, cat.id);
  expect((await ben.api.keptOut(room)).items).toEqual([{ user_id: cat.id, username: "cat", ban: null }]);
  await ben.api.addMembers(room, [cat.id]);
  expect((await ben.api.keptOut(room)).items).toEqual([]);
  expect(await codeOf(cat.api.keptOut(room))).toBe("forbidden");
});

test("the last admin of a room neither leaves, nor steps down, nor is removed, until somebody else is one", async () => {
  const room = await roomOfThree("needs an admin");
  expect(await codeOf(ann.api.leaveRoom(room))).toBe("last_admin");
  expect(await codeOf(ann.api.giveRole(room, ann.id, "member"))).toBe("last_admin");
  expect(await codeOf(ann.api.sendOut(room, ann.id))).toBe("last_admin");
  await ann.api.transferRoom(room, ben.id);
  const roles = Object.fromEntries((await ann.api.members(room)).items.map((each) => [each.username, each.role]));
  expect(roles).toEqual({ ann: "member", ben: "admin", cat: "member" });
  expect(await codeOf(ann.api.transferRoom(room, ann.id))).toBe("forbidden");
  await ann.api.leaveRoom(room);
  const { id: alone } = await ann.api.createRoom({ name: "alone", kind: "private" });
  await ann.api.leaveRoom(alone);
});

test("nobody keeps themselves out of a room, who leads it neither", async () => {
  for (const kind of ["public", "private"] as const) {
    const { id: room } = await ann.api.createRoom({ name: `oneself, ${kind}`, kind });
    await ann.api.addMembers(room, [ben.id]);
    await ann.api.giveRole(room, ben.id, "admin");
    expect(await codeOf(ann.api.removeMember(room, ann.id))).toBe("invalid");
    expect(await says(ann, room)).toBe("done");
  }
});

test("two admins who go at once leave one of them behind", async () => {
  const room = await roomOfThree("a race");
  await ann.api.giveRole(room, ben.id, "admin");
  const ends = await Promise.all([codeOf(ann.api.leaveRoom(room)), codeOf(ben.api.leaveRoom(room))]);
  expect(ends.sort()).toEqual(["done", "last_admin"]);
});

test("a new role is heard by the room, and by whom it is about in their own row [E10]", async () => {
  const room = await roomOfThree("heard");
  const epoch = server.store.epoch;
  const anns = await RawSocket.ready(server.url, await ann.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
  const bens = await RawSocket.ready(server.url, await ben.token());
  await ann.api.giveRole(room, ben.id, "moderator");
  const heard = await anns.hears("member.role");
  expect(heard).toMatchObject({ room_id: room, seq: 3, actor_id: ann.id, user_id: ben.id, role: "moderator" });
  await bens.hears("me", (frame) => frame.rooms.some((row) => row.room.id === room && row.role === "moderator"));
  expect(bens.all("member.role")).toEqual([]);
  anns.close();
  bens.close();
});
