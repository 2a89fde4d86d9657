import { afterAll, beforeAll, expect, test } from "bun:test";
import { SavedList, ScheduledList } from "#shared/contract/kept.ts";
import { limits } from "#shared/limits.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { eventually } from "#tests/support/eventually.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

const clock = new JumpingClock();
let server: TestServer;
let admin: Person;
let olga: Person;
let bob: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [admin, olga, bob] = await people(server.url, "admin", "olga", "bob");
});
afterAll(() => server[Symbol.asyncDispose]());

async function as(by: Person, method: string, path: string, json?: unknown): Promise<Answer> {
  const token = await by.token();
  return askApi(server.url, method, path, json === undefined ? { token } : { token, json });
}

let rooms = 0;

async function roomOf(kind: "public" | "private" = "private"): Promise<number> {
  rooms += 1;
  const { id } = await olga.api.createRoom({ name: `desk ${rooms}`, kind });
  await olga.api.addMembers(id, [bob.id]);
  return id;
}

const inMinutes = (minutes: number) => new Date(clock.now() + minutes * 60_000).toISOString();
const words = async (by: Person, room: number) => (await by.api.messages(room)).items.map(({ content }) => content);

test("a draft may be what a message may be, all drafts together have a bound, and an empty one frees its place", async () => {
  const room = await roomOf();
  expect(
    await as(bob, "PUT", `/rooms/${room}/draft`, { content: "x".repeat(limits.contentGraphemes + 1) }),
  ).toMatchObject({ status: 400, code: "too_long" });
  expect(await as(bob, "PUT", `/rooms/${room}/draft`, { content: "\ud800" })).toMatchObject({ code: "bad_text" });
  expect(await bob.api.keepDraft(room, "  ")).toMatchObject({ content: "  " });
  const filled: number[] = [];
  for (let bytes = 0; bytes + 30_000 <= limits.draftBytesInAll; bytes += 30_000) {
    filled.push(await roomOf());
    await bob.api.keepDraft(filled.at(-1) ?? 0, "🍰".repeat(7_500));
  }
  const last = await roomOf();
  const full = await as(bob, "PUT", `/rooms/${last}/draft`, { content: "🍰".repeat(7_500) });
  expect(full).toMatchObject({ status: 409, code: "full" });
  await bob.api.keepDraft(filled[0] ?? 0, "");
  expect(await bob.api.keepDraft(last, "🍰".repeat(7_500))).toMatchObject({ room_id: last });
  for (const id of [room, last, ...filled]) await bob.api.keepDraft(id, "");
});

test("a saved message that one may not read any more says only that it was one, and is there again with the room", async () => {
  const room = await roomOf();
  const first = await olga.api.sendMessage(room, { content: "the safe's number" });
  const second = await olga.api.sendMessage(room, { content: "the way there" });
  for (const { id } of [first, second]) await bob.api.saveMessage(id);
  await olga.api.editMessage(second.id, "the long way there");
  const page = SavedList.parse((await as(bob, "GET", "/me/saved?limit=1")).body);
  expect(page.items.map(({ message }) => message?.content)).toEqual(["the long way there"]);
  expect((await bob.api.saved({ cursor: page.next ?? "" })).items.map(({ message_id }) => message_id)).toEqual([
    first.id,
  ]);
  await olga.api.removeMember(room, bob.id);
  const gone = await as(bob, "GET", "/me/saved");
  expect(JSON.stringify(gone.body)).not.toMatch(/safe|way|olga/);
  expect(SavedList.parse(gone.body).items.map(({ message_id, message }) => [message_id, message])).toEqual([
    [second.id, null],
    [first.id, null],
  ]);
  await olga.api.addMembers(room, [bob.id], "all");
  expect((await bob.api.saved()).items[1]?.message?.content).toBe("the safe's number");
  await olga.api.deleteMessage(first.id);
  expect((await bob.api.saved()).items[1]?.message?.content).toBe("");
  for (const { id } of [first, second]) await bob.api.unsaveMessage(id);
  expect((await bob.api.saved()).items).toEqual([]);
  expect((await olga.api.saved()).items).toEqual([]);
});

test("a message is sent when it is due, once, as its author, and by nobody before", async () => {
  const room = await roomOf();
  const body = { content: "happy birthday", at: inMinutes(60), nonce: "for tomorrow" };
  const made = await bob.api.schedule(room, body);
  expect(made).toMatchObject({ room_id: room, content: "happy birthday", at: body.at, state: "waiting", fault: null });
  expect(await bob.api.schedule(room, body)).toEqual(made);
  expect(await as(bob, "POST", `/rooms/${room}/scheduled`, { ...body, content: "other" })).toMatchObject({
    code: "nonce_reused",
  });
  expect(await as(olga, "DELETE", `/scheduled/${made.id}`)).toMatchObject({ status: 404, code: "not_found" });
  const due = { id: made.id, roomId: room };
  await server.store.write("send-scheduled", { userId: 0 }, due);
  expect(await words(olga, room)).toEqual([]);
  clock.jump(61 * 60_000);
  await Promise.all(server.stores.map((store) => store.write("send-scheduled", { userId: 0 }, due)));
  await Promise.all(server.stores.map((store) => store.write("send-scheduled", { userId: 0 }, due)));
  await eventually(async () => expect(await words(olga, room)).toEqual(["happy birthday"]), 5_000);
  expect((await olga.api.messages(room)).items[0]).toMatchObject({ user_id: bob.id, username: "bob" });
  expect((await bob.api.scheduled()).items).toEqual([]);
  expect(await as(bob, "DELETE", `/scheduled/${made.id}`)).toMatchObject({ status: 404 });
  expect(await bob.api.schedule(room, body)).toMatchObject({ id: made.id, state: "sent", content: "" });
});

test("what was due while the server was down is sent once when it is back", async () => {
  const room = await roomOf();
  await bob.api.schedule(room, { content: "good morning", at: inMinutes(10) });
  clock.jump(9 * 60_000);
  const restarted = server.restart();
  clock.jump(60 * 60_000);
  await restarted;
  await eventually(async () => expect(await words(olga, room)).toEqual(["good morning"]), 10_000);
  await server.restart();
  await eventually(async () => expect((await bob.api.scheduled()).items).toEqual([]), 10_000);
  expect(await words(olga, room)).toEqual(["good morning"]);
});

test("the words and the time of a scheduled message can be changed, and it can be cancelled", async () => {
  const room = await roomOf();
  const { id } = await bob.api.schedule(room, { content: "se you at ten", at: inMinutes(5) });
  const other = await bob.api.schedule(room, { content: "never mind", at: inMinutes(5) });
  const changed = await bob.api.changeScheduled(id, { content: "see you at ten", at: inMinutes(20) });
  expect(changed).toMatchObject({ content: "see you at ten", state: "waiting" });
  await bob.api.cancelScheduled(other.id);
  const listed = ScheduledList.parse((await as(bob, "GET", "/me/scheduled")).body);
  expect(listed.items).toEqual([changed]);
  for (const json of [{ content: " " }, { at: inMinutes(60 * 24 * 400) }, { at: "tomorrow" }]) {
    expect((await as(bob, "PATCH", `/scheduled/${id}`, json)).status).toBe(400);
  }
  clock.jump(21 * 60_000);
  await eventually(async () => expect(await words(olga, room)).toEqual(["see you at ten"]), 5_000);
});

test("what may not be sent when it is due is kept with the reason, for its author alone, and goes when they may again", async () => {
  const room = await roomOf("public");
  const { id } = await bob.api.schedule(room, { content: "as agreed", at: inMinutes(5) });
  await olga.api.changeRoom(room, { archived: true });
  clock.jump(6 * 60_000);
  const failed = { id, content: "as agreed", state: "failed", fault: "archived" };
  await eventually(async () => expect((await bob.api.scheduled()).items).toMatchObject([failed]), 5_000);
  expect((await olga.api.scheduled()).items).toEqual([]);
  expect(await as(bob, "PATCH", `/scheduled/${id}`, { at: inMinutes(0) })).toMatchObject({ code: "archived" });
  await olga.api.changeRoom(room, { archived: false });
  await bob.api.changeScheduled(id, { at: inMinutes(0) });
  await eventually(async () => expect(await words(olga, room)).toEqual(["as agreed"]), 5_000);
});

test("a message is sent later into a thread and as an answer, where it would stand if it were sent then", async () => {
  const room = await roomOf();
  const root = await olga.api.sendMessage(room, { content: "who brings what?" });
  const first = await olga.api.sendMessage(room, { content: "I bring bread", thread: root.id });
  const answer = { content: "and I the butter", at: inMinutes(5), thread: root.id, reply_to: first.id, nonce: "a" };
  const made = await bob.api.schedule(room, answer);
  expect(made).toMatchObject({ thread: root.id, reply_to: first.id, state: "waiting" });
  expect(await bob.api.schedule(room, answer)).toEqual(made);
  expect(await as(bob, "POST", `/rooms/${room}/scheduled`, { ...answer, reply_to: root.id })).toMatchObject({
    code: "nonce_reused",
  });
  await bob.api.schedule(room, { content: "I do", at: inMinutes(5), reply_to: root.id });
  const wrong = [{ thread: first.id }, { reply_to: first.id }, { thread: 999_999 }, { reply_to: 999_999 }];
  for (const json of wrong) {
    const refused = await as(bob, "POST", `/rooms/${room}/scheduled`, { content: "no", at: inMinutes(5), ...json });
    expect([400, 404]).toContain(refused.status);
  }
  clock.jump(6 * 60_000);
  await eventually(async () => expect(await words(olga, room)).toEqual(["who brings what?", "I do"]), 5_000);
  expect((await olga.api.messages(room)).items[1]).toMatchObject({ user_id: bob.id, reply_to: root.id });
  await eventually(async () => expect((await olga.api.thread(room, root.id)).items).toHaveLength(2), 5_000);
  const { items, n } = await olga.api.thread(room, root.id);
  expect([n, items[1]?.content, items[1]?.reply_to]).toEqual([2, "and I the butter", first.id]);
  expect((await bob.api.threads()).items.map(({ thread }) => thread.root_id)).toContain(root.id);
});

test("what falls due when its author may not send it any more is sent nowhere and told to its author alone", async () => {
  const losses: [fault: string, lose: (room: number) => Promise<unknown>][] = [
    ["not_found", (room) => olga.api.removeMember(room, bob.id)],
    ["not_found", (room) => olga.api.ban(room, { user_id: bob.id, reason: "enough" })],
    ["read_only", (room) => olga.api.giveRole(room, bob.id, "reader")],
  ];
  for (const [fault, lose] of losses) {
    const room = await roomOf();
    const root = await olga.api.sendMessage(room, { content: "are you there?" });
    const ids: number[] = [];
    for (const place of [{}, { reply_to: root.id }, { thread: root.id }]) {
      ids.push((await bob.api.schedule(room, { content: "soon", at: inMinutes(5), ...place })).id);
    }
    await lose(room);
    clock.jump(6 * 60_000);
    const failed = ids.map((id) => ({ id, content: "soon", state: "failed", fault }));
    await eventually(async () => expect((await bob.api.scheduled()).items).toMatchObject(failed), 5_000);
    expect(await words(olga, room)).toEqual(["are you there?"]);
    expect((await olga.api.thread(room, root.id)).items).toEqual([]);
    expect((await olga.api.scheduled()).items).toEqual([]);
    for (const id of ids) await bob.api.cancelScheduled(id);
  }
});

test("what falls due in a talk of two of whom one blocks the other is not sent, nor what answers a message that is gone", async () => {
  const { id: talk } = await olga.api.openDirect({ user_ids: [bob.id] });
  await olga.api.sendMessage(talk, { content: "hello" });
  await bob.api.schedule(talk, { content: "hello to you", at: inMinutes(5) });
  const room = await roomOf();
  await olga.api.block(bob.id);
  const gone = await olga.api.sendMessage(room, { content: "what was that?" });
  await bob.api.schedule(room, { content: "a bird", at: inMinutes(5), reply_to: gone.id });
  await bob.api.schedule(room, { content: "a bird", at: inMinutes(5), thread: gone.id });
  await olga.api.deleteMessage(gone.id);
  clock.jump(6 * 60_000);
  const states = async () => (await bob.api.scheduled()).items.map(({ state, fault }) => `${state} ${fault}`);
  await eventually(async () =>
    expect(await states()).toEqual(["failed read_only", "failed deleted", "failed deleted"]),
  );
  expect(await words(olga, talk)).toEqual(["hello"]);
  expect(await words(olga, room)).toEqual([""]);
  await olga.api.unblock(bob.id);
  for (const { id } of (await bob.api.scheduled()).items) await bob.api.cancelScheduled(id);
});

test("a draft in a thread is kept for whoever may see the thread, and counts with the others", async () => {
  const room = await roomOf();
  const root = await olga.api.sendMessage(room, { content: "shall we?" });
  expect(await bob.api.keepDraft(room, "I think", root.id)).toMatchObject({ room_id: room, thread: root.id });
  expect(await bob.api.keepDraft(room, "to all")).not.toHaveProperty("thread");
  const other = await roomOf();
  expect(await as(bob, "PUT", `/rooms/${other}/draft`, { content: "no", thread: root.id })).toMatchObject({
    status: 404,
  });
  const hidden = await olga.api.createRoom({ name: "not for bob", kind: "private" });
  const unseen = await olga.api.sendMessage(hidden.id, { content: "not for bob" });
  expect(await as(bob, "PUT", `/rooms/${room}/draft`, { content: "no", thread: unseen.id })).toMatchObject({
    status: 404,
  });
  for (const thread of [undefined, root.id]) await bob.api.keepDraft(room, "", thread);
});

test("of a person who is erased neither drafts nor words that were to be sent are left, and nothing is sent any more", async () => {
  const room = await roomOf("public");
  const [gone] = await people(server.url, "gone");
  await gone.api.joinRoom(room);
  const { id } = await olga.api.sendMessage(room, { content: "remember this" });
  await gone.api.saveMessage(id);
  await gone.api.keepDraft(room, "a secret draft");
  await gone.api.schedule(room, { content: "a secret for later", at: inMinutes(5) });
  const own = JSON.parse(await gone.api.exportOwn()) as Record<string, unknown>;
  expect(own).toMatchObject({
    drafts: [{ content: "a secret draft" }],
    saved: [{ message_id: id }],
    scheduled: [{ content: "a secret for later" }],
  });
  await admin.api.eraseUser(gone.id, "keep");
  clock.jump(6 * 60_000);
  await using stored = await openStored(server);
  for (const table of ["drafts", "scheduled", "saved_messages", "messages", "nonces"]) {
    const rows = JSON.stringify(await stored.rows(`SELECT * FROM ${table}`));
    expect(rows).not.toContain("secret");
  }
});
