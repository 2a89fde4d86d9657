import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { limits } from "#shared/limits.ts";
import { Message, MessagePage } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const WRITTEN = 137;
let server: TestServer;
let olga: Person;
let bob: Person;
/** A public room with 137 messages and other events between them. */
let room: number;
let all: Message[];
/** A private room where Bob was in twice, with a hole between, and what he may see of it. */
let cellar: number;
let seen: Message[];

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [olga, bob] = await people(server.url, "olga", "bob");
  room = (await olga.api.createRoom({ name: "long talk" })).id;
  for (let i = 0; i < WRITTEN; i++) {
    if (i % 20 === 7) await as(bob, "POST", `/rooms/${room}/join`);
    if (i % 20 === 13) await as(bob, "POST", `/rooms/${room}/leave`);
    await as(olga, "POST", `/rooms/${room}/messages`, { content: `message ${i}` });
  }
  all = await log(olga, room);
  cellar = (await olga.api.createRoom({ name: "cellar", kind: "private" })).id;
  const say = async (many: number) => {
    for (let i = 0; i < many; i++) await as(olga, "POST", `/rooms/${cellar}/messages`, { content: `below ${i}` });
  };
  await say(5);
  await olga.api.addMembers(cellar, [bob.id]);
  await say(11);
  await olga.api.removeMember(cellar, bob.id);
  await say(6);
  await olga.api.addMembers(cellar, [bob.id]);
  await say(9);
  seen = [...(await log(olga, cellar)).slice(5, 16), ...(await log(olga, cellar)).slice(22)];
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

async function as(by: Person, method: string, path: string, json?: unknown): Promise<Answer> {
  const token = await by.token();
  return askApi(server.url, method, path, json === undefined ? { token } : { token, json });
}

async function pageOf(by: Person, id: number, query: string): Promise<MessagePage> {
  return MessagePage.parse((await as(by, "GET", `/rooms/${id}/messages?${query}`)).body);
}

/** The whole room, message by message, as the store gives it to this person: not by pages. */
async function log(by: Person, id: number): Promise<Message[]> {
  const missed = await server.store.read("missed", { userId: by.id }, { roomId: id, after: 0, most: 500 });
  if (missed.kind !== "events") throw new Error("The room is longer than the test expects.");
  return missed.frames.filter((frame) => frame.type === "message");
}

async function walk(by: Person, id: number, limit: number, from: "newest" | "oldest"): Promise<Message[][]> {
  const pages: Message[][] = [];
  let page = await pageOf(by, id, from === "newest" ? `limit=${limit}` : `after=0&limit=${limit}`);
  for (;;) {
    pages.push(page.items);
    const next = from === "newest" ? page.before : page.after;
    if (next === null) return pages;
    page = await pageOf(by, id, `${from === "newest" ? "before" : "after"}=${next}&limit=${limit}`);
    expect(page.items.length).toBeGreaterThan(0);
    if (pages.length > 500) throw new Error("The walk does not end.");
  }
}

test("walking a room page by page, back or forth, gives every message once and in order", async () => {
  expect(all).toHaveLength(WRITTEN);
  for (const limit of [1, 2, 7, 50, 100]) {
    const back = await walk(olga, room, limit, "newest");
    expect(back.toReversed().flat()).toEqual(all);
    const forth = await walk(olga, room, limit, "oldest");
    expect(forth.flat()).toEqual(all);
    for (const page of [...back.slice(0, -1), ...forth.slice(0, -1)]) expect(page).toHaveLength(limit);
  }
});

test("walking a private room gives what was said while one was in it, with the holes left out and never a page of nothing", async () => {
  expect(seen).toHaveLength(20);
  for (const limit of [1, 3, 11, 100]) {
    expect((await walk(bob, cellar, limit, "newest")).toReversed().flat()).toEqual(seen);
    expect((await walk(bob, cellar, limit, "oldest")).flat()).toEqual(seen);
  }
});

test("a page at any place says truly whether there is more before it and after it", async () => {
  for (const [by, id, visible] of [
    [olga, room, all],
    [bob, cellar, seen],
  ] as const) {
    const newest = (await pageOf(by, id, "limit=1")).seq;
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("before", "after", "around"),
        fc.integer({ min: 0, max: newest + 5 }),
        fc.integer({ min: 1, max: 12 }),
        async (from, place, limit) => {
          const page = await pageOf(by, id, `${from}=${place}&limit=${limit}`);
          expect(page.seq).toBe(newest);
          expect(page.items).toEqual(expected(visible, from, place, limit));
          // An empty page stands between what is before its place and what is after it.
          const first = page.items[0]?.seq ?? (from === "after" ? place + 1 : place);
          const last = page.items.at(-1)?.seq ?? (from === "after" ? place : place - 1);
          const older = page.before === null ? [] : (await pageOf(by, id, `before=${page.before}&limit=1`)).items;
          const newer = page.after === null ? [] : (await pageOf(by, id, `after=${page.after}&limit=1`)).items;
          expect(older).toEqual(visible.filter((message) => message.seq < first).slice(-1));
          expect(newer).toEqual(visible.filter((message) => message.seq > last).slice(0, 1));
          // null is said exactly where there is nothing more.
          expect(page.before === null).toBe(older.length === 0);
          expect(page.after === null).toBe(newer.length === 0);
        },
      ),
      { numRuns: 120 },
    );
  }
}, 20_000);

function expected(visible: readonly Message[], from: string, place: number, limit: number): Message[] {
  const older = visible.filter((message) => message.seq < place);
  const newer = visible.filter((message) => message.seq >= place);
  if (from === "before") return older.slice(-limit);
  if (from === "after") return newer.filter((message) => message.seq > place).slice(0, limit);
  const half = Math.floor(limit / 2);
  return [...(half ? older.slice(-half) : []), ...newer.slice(0, Math.ceil(limit / 2))];
}

test("a page far beyond the end or before the beginning is empty and leads back to the room", async () => {
  const beyond = await pageOf(olga, room, "after=999999999999999");
  expect(beyond).toMatchObject({ items: [], after: null });
  expect((await pageOf(olga, room, `before=${beyond.before}&limit=1`)).items).toEqual(all.slice(-1));
  const start = await pageOf(olga, room, "before=0");
  expect(start).toMatchObject({ items: [], before: null });
  expect((await pageOf(olga, room, `after=${start.after}&limit=1`)).items).toEqual(all.slice(0, 1));
  const late = await pageOf(olga, room, "before=999999999999999&limit=1");
  expect(late).toMatchObject({ items: all.slice(-1), after: null });
});

test("an empty room is one empty page with no more on either side", async () => {
  const { id } = await olga.api.createRoom({ name: "empty" });
  for (const query of ["", "after=0", "before=1", "before=100", "around=1", "after=1"]) {
    expect(await pageOf(olga, id, query)).toMatchObject({ items: [], before: null, after: null, seq: 1, n: 0 });
  }
});

test("a page has 50 messages unless asked, 1 to 100 if asked, and asks for one place only", async () => {
  expect((await pageOf(olga, room, "")).items).toHaveLength(limits.pageDefault);
  expect((await pageOf(olga, room, "limit=100")).items).toHaveLength(limits.pageMost);
  for (const query of [
    "limit=0",
    "limit=101",
    "limit=-1",
    "limit=1.5",
    "limit=",
    "limit=ten",
    "before=1&after=1",
    "around=1&after=0",
    "before=-1",
    "before=x",
    "before=",
    "after=1e3",
    "around=9999999999999999",
    "offset=3",
    "cursor=1",
  ]) {
    expect({ query, status: (await as(olga, "GET", `/rooms/${room}/messages?${query}`)).status }).toEqual({
      query,
      status: 400,
    });
  }
});

test("a message is the same object in the answer to its author, in a page and by its id", async () => {
  const content = 'ünï 🙂 "quoted" \\ </script> \u2028 \t\n two';
  const sent = await as(olga, "POST", `/rooms/${room}/messages`, { content, nonce: "exactly" });
  const message = Message.parse(sent.body);
  expect(message).toMatchObject({ content, user_id: olga.id, username: "olga", room_id: room, changed: message.seq });
  expect((await as(olga, "GET", `/messages/${message.id}`)).body).toEqual(message);
  expect((await pageOf(olga, room, "limit=1")).items).toEqual([message]);
  all.push(message);
});

test("[S2, S3] a message sent again under its nonce is answered as the first time and is there once", async () => {
  const send = (content: string, nonce: string, id = room) =>
    as(olga, "POST", `/rooms/${id}/messages`, { content, nonce });
  const before = await pageOf(olga, room, "limit=1");
  const answers = await Promise.all(Array.from({ length: 30 }, () => send("once", "n-1")));
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  expect(answers[0]?.status).toBe(201);
  expect((await send("once", "n-1")).text).toBe(answers[0]?.text ?? "");
  expect((await pageOf(olga, room, "limit=1")).n).toBe(before.n + 1);
  expect(await send("twice", "n-1")).toMatchObject({ status: 409, code: "nonce_reused" });
  expect(await send("once", "n-1", cellar)).toMatchObject({ status: 409, code: "nonce_reused" });
  await bob.api.joinRoom(room);
  const his = await as(bob, "POST", `/rooms/${room}/messages`, { content: "twice", nonce: "n-1" });
  expect(his.status).toBe(201);
  expect((await pageOf(olga, room, "limit=1")).n).toBe(before.n + 2);
  all.push(Message.parse((await as(olga, "GET", `/messages/${(answers[0]!.body as Message).id}`)).body));
  all.push(Message.parse((await as(olga, "GET", `/messages/${(his.body as Message).id}`)).body));
});

test("whoever may not write is told so before what is wrong with the body; what was sent before is answered again", async () => {
  const { id } = await olga.api.createRoom({ name: "a short stay", kind: "private" });
  await olga.api.addMembers(id, [bob.id]);
  const path = `/rooms/${id}/messages`;
  const first = await as(bob, "POST", path, { content: "I was here", nonce: "stay" });
  expect(first.status).toBe(201);
  await olga.api.removeMember(id, bob.id);
  expect((await as(bob, "POST", path, { content: "I was here", nonce: "stay" })).body).toEqual(first.body);
  const nowhere = await as(bob, "POST", "/rooms/999999/messages", { content: "x", nonce: "another" });
  for (const json of [{ content: "x", nonce: "another" }, { content: "x" }, { content: 7 }, { content: " " }, [], {}]) {
    const answer = await as(bob, "POST", path, json);
    expect({ json, status: answer.status, body: answer.body }).toEqual({ json, status: 404, body: nowhere.body });
  }
  expect((await olga.api.messages(id)).items.map(({ content }) => content)).toEqual(["I was here"]);
});

test("a refused message leaves nothing: no number is used, and its nonce is free", async () => {
  const before = await pageOf(olga, room, "limit=1");
  expect((await as(olga, "POST", `/rooms/${room}/messages`, { content: " ", nonce: "n-2" })).status).toBe(400);
  expect((await as(olga, "POST", "/rooms/999999/messages", { content: "x", nonce: "n-2" })).status).toBe(404);
  const sent = Message.parse((await as(olga, "POST", `/rooms/${room}/messages`, { content: "x", nonce: "n-2" })).body);
  expect(sent).toMatchObject({ seq: before.seq + 1, n: before.n + 1 });
});

test("a message without visible text, with broken text or too much text is refused by its own code", async () => {
  const codes = {
    empty: [
      "",
      " ",
      "\n\t ",
      "\u00a0\u2003\u3000",
      "\u200b",
      "\u200b\u200d\u2060\ufeff",
      "\u2800",
      "\u3164",
      "\u00ad",
      "\ufe0f",
      "\u{e0041}",
      "\u061c",
      "\u180e",
    ],
    bad_text: ["a\u0000b", "\u0000", "\ud800", "a\udc00", "\udc00\ud800", " \ud83d "],
    too_long: [
      "x".repeat(limits.contentGraphemes + 1),
      "🙂".repeat(limits.contentGraphemes + 1),
      "e\u0301".repeat(limits.contentGraphemes + 1),
      `e${"\u0301".repeat(16_400)}`,
      "é".repeat(16_385),
      "👨‍👩‍👧‍👦".repeat(1_311),
    ],
  };
  for (const [code, contents] of Object.entries(codes)) {
    for (const content of contents) {
      const answer = await as(olga, "POST", `/rooms/${room}/messages`, { content });
      expect({ start: JSON.stringify(content.slice(0, 9)), status: answer.status, code: answer.code }).toEqual({
        start: JSON.stringify(content.slice(0, 9)),
        status: 400,
        code: code as never,
      });
    }
  }
});

test("8,000 characters as people count them and 32 KiB are allowed, to the last one", async () => {
  for (const content of [
    "x".repeat(8_000),
    "🙂".repeat(8_000),
    "e\u0301".repeat(8_000),
    "👨‍👩‍👧‍👦".repeat(1_310),
    `${"語".repeat(8_000)}`,
    `e${"\u0301".repeat(16_383)}`,
    "0\u200b",
  ]) {
    const sent = await as(olga, "POST", `/rooms/${room}/messages`, { content });
    expect({ start: content.slice(0, 9), status: sent.status }).toEqual({ start: content.slice(0, 9), status: 201 });
    expect((await as(olga, "GET", `/messages/${(sent.body as Message).id}`)).body).toMatchObject({ content });
  }
});

test("a nonce has 1 to 64 bytes of well-formed text, and nothing else than content and nonce is taken", async () => {
  const send = (json: unknown) => as(olga, "POST", `/rooms/${room}/messages`, json);
  for (const nonce of ["", "n".repeat(65), "ü".repeat(33), "a\u0000", "\ud800", 7, null, {}]) {
    expect({ nonce, status: (await send({ content: "x", nonce })).status }).toEqual({ nonce, status: 400 });
  }
  for (const nonce of ["n", "n".repeat(64), "ü".repeat(32), "'; DROP TABLE nonces --"]) {
    expect((await send({ content: "x", nonce })).status).toBe(201);
  }
  for (const extra of [
    "id",
    "seq",
    "n",
    "user_id",
    "username",
    "room_id",
    "timestamp",
    "changed",
    "created_at",
    "type",
  ]) {
    expect(await send({ content: "x", [extra]: 1 })).toMatchObject({ status: 400, body: { field: extra } });
  }
});

test("any text that is accepted comes back as it was sent, by id and in a page, and pages go on over it", async () => {
  const { id } = await olga.api.createRoom({ name: "any text" });
  const text = fc.oneof(fc.string({ unit: "binary", maxLength: 60 }), fc.string({ unit: "grapheme", maxLength: 60 }));
  const kept: string[] = [];
  await fc.assert(
    fc.asyncProperty(text, async (content) => {
      const sent = await as(olga, "POST", `/rooms/${id}/messages`, { content });
      if (sent.status === 201) {
        kept.push(content);
        expect((await as(olga, "GET", `/messages/${(sent.body as Message).id}`)).body).toMatchObject({ content });
      } else expect(["empty", "bad_text"]).toContain(sent.code ?? "");
    }),
    { numRuns: 200 },
  );
  expect(
    (await walk(olga, id, 37, "newest"))
      .toReversed()
      .flat()
      .map((message) => message.content),
  ).toEqual(kept);
}, 20_000);

test("[S5] the read cursor moves forward alone, never past what is there, and only of a member", async () => {
  const { id } = await olga.api.createRoom({ name: "read" });
  for (let i = 0; i < 5; i++) await olga.api.sendMessage(id, { content: `${i}` });
  const read = (by: Person, seq: unknown) => as(by, "PUT", `/rooms/${id}/read`, { seq });
  const cursor = async () => {
    const { frame } = await server.store.read("my-rooms", { userId: olga.id }, { since: 0, from: 0 });
    const row = frame.rooms.find((mine) => mine.room.id === id);
    return [row?.read_seq, row?.read_n];
  };
  expect((await read(olga, 4)).status).toBe(204);
  expect(await cursor()).toEqual([4, 3]);
  expect((await read(olga, 2)).status).toBe(204);
  expect((await read(olga, 0)).status).toBe(204);
  expect(await cursor()).toEqual([4, 3]);
  expect((await read(olga, Number.MAX_SAFE_INTEGER)).status).toBe(204);
  expect(await cursor()).toEqual([6, 5]);
  for (const seq of [-1, 1.5, "3", null, 1e99, Number.MAX_SAFE_INTEGER + 1])
    expect((await read(olga, seq)).status).toBe(400);
  expect(await read(bob, 3)).toMatchObject({ status: 403, code: "not_member" });
});
