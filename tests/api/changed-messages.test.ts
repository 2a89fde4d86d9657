import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { ErasureReceipt, FormerTexts, ReactionList } from "#shared/contract/messages.ts";
import { isEmoji } from "#shared/emoji.ts";
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

async function said(content = "first words", kind: "public" | "private" = "public"): Promise<Message> {
  rooms += 1;
  const { id } = await olga.api.createRoom({ name: `room ${rooms}`, kind });
  await olga.api.addMembers(id, [bob.id]);
  return bob.api.sendMessage(id, { content });
}

test("an edited message has its new words, says when, and keeps the former ones to be read, the first first", async () => {
  const message = await said();
  const second = await bob.api.editMessage(message.id, "second words");
  expect(second).toMatchObject({
    content: "second words",
    seq: message.seq,
    n: message.n,
    timestamp: message.timestamp,
  });
  expect(second.changed).toBe(message.seq + 1);
  expect(second.edited_at).toBeString();
  const third = await bob.api.editMessage(message.id, "third words");
  expect((await as(olga, "GET", `/messages/${message.id}`)).body).toEqual(third);
  const former = FormerTexts.parse((await as(olga, "GET", `/messages/${message.id}/texts`)).body);
  expect(former.items).toEqual([
    { content: "first words", written_at: message.timestamp },
    { content: "second words", written_at: second.edited_at ?? "" },
  ]);
});

test("the same words again are no edit, and words that could not be sent cannot be edited in", async () => {
  const message = await said();
  expect(await bob.api.editMessage(message.id, message.content)).toEqual(message);
  for (const [content, code] of [
    [" \n", "empty"],
    ["\ud800", "bad_text"],
    ["x".repeat(limits.contentGraphemes + 1), "too_long"],
  ] as const) {
    expect(await as(bob, "PATCH", `/messages/${message.id}`, { content })).toMatchObject({ status: 400, code });
  }
  expect((await as(bob, "PATCH", `/messages/${message.id}`, { content: "x", seq: 1 })).status).toBe(400);
  expect((await as(olga, "GET", `/messages/${message.id}`)).body).toEqual(message);
});

test(`a message is edited ${limits.editsPerMessage} times and no more`, async () => {
  const message = await said();
  for (let i = 1; i <= limits.editsPerMessage; i++) await bob.api.editMessage(message.id, `words ${i}`);
  const more = await as(bob, "PATCH", `/messages/${message.id}`, { content: "one more" });
  expect(more).toMatchObject({ status: 409, code: "full" });
});

test("of a deleted message nothing is left in any answer and nowhere in the database but its place", async () => {
  const SECRET = "the safe stands behind the picture";
  const message = await said(SECRET);
  await bob.api.editMessage(message.id, `${SECRET}, or so I hear`);
  await bob.api.editMessage(message.id, `${SECRET}, I hear`);
  await olga.api.react(message.id, "🙈", true);
  expect((await as(bob, "DELETE", `/messages/${message.id}`)).status).toBe(204);
  expect((await as(bob, "DELETE", `/messages/${message.id}`)).status).toBe(204);
  const left = Message.parse((await as(olga, "GET", `/messages/${message.id}`)).body);
  const { id, seq, n, room_id, user_id, username, timestamp } = message;
  const deleted_at = left.deleted_at ?? "";
  expect(left).toEqual({
    ...{ type: "message", id, seq, n, room_id, user_id, username, timestamp },
    content: "",
    changed: seq + 4,
    deleted_at,
  });
  expect((await as(olga, "GET", `/messages/${id}/texts`)).body).toEqual({ items: [] });
  expect((await as(olga, "GET", `/messages/${id}/reactions`)).body).toEqual({ items: [] });
  const missed = await server.store.read("missed", { userId: olga.id }, { roomId: room_id, after: 0, most: 500 });
  expect(JSON.stringify(missed)).not.toContain(SECRET);
  await using stored = await openStored(server);
  for (const table of ["messages", "former_texts", "log", "nonces"]) {
    expect(JSON.stringify(await stored.rows(`SELECT * FROM ${table}`))).not.toContain(SECRET);
  }
  for (const [method, path, json] of [
    ["PATCH", "", { content: "back" }],
    ["PUT", "/reactions/🙈", undefined],
    ["DELETE", "/reactions/🙈", undefined],
  ] as const) {
    expect(await as(bob, method, `/messages/${id}${path}`, json)).toMatchObject({ status: 410, code: "deleted" });
  }
});

test("an admin of the server erases a message for good and is told what was removed, even after it was deleted", async () => {
  const message = await said();
  await bob.api.editMessage(message.id, "other words");
  for (const by of [olga, bob]) await by.api.react(message.id, "👍", true);
  const receipt = ErasureReceipt.parse((await as(admin, "POST", `/messages/${message.id}/erase`)).body);
  expect(receipt).toMatchObject({
    message_id: message.id,
    room_id: message.room_id,
    erased_by: admin.id,
    removed: { texts: 2, reactions: 2 },
  });
  expect(await olga.api.message(message.id)).toMatchObject({ content: "", erased: true, changed: receipt.seq });
  const other = await said();
  await bob.api.deleteMessage(other.id);
  expect((await admin.api.eraseMessage(other.id)).removed).toEqual({ texts: 0, reactions: 0 });
  expect(await olga.api.message(other.id)).toMatchObject({ erased: true });
});

test("a moderator of a room deletes what others say in it, a member only their own, and in a direct talk nobody's else", async () => {
  const message = await said("an advertisement", "private");
  await olga.api.addMembers(message.room_id, [cleo.id], "all");
  expect(await as(cleo, "DELETE", `/messages/${message.id}`)).toMatchObject({ status: 403, code: "forbidden" });
  await olga.api.giveRole(message.room_id, cleo.id, "moderator");
  expect((await as(cleo, "DELETE", `/messages/${message.id}`)).status).toBe(204);
  const talk = await admin.api.openDirect({ user_ids: [bob.id] });
  const { id } = await bob.api.sendMessage(talk.id, { content: "between us" });
  expect(await as(admin, "DELETE", `/messages/${id}`)).toMatchObject({ status: 403, code: "forbidden" });
  expect(await as(admin, "POST", `/messages/${id}/erase`)).toMatchObject({ status: 403, code: "forbidden" });
  expect((await as(bob, "DELETE", `/messages/${id}`)).status).toBe(204);
});

test("in an archived room nobody edits or reacts, and one's own words can still be taken back", async () => {
  const message = await said();
  await olga.api.changeRoom(message.room_id, { archived: true });
  expect(await as(bob, "PATCH", `/messages/${message.id}`, { content: "x" })).toMatchObject({ code: "archived" });
  expect(await as(bob, "PUT", `/messages/${message.id}/reactions/👍`)).toMatchObject({ code: "archived" });
  expect((await as(bob, "DELETE", `/messages/${message.id}`)).status).toBe(204);
});

test("a reaction is one emoji, put on once however often it is sent, and taken off again", async () => {
  const message = await said();
  for (const emoji of ["👍", "❤️", "👩🏽‍🚒", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇫🇷", "1️⃣", "☺"]) {
    const path = `/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`;
    const on = await as(olga, "PUT", path);
    expect({ emoji, status: on.status }).toEqual({ emoji, status: 200 });
    expect((await as(olga, "PUT", path)).body).toEqual(on.body);
    expect(Message.parse(on.body).reactions).toEqual([{ emoji, user_ids: [olga.id] }]);
    expect(Message.parse((await as(olga, "DELETE", path)).body).reactions).toBeUndefined();
  }
  for (const text of ["a", "1", "👍👍", "👍 ", "<b>", "%00", "ok", "e\u0301", "\u200d", "🇫", "x".repeat(200)]) {
    const answer = await as(olga, "PUT", `/messages/${message.id}/reactions/${encodeURIComponent(text)}`);
    expect({ text, status: answer.status }).toEqual({ text, status: 400 });
  }
  expect((await olga.api.message(message.id)).reactions).toBeUndefined();
});

test("no text of anybody's making is taken for an emoji unless it is one grapheme of pictures", () => {
  const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      if (isEmoji(text)) expect([...segmenter.segment(text)]).toHaveLength(1);
    }),
    { numRuns: 2_000 },
  );
});

test("reactions name who put them on, and stand in the same order however they came", async () => {
  const message = await said();
  for (const [by, emoji] of [
    [olga, "👍"],
    [bob, "🍰"],
    [bob, "👍"],
  ] as const) {
    await by.api.react(message.id, emoji, true);
  }
  const list = ReactionList.parse((await as(admin, "GET", `/messages/${message.id}/reactions`)).body);
  const [o, b] = [olga, bob].map(({ id, username }) => ({ id, username }));
  expect(list.items).toEqual([
    { emoji: "🍰", users: [b!] },
    { emoji: "👍", users: [o!, b!] },
  ]);
});

test(`one person puts ${limits.emojisPerPerson} emoji on a message, and it has ${limits.emojisPerMessage} different ones at most`, async () => {
  const message = await said();
  await olga.api.addMembers(message.room_id, [cleo.id]);
  const faces = Array.from({ length: 25 }, (_, at) => String.fromCodePoint(0x1f600 + at));
  for (const [at, by] of [olga, bob].entries()) {
    for (const emoji of faces.slice(at * 10, at * 10 + 10)) await by.api.react(message.id, emoji, true);
  }
  expect(await as(olga, "PUT", `/messages/${message.id}/reactions/${faces[10]}`)).toMatchObject({ code: "full" });
  expect(await as(cleo, "PUT", `/messages/${message.id}/reactions/${faces[21]}`)).toMatchObject({ code: "full" });
  expect((await as(cleo, "PUT", `/messages/${message.id}/reactions/${faces[10]}`)).status).toBe(200);
});

test("[W3] a socket of one room hears what was edited and deleted, and a later one no deleted message in its history", async () => {
  const message = await said("on the plain socket");
  const socket = await RawSocket.open(server.url, `/ws/${message.room_id}`, await olga.token());
  await socket.hears("active_users");
  await bob.api.react(message.id, "👍", true);
  await bob.api.editMessage(message.id, "edited");
  await bob.api.deleteMessage(message.id);
  await socket.hears("deleted" as "pong");
  const [edited, deleted] = socket.heard.slice(-2) as unknown[];
  expect(edited).toMatchObject({ type: "edited", id: message.id, content: "edited", room_id: message.room_id });
  expect(deleted).toMatchObject({ type: "deleted", id: message.id, room_id: message.room_id });
  socket.close();
  const later = await RawSocket.open(server.url, `/ws/${message.room_id}`, await olga.token());
  expect((await later.hears("history")).messages).toEqual([]);
  later.close();
});

test("[E7] whoever has the room open hears the message as it stands now, all of a person's emoji, and of a deleted one its place", async () => {
  const message = await said("frist", "public");
  const { room_id: room, seq, id } = message;
  const cursor = { epoch: server.store.epoch, rooms: { [room]: seq }, open: [room] };
  const listens = await RawSocket.ready(server.url, await olga.token(), cursor);
  await bob.api.editMessage(id, "first");
  expect(await listens.hears("message.edited")).toMatchObject({
    message_id: id,
    seq: seq + 1,
    message: { id, content: "first", changed: seq + 1 },
  });
  await bob.api.react(id, "🌻", true);
  await bob.api.react(id, "🙈", true);
  await listens.until(() => listens.all("reaction.added").length === 2);
  expect(listens.all("reaction.added").at(-1)).toMatchObject({
    message_id: id,
    user_id: bob.id,
    emojis: ["🌻", "🙈"],
  });
  await bob.api.react(id, "🌻", false);
  expect(await listens.hears("reaction.removed")).toMatchObject({ user_id: bob.id, emojis: ["🙈"] });
  await bob.api.deleteMessage(id);
  const gone = await listens.hears("message.deleted");
  expect(gone).toMatchObject({ message_id: id, n: message.n, author_id: bob.id });
  expect(JSON.stringify(gone)).not.toContain("first");
  listens.close();
});

test("[E8] who came later hears that an older message was edited or reacted to, and none of its words or emoji", async () => {
  const SECRET = "before cleo came";
  const message = await said(SECRET, "private");
  await olga.api.addMembers(message.room_id, [cleo.id]);
  const room = message.room_id;
  const cursor = { epoch: server.store.epoch, rooms: { [room]: message.seq + 1 }, open: [room] };
  const listens = await RawSocket.ready(server.url, await cleo.token(), cursor);
  const plain = await RawSocket.open(server.url, `/ws/${room}`, await cleo.token());
  await plain.hears("active_users");
  await bob.api.editMessage(message.id, `${SECRET}!`);
  await olga.api.react(message.id, "🙈", true);
  expect(await listens.hears("message.edited")).toMatchObject({ message_id: message.id, message: null });
  expect(await listens.hears("reaction.added")).toMatchObject({ message_id: message.id, emojis: null });
  await plain.hears("edited" as "pong");
  const later = await RawSocket.ready(server.url, await cleo.token(), cursor);
  expect(later.all("message.edited")).toHaveLength(1);
  for (const socket of [listens, plain, later]) {
    expect(JSON.stringify(socket.heard)).not.toContain(SECRET);
    expect(JSON.stringify(socket.heard)).not.toContain("🙈");
    socket.close();
  }
  for (const path of ["", "/texts", "/reactions"]) {
    expect(await as(cleo, "GET", `/messages/${message.id}${path}`)).toMatchObject({ status: 404, code: "not_found" });
  }
  for (const [method, path] of [
    ["PUT", "/reactions/👍"],
    ["DELETE", ""],
  ] as const) {
    expect(await as(cleo, method, `/messages/${message.id}${path}`)).toMatchObject({ status: 404, code: "not_found" });
  }
  const resumed = await RawSocket.ready(server.url, await olga.token(), cursor);
  expect(resumed.all("message.edited")[0]?.message?.content).toBe(`${SECRET}!`);
  resumed.close();
});

test("[E9] a deleted message is unread no more for those who have the room and not open", async () => {
  const message = await said();
  await olga.api.addMembers(message.room_id, [cleo.id]);
  const { id } = await bob.api.sendMessage(message.room_id, { content: "to be taken back" });
  const socket = await RawSocket.ready(server.url, await cleo.token());
  const deleted = await (async () => {
    await bob.api.deleteMessage(id);
    return socket.hears("at", (at) => at.gone !== undefined);
  })();
  expect(deleted.gone).toEqual({ n: message.n + 1, user_id: bob.id });
  socket.close();
  const later = await RawSocket.ready(server.url, await cleo.token());
  const row = later
    .all("me")
    .flatMap((frame) => frame.rooms)
    .find((mine) => mine.room.id === message.room_id);
  expect(row).toMatchObject({ mine: 1, read_n: message.n, counted_n: message.n + 1 });
  later.close();
});

test("[S2, S6] an answer names what it answers, is stored once under its nonce, and answers nothing that is not there", async () => {
  const message = await said();
  const room = message.room_id;
  const body = { content: "an answer", nonce: `reply ${room}`, reply_to: message.id };
  const first = await as(olga, "POST", `/rooms/${room}/messages`, body);
  const reply = Message.parse(first.body);
  expect(reply).toMatchObject({ reply_to: message.id, n: message.n + 1, seq: message.seq + 1, username: "olga" });
  expect((await as(olga, "POST", `/rooms/${room}/messages`, body)).text).toBe(first.text);
  expect((await as(bob, "GET", `/messages/${reply.id}`)).body).toEqual(reply);
  for (const other of [
    { ...body, reply_to: reply.id },
    { content: "an answer", nonce: body.nonce },
  ]) {
    expect(await as(olga, "POST", `/rooms/${room}/messages`, other)).toMatchObject({ code: "nonce_reused" });
  }
  const elsewhere = await said();
  for (const reply_to of [elsewhere.id, 999_999_999]) {
    const answer = await as(olga, "POST", `/rooms/${room}/messages`, { content: "x", reply_to });
    expect(answer).toMatchObject({ status: 404, code: "not_found" });
  }
  await bob.api.deleteMessage(message.id);
  const late = await as(olga, "POST", `/rooms/${room}/messages`, { content: "x", reply_to: message.id });
  expect(late).toMatchObject({ status: 410, code: "deleted" });
  expect((await olga.api.messages(room)).n).toBe(reply.n);
  const plain = await olga.api.sendMessage(room, { content: "and on" });
  expect(plain.id).toBeGreaterThan(elsewhere.id);
  expect(plain.n).toBe(reply.n + 1);
});

test("[S6, S8] who may not see a message cannot answer it, and who may not write cannot answer at all", async () => {
  const message = await said("before cleo", "private");
  await olga.api.addMembers(message.room_id, [cleo.id]);
  const answer = (by: Person) =>
    as(by, "POST", `/rooms/${message.room_id}/messages`, { content: "x", reply_to: message.id });
  expect(await answer(cleo)).toMatchObject({ status: 404, code: "not_found" });
  expect(await answer(admin)).toMatchObject({ status: 404, code: "not_found" });
  await olga.api.giveRole(message.room_id, bob.id, "reader");
  expect(await answer(bob)).toMatchObject({ status: 403, code: "read_only" });
});
