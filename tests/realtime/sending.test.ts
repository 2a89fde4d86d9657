import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Ack } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let stranger: Person;
let room = 0;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben, stranger] = await people(server.url, "ann", "ben", "stranger");
  room = (await ann.api.createRoom({ name: "talk" })).id;
  await ann.api.addMembers(room, [ben.id]);
});
afterAll(() => server[Symbol.asyncDispose]());

const ready = async (by: Person) => RawSocket.ready(server.url, await by.token());

const listening = async (by: Person, roomId = room) => {
  const { epoch, seq } = await by.api.messages(roomId, { limit: 1 });
  return RawSocket.ready(server.url, await by.token(), { epoch, rooms: { [roomId]: seq }, open: [roomId] });
};

const acksOf = (socket: RawSocket, nonce: string) => socket.all("ack").filter((ack) => ack.nonce === nonce);

const stored = async (content: string, roomId = room) => {
  const { items } = await ann.api.messages(roomId, { limit: 100 });
  return items.filter((message) => message.content === content);
};

describe("a send", () => {
  test("is answered with its place, which is where everybody finds it [S1]", async () => {
    const socket = await ready(ann);
    socket.say({ type: "send", room_id: room, nonce: "s1", content: "hello" });
    const ack = await socket.hears("ack");
    const { type, id, seq, n, timestamp } = ack;
    expect(ack).toEqual({ type, nonce: "s1", room_id: room, id, seq, n, timestamp });
    expect(await ben.api.message(id)).toMatchObject({ id, room_id: room, seq, n, content: "hello", timestamp });
    socket.close();
  });

  test("is in the database, for any other process to read, when its answer comes [S1]", async () => {
    const socket = await ready(ann);
    await using stored = await openStored(server);
    for (let at = 0; at < 50; at++) {
      socket.say({ type: "send", room_id: room, nonce: `there ${at}`, content: `there ${at}` });
      const { id } = await socket.hears("ack", (ack) => ack.nonce === `there ${at}`);
      const rows = await stored.rows("SELECT content FROM messages WHERE id = ?", id);
      expect(rows).toEqual([{ content: `there ${at}` }]);
    }
    socket.close();
  });

  test("that is refused is answered with why and its nonce, and leaves nothing [S1]", async () => {
    const { id: hidden } = await ann.api.createRoom({ name: "hidden", kind: "private" });
    const { id: out } = await ann.api.createRoom({ name: "put out of it" });
    await ann.api.addMembers(out, [stranger.id]);
    await ann.api.removeMember(out, stranger.id);
    const cases: [number, string, string][] = [
      [room, "", "empty"],
      [room, " \n\t ", "empty"],
      [room, "x".repeat(limits.contentGraphemes + 1), "too_long"],
      [room, "nul \u0000 in it", "bad_text"],
      [room, "not a member", "not_member"],
      [hidden, "not to be seen", "not_found"],
      [999_999, "nowhere", "not_found"],
      [out, "kept out", "removed"],
    ];
    const socket = await ready(stranger);
    for (const [at, [roomId, content]] of cases.entries()) {
      socket.say({ type: "send", room_id: roomId, nonce: `refused ${at}`, content });
    }
    await socket.until(() => socket.all("error").length === cases.length);
    for (const [at, [, , code]] of cases.entries()) {
      expect(socket.all("error").find((error) => error.nonce === `refused ${at}`)?.code).toBe(code as "empty");
    }
    expect(socket.all("ack")).toEqual([]);
    for (const [, content] of cases) expect(await stored(content)).toEqual([]);
    // A refused nonce was not used up: the same send may be made when it is allowed.
    await stranger.api.joinRoom(room);
    socket.say({ type: "send", room_id: room, nonce: "refused 4", content: "not a member" });
    await socket.hears("ack", (ack) => ack.nonce === "refused 4");
    await stranger.api.leaveRoom(room);
    socket.close();
  });

  test("one bad send among many is refused alone [S1]", async () => {
    const socket = await ready(ann);
    for (let at = 0; at < 20; at++) {
      socket.say({ type: "send", room_id: at === 10 ? 999_999 : room, nonce: `among ${at}`, content: `among ${at}` });
    }
    await socket.until(() => socket.all("ack").length + socket.all("error").length === 20);
    expect(socket.all("error").map((error) => [error.nonce, error.code])).toEqual([["among 10", "not_found"]]);
    const seqs = socket.all("ack").map((ack) => ack.seq);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
    socket.close();
  });
});

describe("the same nonce", () => {
  test("with the same content is answered with the first ack, and there is one message [S2]", async () => {
    const socket = await listening(ann);
    const send = { type: "send", room_id: room, nonce: "twice", content: "said twice" } as const;
    socket.say(send);
    socket.say(send);
    await socket.until(() => acksOf(socket, "twice").length === 2);
    socket.say(send);
    await socket.until(() => acksOf(socket, "twice").length === 3);
    const [first, ...others] = acksOf(socket, "twice");
    for (const other of others) expect(other).toEqual(first as Ack);
    await socket.settled();
    expect(socket.all("message").filter((message) => message.content === "said twice")).toHaveLength(1);
    expect(await stored("said twice")).toHaveLength(1);
    socket.close();
  });

  test("from two sockets and over REST at once, thirty times: one message, one answer [S2]", async () => {
    const [one, two] = [await ready(ann), await ready(ann)];
    for (let at = 0; at < 30; at++) {
      const nonce = `at once ${at}`;
      const send = { type: "send", room_id: room, nonce, content: nonce } as const;
      const posted = ann.api.sendMessage(room, { nonce, content: nonce });
      one.say(send);
      two.say(send);
      const { id, seq, n, timestamp } = await posted;
      const acks = [
        await one.hears("ack", (ack) => ack.nonce === nonce),
        await two.hears("ack", (ack) => ack.nonce === nonce),
      ];
      for (const ack of acks) expect(ack).toEqual({ type: "ack", nonce, room_id: room, id, seq, n, timestamp });
      expect(await stored(nonce)).toHaveLength(1);
    }
    one.close();
    two.close();
  });

  test("with other content, in another room or for another kind of write is refused [S2]", async () => {
    const { id: other } = await ann.api.createRoom({ name: "another room", nonce: "made a room" });
    const socket = await ready(ann);
    socket.say({ type: "send", room_id: room, nonce: "reused", content: "first words" });
    await socket.hears("ack");
    socket.say({ type: "send", room_id: room, nonce: "reused", content: "other words" });
    socket.say({ type: "send", room_id: other, nonce: "reused", content: "first words" });
    socket.say({ type: "send", room_id: room, nonce: "made a room", content: "first words" });
    await socket.until(() => socket.all("error").length === 3);
    // Of two rooms nobody says which answers first.
    expect(
      socket
        .all("error")
        .map((error) => [error.code, error.nonce])
        .sort(),
    ).toEqual([
      ["nonce_reused", "made a room"],
      ["nonce_reused", "reused"],
      ["nonce_reused", "reused"],
    ]);
    await expect(ann.api.createRoom({ name: "by a used nonce", nonce: "reused" })).rejects.toMatchObject({
      code: "nonce_reused",
    });
    expect(await stored("other words")).toEqual([]);
    expect(await stored("first words", other)).toEqual([]);
    socket.close();
  });

  test("of another author is another nonce [S2]", async () => {
    const [annsSocket, bensSocket] = [await ready(ann), await ready(ben)];
    annsSocket.say({ type: "send", room_id: room, nonce: "shared", content: "of ann" });
    bensSocket.say({ type: "send", room_id: room, nonce: "shared", content: "of ben" });
    const seqs = [(await annsSocket.hears("ack")).seq, (await bensSocket.hears("ack")).seq];
    expect(new Set(seqs).size).toBe(2);
    annsSocket.close();
    bensSocket.close();
  });

  test("is known over a restart, after leaving the room and after its removal [S2]", async () => {
    const { id: left } = await ann.api.createRoom({ name: "left behind" });
    await ann.api.addMembers(left, [ben.id]);
    const send = { type: "send", room_id: left, nonce: "for ever", content: "once" } as const;
    const before = await ready(ben);
    before.say(send);
    const first = await before.hears("ack");
    await server.restart();
    const after = await ready(ben);
    after.say(send);
    expect(await after.hears("ack")).toEqual(first);
    await ben.api.leaveRoom(left);
    after.say(send);
    await after.until(() => after.all("ack").length === 2);
    expect(after.all("ack")[1]).toEqual(first);
    expect(await stored("once", left)).toHaveLength(1);
    after.close();
  });

  test("of sixty-four bytes is taken, a longer or empty one is not [S1, S2]", async () => {
    const socket = await ready(ann);
    socket.say({ type: "send", room_id: room, nonce: "é".repeat(32), content: "sixty-four bytes" });
    await socket.hears("ack");
    for (const nonce of [`${"é".repeat(32)}x`, "", "\u0000"]) {
      socket.say({ type: "send", room_id: room, nonce, content: "a bad nonce" });
    }
    await socket.until(() => socket.all("error").length === 3);
    expect(socket.all("error").map((error) => error.code)).toEqual(["invalid", "invalid", "invalid"]);
    expect(await stored("a bad nonce")).toEqual([]);
    socket.close();
  });
});

describe("no answer", () => {
  test("means unknown: sent again by the same nonce there is one message, whatever became of the first [S3]", async () => {
    for (let trial = 0; trial < 30; trial++) {
      const nonce = `unknown ${trial}`;
      const send = { type: "send", room_id: room, nonce, content: nonce } as const;
      const first = await ready(ann);
      first.say(send);
      if (trial % 3 > 0) await Promise.resolve();
      if (trial % 3 > 1) await first.settled();
      first.cut();
      const second = await ready(ann);
      second.say(send);
      await second.hears("ack", (ack) => ack.nonce === nonce);
      expect(await stored(nonce)).toHaveLength(1);
      second.close();
    }
  });

  test("the client sends again by itself, and what it wrote stands there once and in order [S3]", async () => {
    const { id } = await ann.api.createRoom({ name: "lost answers" });
    let deaf = false;
    const device = deviceOf(ann, server.url, { heard: (text) => !(deaf && /^\{"type":"(ack|message)"/.test(text)) });
    device.chat.start();
    await device.chat.openRoom(id);
    await eventually(() => expect(device.chat.line.state).toBe("live"));
    for (let at = 0; at < 12; at++) {
      deaf = at % 3 === 0;
      device.chat.send(id, `word ${at}`);
      if (deaf) {
        await eventually(async () => expect(await stored(`word ${at}`, id)).toHaveLength(1));
        device.cut();
        deaf = false;
      }
      await eventually(() => expect(device.chat.room(id).pending).toEqual([]));
    }
    const shown = device.chat.room(id).log?.messages.map((message) => message.content);
    expect(shown).toEqual(Array.from({ length: 12 }, (_, at) => `word ${at}`));
    const { items } = await ann.api.messages(id);
    expect(items.map((message) => message.content)).toEqual(shown ?? []);
    device.chat.stop();
  });
});

describe("the author", () => {
  test("hears the message on every socket that has the room open, as everybody does, and without a nonce [S4]", async () => {
    const sockets = [await listening(ann), await listening(ann), await listening(ben)];
    sockets[0]?.say({ type: "send", room_id: room, nonce: "private name", content: "for all" });
    const messages = [];
    for (const socket of sockets)
      messages.push(await socket.hears("message", (message) => message.content === "for all"));
    expect(messages[1]).toEqual(messages[0]!);
    expect(messages[2]).toEqual(messages[0]!);
    expect(messages[0]).not.toHaveProperty("nonce");
    expect(JSON.stringify([sockets[1]?.heard, sockets[2]?.heard])).not.toContain("private name");
    for (const socket of sockets) socket.close();
  });

  test("gets the ack before the message, also while others talk [S4]", async () => {
    const [annsSocket, bensSocket] = [await listening(ann), await ready(ben)];
    const other = sayMany(bensSocket, room, 200, "chatter");
    for (let at = 0; at < 100; at++) {
      annsSocket.say({ type: "send", room_id: room, nonce: `order ${at}`, content: `order ${at}` });
    }
    await other;
    await annsSocket.hears("message", (message) => message.content === "order 99");
    for (let at = 0; at < 100; at++) {
      const ack = annsSocket.heard.findIndex((frame) => frame.type === "ack" && frame.nonce === `order ${at}`);
      const message = annsSocket.heard.findIndex(
        (frame) => frame.type === "message" && frame.content === `order ${at}`,
      );
      expect(ack).toBeGreaterThanOrEqual(0);
      expect(ack).toBeLessThan(message);
    }
    annsSocket.close();
    bensSocket.close();
  });

  test("sees one order of all talk, the same as everybody else [S4]", async () => {
    const { id } = await ann.api.createRoom({ name: "one order" });
    await ann.api.addMembers(id, [ben.id]);
    const [annsSocket, bensSocket] = [await listening(ann, id), await listening(ben, id)];
    await Promise.all([sayMany(annsSocket, id, 200, "ann"), sayMany(bensSocket, id, 200, "ben")]);
    const last = 402;
    for (const socket of [annsSocket, bensSocket]) await socket.hears("message", (message) => message.seq === last);
    const order = (socket: RawSocket) =>
      socket.all("message").map((message) => [message.seq, message.n, message.content]);
    expect(order(annsSocket)).toEqual(order(bensSocket));
    expect(order(annsSocket).map(([seq]) => seq)).toEqual(Array.from({ length: 400 }, (_, at) => at + 3));
    const own = annsSocket.all("message").filter((message) => message.user_id === ann.id);
    expect(own.map((message) => message.content)).toEqual(Array.from({ length: 200 }, (_, at) => `ann ${at + 1}`));
    annsSocket.close();
    bensSocket.close();
  });
});

describe("the read cursor", () => {
  test("moves forward, never back, and never past what is there [S5]", async () => {
    const { id } = await ann.api.createRoom({ name: "read" });
    await ann.api.addMembers(id, [ben.id]);
    const author = await ready(ann);
    const last = await sayMany(author, id, 10);
    const socket = await ready(ben);
    const cursor = async (seq: number) => {
      const before = socket.all("me").length;
      socket.say({ type: "read", room_id: id, seq });
      await socket.until(() => socket.all("me").length > before);
      return socket.all("me").at(-1)?.rooms[0];
    };
    expect(await cursor(5)).toMatchObject({ read_seq: 5, read_n: 3 });
    const frames = socket.all("me").length;
    for (const seq of [3, 0, 5]) socket.say({ type: "read", room_id: id, seq });
    expect(await cursor(last + 1_000)).toMatchObject({ read_seq: last, read_n: 10 });
    expect(socket.all("me")).toHaveLength(frames + 1);
    socket.say({ type: "read", room_id: id, seq: 4 });
    await ben.api.markRead(id, 1);
    const fresh = await ready(ben);
    expect(fresh.all("me")[0]?.rooms.find((row) => row.room.id === id)).toMatchObject({ read_seq: last, read_n: 10 });
    for (const open of [author, socket, fresh]) open.close();
  });

  test("in a room that is not one's own is refused [S5]", async () => {
    const socket = await ready(stranger);
    socket.say({ type: "read", room_id: room, seq: 1 });
    expect(await socket.hears("error")).toMatchObject({ code: "not_member", room_id: room });
    socket.close();
  });
});
