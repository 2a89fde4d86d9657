import { afterAll, beforeAll, expect, test } from "bun:test";
import { calledIn } from "#shared/called.ts";
import type { Message } from "#shared/models.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let admin: Person;
let ann: Person;
let ben: Person;
let spaced: Person;
let outside: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, ann, ben, spaced, outside] = await people(server.url, "admin", "ann", "ben", 'Cat "the" D.', "outside");
});
afterAll(() => server[Symbol.asyncDispose]());

let rooms = 0;

async function roomOfThree(kind: "public" | "private" = "private"): Promise<number> {
  rooms += 1;
  const { id } = await ann.api.createRoom({ name: `calls ${rooms}`, kind });
  await ann.api.addMembers(id, [ben.id, spaced.id]);
  return id;
}

const mentionsOf = async (who: Person) => (await who.api.mentions()).items.map(({ id }) => id);

test("a message calls by name who is in its room, whatever their name, and nobody else", async () => {
  const room = await roomOfThree();
  const content = 'Hello @ben, @"cat ""the"" d." and @outside; mail ann@ben.example';
  const { id, mentions } = await ann.api.sendMessage(room, { content });
  expect(mentions?.people).toEqual([
    { id: ben.id, as: "ben" },
    { id: spaced.id, as: 'cat "the" d.' },
  ]);
  expect(await mentionsOf(ben)).toContain(id);
  expect(await mentionsOf(spaced)).toContain(id);
  expect(await mentionsOf(outside)).not.toContain(id);
  const plain = await ann.api.sendMessage(room, { content: "to nobody: @outside @nobody.at.all" });
  expect(plain).not.toHaveProperty("mentions");
  expect((await ann.api.messages(room)).items.at(-1)).not.toHaveProperty("mentions");
});

test("the same nonce is answered again and calls nobody twice [S2]", async () => {
  const room = await roomOfThree();
  const body = { content: "@ben, once", nonce: `once ${room}` };
  const first = await ann.api.sendMessage(room, body);
  expect(await ann.api.sendMessage(room, body)).toEqual(first);
  expect((await mentionsOf(ben)).filter((id) => id === first.id)).toHaveLength(1);
  await expect(ann.api.sendMessage(room, { ...body, content: "@ben, twice" })).rejects.toMatchObject({
    code: "nonce_reused",
  });
});

test("[M1] whoever is called learns it in their row of a room that is not open, before they ask", async () => {
  const room = await roomOfThree();
  const bens = await RawSocket.ready(server.url, await ben.token());
  const cats = await RawSocket.ready(server.url, await spaced.token());
  const { id, seq } = await ann.api.sendMessage(room, { content: "@ben, are you there?" });
  const { rooms: rows } = await bens.hears("me", (frame) =>
    frame.rooms.some((row) => row.room.id === room && row.called),
  );
  expect(rows).toMatchObject([{ room: { id: room }, called: [{ id, seq, by: ann.id }] }]);
  await cats.hears("at", (frame) => frame.room_id === room && frame.seq === seq);
  await cats.settled();
  const told = cats.all("me").flatMap((frame) => frame.rooms.filter((row) => row.room.id === room));
  expect(told.flatMap((row) => row.called ?? [])).toEqual([]);
  bens.close();
  cats.close();
});

test("[M2] @room is told to everybody in the room at once, without its words, and counts until it is read", async () => {
  const room = await roomOfThree();
  const bens = ben.device();
  bens.start();
  await eventually(() => expect(bens.line.state).toBe("live"));
  const raw = await RawSocket.ready(server.url, await spaced.token());
  const { id, seq } = await ann.api.sendMessage(room, { content: "@room, the lily pond is open" });
  const called = { id, seq, by: ann.id, everybody: true, groups: [] };
  expect(await raw.hears("at", (frame) => frame.called !== undefined)).toMatchObject({ room_id: room, called });
  expect(JSON.stringify(raw.heard)).not.toContain("lily");
  await eventually(() => expect(calledIn(bens.replica, room)).toEqual([{ id, seq, by: ann.id }]));
  await ben.api.markRead(room, seq);
  await eventually(() => expect(calledIn(bens.replica, room)).toEqual([]));
  expect(await mentionsOf(ben)).toContain(id);
  bens.stop();
  raw.close();
});

test("[M2] a call in a thread that one follows is read there, on every device, and not with the room; in another thread with the room", async () => {
  const room = await roomOfThree();
  const devices = [ben.device(), ben.device()];
  for (const device of devices) {
    device.start();
    await device.openRoom(room);
  }
  const followed = await ben.api.sendMessage(room, { content: "mine" });
  const other = await ann.api.sendMessage(room, { content: "another" });
  const calls = (...ids: number[]) =>
    eventually(() => {
      for (const { replica } of devices) expect(calledIn(replica, room).map(({ id }) => id)).toEqual(ids);
    });
  const named = await ann.api.sendMessage(room, { content: "@ben in yours", thread: followed.id });
  const wide = await ann.api.sendMessage(room, { content: "@room in yours", thread: followed.id });
  const apart = await ann.api.sendMessage(room, { content: "@ben elsewhere", thread: other.id });
  await calls(named.id, wide.id, apart.id);
  await ben.api.markRead(room, apart.seq);
  await calls(named.id, wide.id);
  await ben.api.markThreadRead(room, followed.id, named.seq);
  await calls(wide.id);
  await ben.api.markThreadRead(room, followed.id, wide.seq);
  await calls();
  const late = await ann.api.sendMessage(room, { content: "@ben once more", thread: followed.id });
  await calls(late.id);
  await ben.api.markThreadRead(room, followed.id, late.seq);
  await calls();
  await ben.api.follow(room, followed.id, false);
  // What was read there alone is not read with the room.
  await calls(late.id);
  for (const device of devices) device.stop();
});

test("@room calls nobody where one may not call everybody, and says so by calling nobody", async () => {
  const members = 51;
  const { id: room } = await ann.api.createRoom({ name: "a large one", kind: "public" });
  for (let at = 0; at < members; at++) {
    const name = `many${at}`;
    const args = { username: name, email: null, passwordHash: "none", role: "user", setting: "open" } as const;
    const { id } = await server.store.write("sign-up", { userId: 0 }, { ...args, byUserId: null });
    await server.store.write("join-room", { userId: id }, { roomId: room });
  }
  await ben.api.joinRoom(room);
  expect(await ben.api.sendMessage(room, { content: "@room @here" })).not.toHaveProperty("mentions");
  expect((await ann.api.sendMessage(room, { content: "@room @here" })).mentions).toEqual({ room: true, here: true });
  const names = Array.from({ length: members }, (_, at) => `@many${at}`).join(" ");
  await expect(ann.api.sendMessage(room, { content: names })).rejects.toMatchObject({ code: "too_many_mentions" });
});

test("[M3] an edit calls whom it adds and calls no more whom it takes out; a deleted message calls nobody", async () => {
  const room = await roomOfThree();
  const { id, seq } = await ann.api.sendMessage(room, { content: "@ben @room" });
  const chats = [ben.device(), spaced.device()];
  for (const chat of chats) chat.start();
  const [bens, cats] = chats as [(typeof chats)[0], (typeof chats)[0]];
  const calls = async (forBen: boolean, forCat: boolean) => {
    await eventually(() => {
      expect(calledIn(bens.replica, room)).toEqual(forBen ? [{ id, seq, by: ann.id }] : []);
      expect(calledIn(cats.replica, room)).toEqual(forCat ? [{ id, seq, by: ann.id }] : []);
    });
    expect((await mentionsOf(ben)).includes(id)).toBe(forBen);
    expect((await mentionsOf(spaced)).includes(id)).toBe(forCat);
  };
  await calls(true, true);
  await ann.api.editMessage(id, "@ben");
  await calls(true, false);
  await ann.api.editMessage(id, '@"cat ""the"" d."');
  await calls(false, true);
  await ann.api.editMessage(id, "@room again");
  await calls(true, true);
  await ann.api.deleteMessage(id);
  await calls(false, false);
  for (const chat of chats) chat.stop();
});

test("a removed member is called by nothing any more, and sees none of what called them before", async () => {
  const room = await roomOfThree();
  const first = await ann.api.sendMessage(room, { content: "@ben, stay" });
  const socket = await RawSocket.ready(server.url, await ben.token());
  await ann.api.removeMember(room, ben.id);
  await socket.hears("me", (frame) => frame.gone.includes(room));
  const heard = socket.heard.length;
  const later = await ann.api.sendMessage(room, { content: "@ben @room, you are not here" });
  expect(later.mentions).toEqual({ room: true });
  await ann.api.editMessage(first.id, "@ben, still not");
  await socket.settled();
  expect(socket.heard.slice(heard).filter((frame) => JSON.stringify(frame).includes(`_id":${room},`))).toEqual([]);
  const seen = await mentionsOf(ben);
  expect(seen).not.toContain(first.id);
  expect(seen).not.toContain(later.id);
  socket.close();
});

test("who came later is not called by what was said before, nor by an edit of it", async () => {
  const { id: room } = await ann.api.createRoom({ name: "before they came", kind: "private" });
  const { id } = await ann.api.sendMessage(room, { content: "@room" });
  await ann.api.addMembers(room, [ben.id]);
  await ann.api.editMessage(id, "@ben @room");
  expect(await mentionsOf(ben)).not.toContain(id);
  const { frame } = await server.store.read("my-rooms", { userId: ben.id }, { since: 0, from: 0 });
  expect(frame.rooms.find((row) => row.room.id === room)).not.toHaveProperty("called");
});

test("a group is made by admins and calls those who are in it now and in the room", async () => {
  const room = await roomOfThree();
  await expect(ann.api.makeGroup("gardeners")).rejects.toMatchObject({ code: "forbidden" });
  await expect(admin.api.makeGroup("ben")).rejects.toMatchObject({ code: "taken" });
  await expect(admin.api.makeGroup("two words")).rejects.toMatchObject({ code: "invalid" });
  const group = await admin.api.makeGroup("gardeners");
  await admin.api.setGroupMembers(group.id, [ben.id, outside.id]);
  const { id, seq, mentions } = await ann.api.sendMessage(room, { content: "@gardeners, water the roses" });
  expect(mentions).toEqual({ groups: [{ id: group.id, as: "gardeners" }] });
  expect(
    [await mentionsOf(ben), await mentionsOf(spaced), await mentionsOf(outside)].map((ids) => ids.includes(id)),
  ).toEqual([true, false, false]);
  const cats = spaced.device();
  cats.start();
  await eventually(() => expect(cats.line.state).toBe("live"));
  await admin.api.setGroupMembers(group.id, [spaced.id]);
  await eventually(() => expect(calledIn(cats.replica, room)).toEqual([{ id, seq, by: ann.id }]));
  expect(await mentionsOf(ben)).not.toContain(id);
  await admin.api.deleteGroup(group.id);
  await eventually(() => expect(calledIn(cats.replica, room)).toEqual([]));
  const acts = (await admin.api.audit()).items.map(({ act }) => act);
  expect(acts).toEqual(["group.deleted", ...Array(6).fill("group.changed"), "group.made"]);
  cats.stop();
});

test("people are put into a group and taken out one by one, at the same time too, and nobody else is lost by it", async () => {
  const { id } = await admin.api.makeGroup("walkers");
  await expect(ann.api.putInGroup(id, ben.id, true)).rejects.toMatchObject({ code: "forbidden" });
  await expect(admin.api.putInGroup(id, 999_999, true)).rejects.toMatchObject({ code: "not_found" });
  await Promise.all([ann, ben, spaced, outside].map((each) => admin.api.putInGroup(id, each.id, true)));
  await Promise.all([admin.api.putInGroup(id, ann.id, false), admin.api.putInGroup(id, ben.id, true)]);
  const now = (await admin.api.groups()).items.find((group) => group.id === id)?.user_ids;
  expect(now).toEqual([ben.id, spaced.id, outside.id].sort((a, b) => a - b));
  await admin.api.deleteGroup(id);
});

test("the group that is made after one was deleted is called by nothing that called that one", async () => {
  const room = await roomOfThree();
  const { id: deleted } = await admin.api.makeGroup("firefighters");
  const { id } = await ann.api.sendMessage(room, { content: "@firefighters, come" });
  await admin.api.deleteGroup(deleted);
  const cooks = await admin.api.makeGroup("cooks");
  await admin.api.setGroupMembers(cooks.id, [ben.id]);
  expect(await mentionsOf(ben)).not.toContain(id);
  await admin.api.deleteGroup(cooks.id);
  expect((await admin.api.groups()).items).toEqual([]);
});

test("the list of mentions is given page by page, the newest first", async () => {
  const room = await roomOfThree();
  const sent: Message[] = [];
  for (const content of ["@ben 1", "@room 2", "@ben @room 3"]) sent.push(await ann.api.sendMessage(room, { content }));
  const first = await ben.api.mentions({ limit: 2 });
  const second = await ben.api.mentions({ limit: 2, cursor: first.next ?? "" });
  const found = [...first.items, ...second.items].map(({ id }) => id).slice(0, 3);
  expect(found).toEqual(sent.map(({ id }) => id).reverse());
});

test("the list of mentions finds an old one behind hundreds of calls that are others', and gives each once", async () => {
  const room = await roomOfThree();
  const group = await admin.api.makeGroup("crowd");
  const send = async (content: string) =>
    (await server.store.write("send-reply", { userId: ann.id }, { roomId: room, nonce: null, content }))[0];
  const old = await send("@ben, long ago");
  for (let i = 0; i < 450; i++) await send(`@crowd ${i}`);
  const newer = [await send("@ben 1"), await send("@room 2")].reverse();
  const found: number[] = [];
  for (let cursor: string | null = ""; cursor !== null && !found.includes(old); ) {
    const page = await ben.api.mentions({ limit: 2, ...(cursor === "" ? {} : { cursor }) });
    found.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  }
  expect(found.slice(0, 3)).toEqual([...newer, old]);
  await admin.api.deleteGroup(group.id);
});

test("why is answered for the moment at which it was said, and for now where that differs", async () => {
  const room = await roomOfThree();
  const before = await ann.api.sendMessage(room, { content: "@ben, before the pause" });
  await ben.api.changePreferences({ paused_until: "2999-01-01T00:00:00.000Z" });
  const during = await ann.api.sendMessage(room, { content: "@ben, during it" });
  expect(await ben.api.why(before.id)).toMatchObject({ notify: true, at: before.timestamp, now: { notify: false } });
  expect(await ben.api.why(during.id)).toMatchObject({ notify: false, reason: "paused", now: null });
  const soon = new Date(Date.now() + 200).toISOString();
  await ben.api.changePreferences({ paused_until: soon });
  const late = await ann.api.sendMessage(room, { content: "@ben, at its end" });
  await eventually(async () =>
    expect(await ben.api.why(late.id)).toMatchObject({ notify: false, reason: "paused", now: { notify: true } }),
  );
  expect((await ben.api.why((await ann.api.sendMessage(room, { content: "@here" })).id)).sentence).toContain(
    "who was connected then",
  );
  const plain = await ann.api.sendMessage(room, { content: "plain words" });
  const edited = await ann.api.editMessage(plain.id, "@ben, plain words");
  const late_call = await ben.api.why(plain.id);
  expect(late_call).toMatchObject({ notify: true, reason: "named", at: edited.edited_at });
  expect(late_call.sentence).toContain("since it was edited");
  await ann.api.editMessage(before.id, "@ben, edited later");
  expect(await ben.api.why(before.id)).toMatchObject({ at: before.timestamp });
  await ben.api.changePreferences({ paused_until: null });
});

test("[M4] why one is told of a message is said by the settings that led there, which all one's devices have", async () => {
  const room = await roomOfThree();
  const { id } = await ann.api.sendMessage(room, { content: "@ben there is cake" });
  expect(await ben.api.why(id)).toMatchObject({ notify: true, reason: "named", sentence: "It calls you by name." });
  expect(await ann.api.why(id)).toMatchObject({ notify: false, how: "nothing", reason: "own" });
  expect(await spaced.api.why(id)).toMatchObject({ notify: false, reason: "not_called" });
  await expect(outside.api.why(id)).rejects.toMatchObject({ code: "not_found" });
  const device = spaced.device();
  device.start();
  await eventually(() => expect(device.line.state).toBe("live"));
  await spaced.api.changePreferences({ keywords: ["  Cake ", "cake"] });
  expect(await spaced.api.why(id)).toMatchObject({
    notify: true,
    reason: "keyword",
    preferences: { keywords: ["cake"] },
  });
  await eventually(() => expect(device.replica.preferences.keywords).toEqual(["cake"]));
  await spaced.api.setLevel(room, "nothing");
  expect(await spaced.api.why(id)).toMatchObject({ notify: false, reason: "muted", room_level: "nothing" });
  await eventually(() => expect(device.replica.mine.get(room)?.notify).toBe("nothing"));
  await spaced.api.setLevel(room, null);
  await spaced.api.changePreferences({ paused_until: "2999-01-01T00:00:00.000Z" });
  expect(await spaced.api.why(id)).toMatchObject({ notify: true, reason: "keyword", now: { notify: false } });
  await expect(
    spaced.api.changePreferences({ quiet: { from: "22:00", to: "07:00", zone: "Moon" } }),
  ).rejects.toMatchObject({ code: "invalid" });
  await spaced.api.changePreferences({ paused_until: null, keywords: [] });
  await eventually(() => expect(device.replica.preferences).toMatchObject({ keywords: [], paused_until: null }));
  device.stop();
});

test("whom to reach outside of their sockets: those who are told, as of now, and nobody who was removed since", async () => {
  const room = await roomOfThree();
  const among = [admin, ann, ben, spaced, outside].map(({ id }) => id);
  const reach = async (messageId: number, at = Date.now()) => {
    const reached = await server.store.read("whom-to-reach", { userId: 0 }, { messageId, among, now: at });
    return reached.map(({ userId, reason }) => [userId, reason]);
  };
  const named = await ann.api.sendMessage(room, { content: "@ben there is cake" });
  expect(await reach(named.id)).toEqual([[ben.id, "named"]]);
  await spaced.api.changePreferences({ keywords: ["cake"], words: false });
  expect(await reach(named.id)).toEqual([
    [ben.id, "named"],
    [spaced.id, "keyword"],
  ]);
  const args = { messageId: named.id, among: [spaced.id], now: Date.now() };
  expect(await server.store.read("whom-to-reach", { userId: 0 }, args)).toMatchObject([{ words: false }]);
  await spaced.api.changePreferences({ keywords: [], words: true });
  await ben.api.changePreferences({ quiet: { from: "22:00", to: "07:00", zone: "UTC" } });
  expect(await reach(named.id, Date.parse("2030-01-01T23:00:00.000Z"))).toEqual([]);
  await ben.api.changePreferences({ quiet: null });
  const here = await ann.api.sendMessage(room, { content: "@here" });
  expect(await reach(here.id)).toEqual([]);
  await spaced.api.setLevel(room, "all");
  const plain = await ann.api.sendMessage(room, { content: "hello" });
  expect(await reach(plain.id)).toEqual([[spaced.id, "everything"]]);
  const { id: talk } = await ann.api.openDirect({ user_ids: [outside.id] });
  const direct = await ann.api.sendMessage(talk, { content: "hello" });
  expect(await reach(direct.id)).toEqual([[outside.id, "direct"]]);
  await ann.api.removeMember(room, ben.id);
  expect(await reach(named.id)).toEqual([[spaced.id, "everything"]]);
  await ann.api.deleteMessage(direct.id);
  expect(await reach(direct.id)).toEqual([]);
});

test("who is blocked calls the person who blocks them no more, until they are let speak again", async () => {
  const room = await roomOfThree();
  const device = ben.device();
  device.start();
  await eventually(() => expect(device.line.state).toBe("live"));
  const named = await ann.api.sendMessage(room, { content: "@ben, listen" });
  await eventually(() => expect(calledIn(device.replica, room)).toHaveLength(1));
  await ben.api.block(ann.id);
  await eventually(() => expect(calledIn(device.replica, room)).toEqual([]));
  const wide = await ann.api.sendMessage(room, { content: "@room, listen" });
  expect(await ben.api.why(wide.id)).toMatchObject({ notify: false, how: "nothing", reason: "blocked" });
  const seen = await mentionsOf(ben);
  expect([seen.includes(named.id), seen.includes(wide.id)]).toEqual([false, false]);
  for (const { id: messageId } of [named, wide]) {
    const args = { messageId, among: [ben.id, spaced.id], now: Date.now() };
    const reached = await server.store.read("whom-to-reach", { userId: 0 }, args);
    expect(reached.map(({ userId }) => userId)).toEqual(messageId === wide.id ? [spaced.id] : []);
  }
  await ben.api.unblock(ann.id);
  await eventually(() => expect(calledIn(device.replica, room).map(({ id }) => id)).toEqual([named.id, wide.id]));
  device.stop();
});

test("who was away while an edit called them no more, or called them, knows it when they are back [M2, M3]", async () => {
  const room = await roomOfThree();
  const { id } = await ann.api.sendMessage(room, { content: "@room" });
  const { id: later } = await ann.api.sendMessage(room, { content: "plain" });
  const chat = ben.device();
  chat.start();
  const ids = () => calledIn(chat.replica, room).map((called) => called.id);
  await eventually(() => expect(ids()).toEqual([id]));
  chat.offline();
  await ann.api.editMessage(id, "nobody");
  chat.online();
  await eventually(() => expect(ids()).toEqual([]));
  chat.offline();
  await ann.api.editMessage(later, "@here");
  chat.online();
  await eventually(() => expect(ids()).toEqual([later]));
  chat.stop();
});
