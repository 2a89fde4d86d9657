import { afterAll, beforeAll, expect, test } from "bun:test";
import { FollowedThreads, ThreadPage } from "#shared/contract/threads.ts";
import { limits } from "#shared/limits.ts";
import { Message } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

let server: TestServer;
let admin: Person;
let olga: Person;
let bob: Person;
let cleo: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, olga, bob, cleo] = await people(server.url, "admin", "olga", "bob", "cleo");
});
afterAll(() => server[Symbol.asyncDispose]());

async function as(by: Person, method: string, path: string, json?: unknown): Promise<Answer> {
  const token = await by.token();
  return askApi(server.url, method, path, json === undefined ? { token } : { token, json });
}

let rooms = 0;

/** A room of olga and bob in which bob has said something. */
async function said(kind: "public" | "private" = "public", by: Person = bob): Promise<Message> {
  rooms += 1;
  const { id } = await olga.api.createRoom({ name: `room ${rooms}`, kind });
  await olga.api.addMembers(id, [bob.id]);
  return by.api.sendMessage(id, { content: "what do we think?" });
}

function reply(by: Person, root: Message, content = "a reply"): Promise<Message> {
  return by.api.sendMessage(root.room_id, { content, thread: root.id });
}

const answer = (by: Person, root: Message, more: object = {}) =>
  as(by, "POST", `/rooms/${root.room_id}/messages`, { content: "x", thread: root.id, ...more });

test("[T1] a reply has a seq of the room and a number of its thread, and the room's own talk and count know nothing of it", async () => {
  const root = await said();
  const first = Message.parse((await answer(olga, root)).body);
  const second = await reply(bob, root);
  const beside = await bob.api.sendMessage(root.room_id, { content: "beside it" });
  expect(first).toMatchObject({ thread: root.id, n: 1, seq: root.seq + 1 });
  expect(second).toMatchObject({ thread: root.id, n: 2, seq: root.seq + 2 });
  expect(beside).toMatchObject({ n: root.n + 1, seq: root.seq + 3 });
  const page = await olga.api.messages(root.room_id);
  expect(page).toMatchObject({ seq: beside.seq, n: beside.n });
  expect(page.items.map(({ id }) => id)).toEqual([root.id, beside.id]);
  expect(page.items[0]?.replies).toEqual({ n: 2, last_at: second.timestamp, people: [bob.id, olga.id] });
  const thread = ThreadPage.parse((await as(olga, "GET", `/rooms/${root.room_id}/threads/${root.id}/messages`)).body);
  expect(thread).toMatchObject({ seq: beside.seq, n: 2, items: [first, second], before: null, after: null });
  expect(thread.root).toEqual(page.items[0] as Message);
  expect((await as(bob, "GET", `/messages/${first.id}`)).body).toEqual(first);
});

test("[T1] a long thread comes in pages, each reply once", async () => {
  const root = await said();
  for (let at = 1; at <= 7; at++) {
    await reply(at % 2 ? bob : olga, root, `reply ${at}`);
    await bob.api.sendMessage(root.room_id, { content: `beside ${at}` });
  }
  const seen: string[] = [];
  for (let before: number | null | undefined; before !== null; ) {
    const page: ThreadPage = await bob.api.thread(root.room_id, root.id, { limit: 3, ...(before ? { before } : {}) });
    seen.unshift(...page.items.map(({ content }) => content));
    before = page.before;
  }
  expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7].map((at) => `reply ${at}`));
  const main = await bob.api.messages(root.room_id, { limit: 5 });
  expect(main.items.map(({ content }) => content)).toEqual([3, 4, 5, 6, 7].map((at) => `beside ${at}`));
});

test("[T2, S2] a reply is stored once under its nonce, and hangs on nothing that is not there, is a reply itself, or was taken back", async () => {
  const root = await said();
  const named = { nonce: `in ${root.id}` };
  const first = await answer(olga, root, named);
  expect((await answer(olga, root, named)).text).toBe(first.text);
  expect(await as(olga, "POST", `/rooms/${root.room_id}/messages`, { content: "x", ...named })).toMatchObject({
    code: "nonce_reused",
  });
  const other = await bob.api.sendMessage(root.room_id, { content: "another" });
  expect(await answer(olga, other, named)).toMatchObject({ code: "nonce_reused" });
  const elsewhere = await said();
  expect(await answer(olga, { ...elsewhere, room_id: root.room_id })).toMatchObject({ code: "not_found" });
  expect(await answer(olga, Message.parse(first.body))).toMatchObject({ status: 400, code: "invalid" });
  await bob.api.deleteMessage(other.id);
  expect(await answer(olga, other)).toMatchObject({ status: 410, code: "deleted" });
  expect((await olga.api.thread(root.room_id, root.id)).n).toBe(1);
});

test("[T2] in a thread what stands in it is answered, and in the room's own talk what stands there", async () => {
  const root = await said();
  const first = await reply(olga, root);
  expect((await answer(bob, root, { reply_to: first.id })).body).toMatchObject({ reply_to: first.id, n: 2 });
  expect((await answer(bob, root, { reply_to: root.id })).body).toMatchObject({ reply_to: root.id, n: 3 });
  const other = await bob.api.sendMessage(root.room_id, { content: "another" });
  expect(await answer(bob, root, { reply_to: other.id })).toMatchObject({ code: "invalid" });
  const out = await as(bob, "POST", `/rooms/${root.room_id}/messages`, { content: "x", reply_to: first.id });
  expect(out).toMatchObject({ code: "invalid" });
  await bob.api.follow(root.room_id, root.id, false);
  expect(await as(bob, "PUT", `/messages/${first.id}/unread`)).toMatchObject({ code: "invalid" });
});

test("a reply is edited, reacted to and taken back as any message is, and a thread stays under the gravestone of what it hangs on", async () => {
  const root = await said();
  const first = await reply(olga, root);
  const edited = await olga.api.editMessage(first.id, "better words");
  expect(edited).toMatchObject({ content: "better words", n: 1, thread: root.id });
  await bob.api.react(first.id, "👍", true);
  await bob.api.deleteMessage(root.id);
  expect((await answer(olga, root)).status).toBe(201);
  const { items, root: grave } = await olga.api.thread(root.room_id, root.id);
  expect(grave).toMatchObject({ content: "", replies: { n: 2 } });
  expect(items[0]).toMatchObject({ content: "better words", reactions: [{ emoji: "👍", user_ids: [bob.id] }] });
  await olga.api.deleteMessage(first.id);
  const gone = (await olga.api.thread(root.room_id, root.id)).items[0];
  expect(gone).toMatchObject({ content: "", n: 1, thread: root.id });
  expect(gone?.deleted_at).toBeString();
});

test("[T3] who writes what is replied to and who replies follow the thread, others when they say so, and each has their own unread", async () => {
  const root = await said();
  await olga.api.addMembers(root.room_id, [cleo.id]);
  await reply(olga, root);
  const itemsOf = async (by: Person) => (await by.api.threads()).items.filter((item) => item.root.id === root.id);
  const threads = async (by: Person) =>
    (await itemsOf(by)).map(({ thread: { n, read_n, mine } }) => n - read_n - mine)[0];
  expect(await threads(bob)).toBe(1);
  expect(await threads(olga)).toBe(0);
  expect(await itemsOf(cleo)).toEqual([]);
  await cleo.api.follow(root.room_id, root.id, true);
  await cleo.api.follow(root.room_id, root.id, true);
  const last = await reply(olga, root);
  expect([await threads(bob), await threads(olga), await threads(cleo)]).toEqual([2, 0, 1]);
  await bob.api.markThreadRead(root.room_id, root.id, last.seq);
  await bob.api.markThreadRead(root.room_id, root.id, root.seq);
  await olga.api.deleteMessage(last.id);
  expect([await threads(bob), await threads(cleo)]).toEqual([0, 0]);
  await bob.api.follow(root.room_id, root.id, false);
  await reply(olga, root);
  expect(await itemsOf(bob)).toEqual([]);
});

test("[T3] one's threads come by newest activity, in pages, and a thread that was left by hand stays left until one replies", async () => {
  const roots = [await said(), await said(), await said()];
  const me = await olga.api.threads({ limit: 1 });
  expect(me.items).toHaveLength(1);
  for (const root of roots) await reply(olga, root);
  await reply(bob, roots[0] as Message);
  const ids: number[] = [];
  for (let cursor: string | null | undefined; cursor !== null && ids.length < 3; ) {
    const page: FollowedThreads = await olga.api.threads({ limit: 2, ...(cursor ? { cursor } : {}) });
    ids.push(...FollowedThreads.parse(page).items.map(({ root }) => root.id));
    cursor = page.next;
  }
  expect(ids.slice(0, 3)).toEqual([roots[0], roots[2], roots[1]].map((root) => root?.id ?? 0));
  const [root] = roots as [Message];
  await bob.api.follow(root.room_id, root.id, false);
  await reply(olga, root);
  expect((await bob.api.threads()).items.map((item) => item.root.id)).not.toContain(root.id);
  await reply(bob, root);
  expect((await bob.api.threads()).items[0]?.root.id).toBe(root.id);
});

test("whoever follows as many threads as one may lets go of the quietest by one more", async () => {
  const quiet = await said();
  await cleo.api.joinRoom(quiet.room_id);
  const busy = await said();
  await cleo.api.joinRoom(busy.room_id);
  await cleo.api.follow(quiet.room_id, quiet.id, true);
  const by = { userId: cleo.id };
  const others = Array.from({ length: limits.followedThreads - 1 }, async (_, at) => {
    const { id } = await bob.api.sendMessage(busy.room_id, { content: `thread ${at}` });
    await server.store.write("follow", by, { roomId: busy.room_id, rootId: id, on: true });
  });
  await Promise.all(others);
  const isFollowed = async () =>
    (await server.store.read("my-threads", by)).some(({ root_id }) => root_id === quiet.id);
  expect(await isFollowed()).toBe(true);
  await reply(cleo, busy);
  expect(await isFollowed()).toBe(false);
  expect(await server.store.read("my-threads", by)).toHaveLength(limits.followedThreads);
});

test("who follows a thread is told of replies in it, and nobody else of those that do not call them", async () => {
  const root = await said();
  await olga.api.addMembers(root.room_id, [cleo.id]);
  const { id } = await reply(olga, root);
  const why = async (by: Person, message = id) => (await by.api.why(message)).reason;
  expect([await why(bob), await why(cleo), await why(olga)]).toEqual(["thread", "other_thread", "own"]);
  const called = await reply(olga, root, "what do you think, @cleo?");
  expect(await why(cleo, called.id)).toBe("named");
  await bob.api.follow(root.room_id, root.id, false);
  expect(await why(bob)).toBe("other_thread");
});

test("[T3] a level chosen for a thread says what its replies tell before the room's does, and ends with following", async () => {
  const root = await said("private");
  const bobs = await RawSocket.ready(server.url, await bob.token());
  await olga.api.setLevel(root.room_id, "nothing");
  await bob.api.setThreadLevel(root.room_id, root.id, "mentions");
  await bobs.hears("me", (frame) => frame.threads?.some((row) => row.notify === "mentions") ?? false);
  await olga.api.setThreadLevel(root.room_id, root.id, "all");
  const plain = await reply(bob, root, "nothing for anybody by name");
  expect(await olga.api.why(plain.id)).toMatchObject({ notify: true, reason: "thread" });
  const calling = await reply(olga, root, "@bob, look");
  const quiet = await reply(olga, root, "just so");
  expect(await bob.api.why(calling.id)).toMatchObject({ notify: true, reason: "named" });
  const why = await bob.api.why(quiet.id);
  expect(why).toMatchObject({ notify: false, reason: "not_called" });
  expect(why.sentence).toContain("for this thread");
  const reach = async (messageId: number) => {
    const args = { messageId, among: [olga.id, bob.id, cleo.id], now: Date.now() };
    const reached = await server.store.read("whom-to-reach", { userId: 0 }, args);
    return reached.map(({ userId }) => userId);
  };
  expect(await reach(plain.id)).toEqual([olga.id]);
  expect(await reach(calling.id)).toEqual([bob.id]);
  expect(await reach(quiet.id)).toEqual([]);
  await bob.api.setThreadLevel(root.room_id, root.id, "nothing");
  expect(await bob.api.why(calling.id)).toMatchObject({ notify: false, reason: "muted" });
  await bob.api.follow(root.room_id, root.id, false);
  await bob.api.follow(root.room_id, root.id, true);
  expect(await bob.api.why(quiet.id)).toMatchObject({ notify: true, reason: "thread" });
  await expect(cleo.api.setThreadLevel(root.room_id, root.id, "all")).rejects.toMatchObject({ code: "not_found" });
  bobs.close();
});

test("[T4] where moderators alone write members reply in threads; readers do not, and nobody does in an archived room", async () => {
  const root = await said("private", olga);
  await olga.api.changeRoom(root.room_id, { posting: "moderators" });
  expect(await as(bob, "POST", `/rooms/${root.room_id}/messages`, { content: "x" })).toMatchObject({
    code: "read_only",
  });
  const own = await reply(bob, root);
  await bob.api.editMessage(own.id, "other words");
  await olga.api.giveRole(root.room_id, bob.id, "reader");
  expect(await answer(bob, root)).toMatchObject({ status: 403, code: "read_only" });
  await olga.api.changeRoom(root.room_id, { archived: true });
  expect(await answer(olga, root)).toMatchObject({ status: 403, code: "archived" });
  await bob.api.follow(root.room_id, root.id, false);
});

test("[T5] who may not see a message finds no thread on it, and each reply is seen by whoever was there when it was written", async () => {
  const root = await said("private");
  const early = await reply(bob, root, "before cleo");
  await olga.api.addMembers(root.room_id, [cleo.id]);
  const late = await reply(bob, root, "since cleo");
  const path = `/rooms/${root.room_id}/threads/${root.id}`;
  for (const by of [cleo, admin]) {
    expect(await answer(by, root)).toMatchObject({ status: 404, code: "not_found" });
    expect(await as(by, "GET", `${path}/messages`)).toMatchObject({ status: 404, code: "not_found" });
    expect(await as(by, "PUT", `${path}/follow`)).toMatchObject({ status: 404, code: "not_found" });
    expect(await as(by, "PUT", `${path}/read`, { seq: 9 })).toMatchObject({ status: 404, code: "not_found" });
  }
  expect((await as(cleo, "GET", `/messages/${late.id}`)).body).toEqual(late);
  expect(await as(cleo, "GET", `/messages/${early.id}`)).toMatchObject({ code: "not_found" });
  await olga.api.removeMember(root.room_id, bob.id);
  await reply(olga, root, "while bob is out");
  await olga.api.addMembers(root.room_id, [bob.id]);
  await reply(olga, root, "bob is back");
  const { items } = await bob.api.thread(root.room_id, root.id);
  expect(items.map(({ content }) => content)).toEqual(["before cleo", "since cleo", "bob is back"]);
});

/** As an import leaves it that brought somebody's words, and themselves later. */
async function hideFrom(by: Person, root: Message): Promise<void> {
  await using stored = await openStored(server);
  const text = "DELETE FROM visible_ranges WHERE room_id = ? AND user_id = ? AND from_seq <= ?";
  await stored.rows(text, root.room_id, by.id, root.seq);
}

test("[T3, T5] whoever may not see what they wrote follows no thread on it, and nothing of it is unread to them", async () => {
  const root = await said("private");
  await hideFrom(bob, root);
  const socket = await RawSocket.ready(server.url, await bob.token());
  await reply(olga, root, "not for bob");
  await socket.settled();
  const mine = socket.all("me").flatMap(({ threads }) => threads ?? []);
  expect(mine.filter(({ root_id }) => root_id === root.id)).toEqual([]);
  expect(socket.all("at").filter(({ thread }) => thread?.id === root.id)).toEqual([]);
  socket.close();
  const path = `/rooms/${root.room_id}/threads/${root.id}`;
  for (const asked of [
    await as(bob, "PUT", `${path}/follow`),
    await as(bob, "DELETE", `${path}/follow`),
    await as(bob, "PUT", `${path}/read`, { seq: 1 }),
  ]) {
    expect([asked.status, asked.code]).toEqual([404, "not_found"]);
  }
});

test("[T3] a thread that one follows is read and left, though one may not see what it hangs on any more", async () => {
  const root = await said("private");
  const { seq } = await reply(olga, root);
  await hideFrom(bob, root);
  const path = `/rooms/${root.room_id}/threads/${root.id}`;
  const own = async () => {
    const { threads = [] } = (await server.store.read("my-rooms", { userId: bob.id }, { since: 0, from: 0 })).frame;
    return threads.find(({ root_id }) => root_id === root.id);
  };
  expect(await own()).toMatchObject({ n: 1, read_n: 0 });
  expect((await as(bob, "PUT", `${path}/read`, { seq })).status).toBe(204);
  expect(await own()).toMatchObject({ n: 1, read_n: 1 });
  expect((await as(bob, "PUT", `/rooms/${root.room_id + 1}/threads/${root.id}/read`, { seq })).code).toBe("not_found");
  expect((await as(bob, "DELETE", `${path}/follow`)).status).toBe(204);
  expect(await own()).toBeUndefined();
  expect((await as(bob, "PUT", `${path}/follow`)).code).toBe("not_found");
});

test("[T6] who follows a thread hears of it without having its room open, and nobody else does; a removed person hears nothing more", async () => {
  const root = await said("private");
  await olga.api.addMembers(root.room_id, [cleo.id], "all");
  await reply(bob, root);
  const [bobs, cleos] = [await RawSocket.ready(server.url, await bob.token()), await socketOf(cleo)];
  const olgas = await socketOf(olga);
  const first = await reply(olga, root);
  const heard = await bobs.hears("at", (at) => at.thread !== undefined);
  expect(heard).toMatchObject({
    room_id: root.room_id,
    seq: first.seq,
    thread: { id: root.id, n: 2, user_id: olga.id },
  });
  await olgas.hears(
    "me",
    (frame) => frame.threads?.some(({ root_id, following }) => root_id === root.id && following) ?? false,
  );
  await olga.api.deleteMessage(first.id);
  await bobs.hears("at", (at) => at.thread?.gone === true && at.thread.n === 2);
  await cleo.api.follow(root.room_id, root.id, true);
  await reply(bob, root);
  await cleos.hears("at", (at) => at.thread?.n === 3);
  await olga.api.removeMember(root.room_id, bob.id);
  await reply(olga, root, "without bob");
  await cleos.hears("at", (at) => at.thread?.n === 4);
  await bobs.settled();
  expect(bobs.all("at").filter((at) => (at.thread?.n ?? 0) >= 4)).toEqual([]);
  expect(cleos.all("at").filter((at) => at.thread !== undefined && at.thread.n < 3)).toEqual([]);
  expect((await bob.api.threads()).items.filter((item) => item.root.id === root.id)).toEqual([]);
  await cleo.api.leaveRoom(root.room_id);
  await reply(olga, root, "without cleo");
  await Promise.all([cleos.settled(), olgas.settled()]);
  expect(cleos.all("at").filter((at) => (at.thread?.n ?? 0) >= 5)).toEqual([]);
  for (const socket of [bobs, cleos, olgas]) socket.close();
});

test("[T6] who leaves a public room hears nothing more of its threads, and of one that they follow no more neither", async () => {
  const [left, declined] = [await said(), await said()];
  for (const root of [left, declined]) await reply(olga, root);
  const socket = await socketOf(bob);
  await bob.api.leaveRoom(left.room_id);
  await bob.api.follow(declined.room_id, declined.id, false);
  await socket.hears("me", (frame) => frame.threads?.[0]?.following === false);
  for (const root of [left, declined]) await reply(olga, root);
  await socket.settled();
  expect(socket.all("at").filter((at) => at.thread !== undefined)).toEqual([]);
  socket.close();
});

test("[T7] a socket of one room hears nothing of its threads", async () => {
  const root = await said();
  await reply(olga, root, "in the thread, before");
  const plain = await RawSocket.open(server.url, `/ws/${root.room_id}`, await bob.token());
  await plain.hears("active_users");
  const { id } = await reply(olga, root, "in the thread, since");
  await olga.api.editMessage(id, "in the thread, edited");
  await olga.api.deleteMessage(id);
  await olga.api.sendMessage(root.room_id, { content: "beside it" });
  await plain.hears("message", ({ content }) => content === "beside it");
  expect(JSON.stringify(plain.heard)).not.toContain("in the thread");
  expect([...plain.all("edited" as "message"), ...plain.all("deleted" as "message")]).toEqual([]);
  plain.close();
});

test("[T1] by socket a reply is acknowledged with its number in the thread, and read up to its seq", async () => {
  const root = await said();
  const socket = await socketOf(olga);
  socket.say({ type: "send", room_id: root.room_id, nonce: "by socket", content: "hello", thread: root.id });
  const ack = await socket.hears("ack");
  expect(ack).toMatchObject({ n: 1, thread: root.id, seq: root.seq + 1 });
  const { seq } = await reply(bob, root);
  socket.say({ type: "read", room_id: root.room_id, thread: root.id, seq });
  await socket.hears("me", (frame) => frame.threads?.[0]?.read_n === 2);
  socket.close();
});

function socketOf(by: Person): Promise<RawSocket> {
  return by.token().then((token) => RawSocket.ready(server.url, token));
}
