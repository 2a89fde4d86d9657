import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben, cat] = await people(server.url, "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

const open = async (by: Person, room: string | number) =>
  RawSocket.open(server.url, `/ws/${encodeURIComponent(room)}`, await by.token());

/** Opened, and past its history. */
async function enter(by: Person, room: string | number): Promise<RawSocket> {
  const socket = await open(by, room);
  await socket.hears("active_users");
  return socket;
}

const contents = (socket: RawSocket) => socket.all("message").map((message) => message.content);
const named = async (name: string) => (await allRooms()).filter((room) => room.name === name);
const allRooms = async () => (await ann.api.rooms({ limit: 100 })).items;

describe("the room", () => {
  test("is meant by its id when there are digits alone, by its name otherwise [W1]", async () => {
    const { id } = await ann.api.createRoom({ name: "Tea Time" });
    for (const room of [id, "Tea Time", "tea time", "  tea   time "]) {
      const socket = await enter(ben, room);
      expect(socket.all("active_users")[0]?.room_id).toBe(id);
      socket.close();
    }
    expect(await named("Tea Time")).toHaveLength(1);
  });

  test("is joined by connecting, one event the first time and none afterwards [W1]", async () => {
    const { id } = await ann.api.createRoom({ name: "joined by socket" });
    for (const _ of [1, 2, 3]) (await enter(ben, id)).close();
    const { items } = await ann.api.members(id);
    expect(items.map((member) => member.username)).toEqual(["ann", "ben"]);
    expect((await ann.api.messages(id)).seq).toBe(2);
  });

  test("of a name that does not exist is made, public, with whoever came as its admin [W1]", async () => {
    const socket = await enter(ben, "made by coming ✨");
    const [room] = await named("made by coming ✨");
    expect(room).toMatchObject({ kind: "public", created_by: ben.id });
    expect((await ben.api.members(room?.id ?? 0)).items).toMatchObject([{ user_id: ben.id, role: "admin" }]);
    socket.close();
  });

  test("of a new name to which three come at once is made once and all are let in, twenty times [W1]", async () => {
    for (let trial = 0; trial < 20; trial++) {
      const name = `rush ${trial}`;
      const sockets = await Promise.all([ann, ben, cat].map((by) => enter(by, name)));
      expect(new Set(sockets.map((socket) => socket.all("active_users")[0]?.room_id)).size).toBe(1);
      const [room, ...others] = await named(name);
      expect(others).toEqual([]);
      expect((await ann.api.members(room?.id ?? 0)).items).toHaveLength(3);
      for (const socket of sockets) socket.close();
    }
  });

  test("of one's own that is private comes before a public one of that name; two such need the id [W1, W5]", async () => {
    const open_ = await ann.api.createRoom({ name: "same name" });
    const own = await ben.api.createRoom({ name: "same name", kind: "private" });
    const bens = await enter(ben, "same name");
    expect(bens.all("active_users")[0]?.room_id).toBe(own.id);
    const anns = await enter(ann, "same name");
    expect(anns.all("active_users")[0]?.room_id).toBe(open_.id);
    await ben.api.createRoom({ name: "same name", kind: "private" });
    const lost = await open(ben, "same name");
    const closed = await lost.closes();
    expect(closed.code).toBe(4404);
    expect(closed.reason).toContain("id");
    for (const socket of [bens, anns]) socket.close();
  });
});

describe("what is said", () => {
  test("is text as it is, or JSON with content or message [W2]", async () => {
    const socket = await enter(ann, "said plainly");
    socket.sayText("just text");
    socket.sayText('"quoted"');
    socket.sayText("[1]");
    socket.sayText(JSON.stringify({ content: "in content" }));
    socket.sayText(JSON.stringify({ message: "in message", more: "is ignored" }));
    socket.sayText(JSON.stringify({ type: "message", content: "as old clients say it" }));
    socket.sayText(` ${JSON.stringify({ content: "after a space" })}`);
    await socket.until(() => socket.all("message").length === 7);
    expect(contents(socket)).toEqual([
      "just text",
      '"quoted"',
      "[1]",
      "in content",
      "in message",
      "as old clients say it",
      "after a space",
    ]);
    socket.close();
  });

  test("and begins with { must parse, and must have words: otherwise an error and nothing is stored [W2]", async () => {
    const socket = await enter(ann, "badly said");
    for (const text of ["{", "{not json}", '{"content": 5}', "{}", '{"nonce":"n"}', '{"content":"x","nonce":7}']) {
      socket.sayText(text);
    }
    await socket.until(() => socket.all("error").length === 6);
    expect(socket.all("error").map((error) => error.code)).toEqual([
      "bad_json",
      "bad_json",
      "invalid",
      "invalid",
      "invalid",
      "invalid",
    ]);
    socket.sayText("  ");
    await socket.hears("error", (error) => error.code === "empty");
    socket.sayText("well said");
    await socket.hears("message");
    expect(contents(socket)).toEqual(["well said"]);
    expect(socket.closed).toBeNull();
    socket.close();
  });

  test("with a nonce is answered with an ack, said again with the same ack, and is heard once [W2, W3, S2]", async () => {
    const socket = await enter(ann, "named");
    const said = JSON.stringify({ content: "once", nonce: "w2" });
    socket.sayText(said);
    socket.sayText(said);
    socket.sayText(JSON.stringify({ content: "another", nonce: "w2" }));
    await socket.hears("error");
    expect(socket.all("error")[0]).toMatchObject({ code: "nonce_reused", nonce: "w2" });
    const [first, second] = socket.all("ack");
    expect(second).toEqual(first!);
    await socket.hears("message");
    expect(contents(socket)).toEqual(["once"]);
    socket.close();
  });
});

describe("what is heard", () => {
  test("history once, active_users once, then message, join, leave, ack, error and nothing else [W3]", async () => {
    const name = "everything happens";
    const { id } = await ann.api.createRoom({ name });
    await ann.api.sendMessage(id, { content: "before" });
    const socket = await enter(ben, id);
    expect(socket.heard.map((frame) => frame.type)).toEqual(["history", "active_users"]);
    expect(socket.all("history")[0]?.messages.map((message) => message.content)).toEqual(["before"]);
    const full = await RawSocket.ready(server.url, await cat.token());
    await cat.api.joinRoom(id);
    full.say({ type: "open", room_id: id, epoch: server.store.epoch, seq: 4 });
    await socket.hears("join");
    full.say({ type: "typing", room_id: id });
    await ann.api.changeRoom(id, { name: "everything has happened" });
    await ann.api.sendMessage(id, { content: "after" });
    await ann.api.removeMember(id, cat.id);
    await socket.hears("leave");
    socket.sayText(JSON.stringify({ content: "own", nonce: "w3" }));
    socket.sayText("{");
    await socket.hears("message", (message) => message.content === "own");
    await socket.hears("error");
    expect(socket.heard.slice(2).map((frame) => frame.type)).toEqual([
      "join",
      "message",
      "leave",
      "error",
      "ack",
      "message",
    ]);
    expect(contents(socket)).toEqual(["after", "own"]);
    socket.close();
    full.close();
  });

  test("history is the newest fifty, oldest first, and what follows it has no hole and nothing twice [W3, W4]", async () => {
    const { id } = await ann.api.createRoom({ name: "never silent" });
    const author = await RawSocket.ready(server.url, await ann.token());
    await ann.api.addMembers(id, [ben.id]);
    let talking = true;
    const talk = (async () => {
      let last = 0;
      while (talking) last = await sayMany(author, id, 20);
      return last;
    })();
    const sockets: RawSocket[] = [];
    for (let trial = 0; trial < 40; trial++) sockets.push(await enter(ben, id));
    talking = false;
    const last = await talk;
    for (const socket of sockets) {
      const old = socket.all("history").flatMap((history) => history.messages);
      // The last one may have been said before this socket came in.
      if (old.at(-1)?.seq !== last) await socket.hears("message", (message) => message.seq === last);
      const all = [...old, ...socket.all("message")].map((message) => message.n);
      expect(all).toEqual(all.map((_, at) => (all[0] ?? 0) + at));
      expect(old.length).toBeLessThanOrEqual(50);
      socket.close();
    }
    author.close();
  });
});

test("a room of the longest messages can be entered: its history is the newest of them, within 256 KiB [W3]", async () => {
  const { id } = await ann.api.createRoom({ name: "long words" });
  const author = await RawSocket.ready(server.url, await ann.token());
  const long = "🧵".repeat(7_500);
  const last = await sayMany(author, id, 50, long);
  const socket = await enter(ben, id);
  const [history] = socket.all("history");
  const ns = history?.messages.map((message) => message.n) ?? [];
  expect(Buffer.byteLength(JSON.stringify(history))).toBeLessThan(limits.historyBytes + 1_000);
  expect(Buffer.byteLength(JSON.stringify(history))).toBeGreaterThan(limits.historyBytes - 40_000);
  expect(ns).toEqual(ns.map((_, at) => 50 - ns.length + 1 + at));
  expect(history?.messages.at(-1)?.seq).toBe(last);
  socket.say({ content: "I am in" } as never);
  await socket.hears("message", ({ content }) => content === "I am in");
  socket.close();
  author.close();
});

describe("frames sent before the socket is live", () => {
  test("wait, in order, and each is heard as a message, not only in history [W4]", async () => {
    for (let trial = 0; trial < 10; trial++) {
      const socket = await RawSocket.open(server.url, `/ws/early ${trial}`, await ann.token());
      const words = Array.from({ length: 20 }, (_, at) => `early ${at}`);
      for (const word of words) socket.sayText(word);
      await socket.until(() => socket.all("message").length === words.length);
      expect(contents(socket)).toEqual(words);
      expect(socket.all("history").flatMap((history) => history.messages)).toEqual([]);
      expect(socket.heard.findIndex((frame) => frame.type === "message")).toBe(2);
      socket.close();
    }
  });

  test("the first one may be the token, and those behind it wait as well [W4, H1]", async () => {
    const socket = await RawSocket.open(server.url, "/ws/token first", null);
    socket.sayText(JSON.stringify({ token: await ann.token() }));
    socket.sayText("one");
    socket.sayText("two");
    await socket.until(() => socket.all("message").length === 2);
    expect(contents(socket)).toEqual(["one", "two"]);
    socket.close();
  });
});

describe("a refused socket is accepted and closed, so that a browser can read why", () => {
  test("4401 without a valid proof [W5]", async () => {
    const wrong = await RawSocket.open(server.url, "/ws/tea", "nonsense");
    expect((await wrong.closes()).code).toBe(4401);
    const none = await RawSocket.open(server.url, "/ws/tea", null);
    none.sayText("hello");
    expect((await none.closes()).code).toBe(4401);
    expect(none.heard).toEqual([]);
  });

  test("4403 for who was removed from the room [W5]", async () => {
    const { id } = await ann.api.createRoom({ name: "kept out" });
    await ann.api.addMembers(id, [ben.id]);
    const inside = await enter(ben, id);
    await ann.api.removeMember(id, ben.id);
    expect((await inside.closes()).code).toBe(4403);
    const again = await open(ben, id);
    expect((await again.closes()).code).toBe(4403);
    expect(again.heard).toEqual([]);
    await ann.api.addMembers(id, [ben.id]);
    (await enter(ben, id)).close();
  });

  test("4404 for an id that nobody has, a private room that is not one's own, and a name that cannot be [W5]", async () => {
    const { id } = await ann.api.createRoom({ name: "of ann", kind: "private" });
    for (const room of [id, 999_999, "x".repeat(81), "\u0000"]) {
      const socket = await open(ben, room);
      expect([room, (await socket.closes()).code]).toEqual([room, 4404]);
      expect(socket.heard).toEqual([]);
    }
    const broken = await RawSocket.open(server.url, "/ws/%E0%A4", await ben.token());
    expect((await broken.closes()).code).toBe(4404);
  });

  test("and a room that is deleted under it closes it with 4404 [W5]", async () => {
    const { id } = await ann.api.createRoom({ name: "deleted" });
    const socket = await enter(ben, id);
    await ann.api.deleteRoom(id);
    expect((await socket.closes()).code).toBe(4404);
    await eventually(async () => expect(await named("deleted")).toEqual([]));
  });

  test("4403 where only admins make rooms and the name is new [W5]", async () => {
    await using strict = await startTestServer({ ROOM_CREATION: "admins" });
    const [boss, user] = await people(strict.url, "boss", "user");
    const refused = await RawSocket.open(strict.url, "/ws/new room", await user.token());
    expect((await refused.closes()).code).toBe(4403);
    const made = await RawSocket.open(strict.url, "/ws/new room", await boss.token());
    await made.hears("active_users");
    const joined = await RawSocket.open(strict.url, "/ws/new room", await user.token());
    await joined.hears("active_users");
  });
});
