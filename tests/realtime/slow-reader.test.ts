import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { eventually } from "#tests/support/eventually.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { openSockets } from "#tests/support/open-sockets.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { TcpSocket } from "#tests/support/tcp-socket.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;
let author: RawSocket;
let epoch = "";

// 30 KB in few characters: a message may have 8,000 of them.
const LONG = "🧵".repeat(7_500);
const MESSAGE = Buffer.byteLength(LONG);

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben, cat] = await people(server.url, "ann", "ben", "cat");
  author = await RawSocket.ready(server.url, await ann.token());
  epoch = (await author.hears("welcome")).epoch;
});
afterAll(() => server[Symbol.asyncDispose]());

async function roomOfAll(name: string): Promise<number> {
  const { id } = await ann.api.createRoom({ name });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  return id;
}

async function say(room: number, at: number): Promise<number> {
  author.say({ type: "send", room_id: room, nonce: `${room} ${at}`, content: `${at} ${LONG}` });
  return (await author.hears("ack", (ack) => ack.nonce === `${room} ${at}`)).seq;
}

const opened = (room: number, seq: number) => ({ type: "hello", epoch, rooms: { [room]: seq }, open: [room] });

test("who stops reading is cut at about 1 MiB queued; the neighbours go on; nothing is lost on resume [L2]", async () => {
  const room = await roomOfAll("slow");
  const neighbour = await RawSocket.ready(server.url, await cat.token(), {
    epoch,
    rooms: { [room]: 2 },
    open: [room],
  });
  const slow = await TcpSocket.open(server.url, "/ws", await ben.token());
  slow.say(opened(room, 2));
  await slow.until(() => slow.heard("ready").length === 1);
  const before = await openSockets(server);
  const received = slow.received;
  slow.stopReading();
  let said = 0;
  while ((await openSockets(server)) === before) {
    said += 1;
    if (said > 600) throw new Error("18 MB were said and nobody was cut");
    await say(room, said);
  }
  slow.readOn();
  await slow.until(() => slow.isClosed);
  // What the operating system had taken was delivered; what the server still held is the rest.
  const queued = said * MESSAGE - (slow.received - received);
  expect(queued).toBeGreaterThan(limits.queuedBytes * 0.9);
  expect(queued).toBeLessThan(limits.queuedBytes * 1.25);

  const last = await say(room, said + 1);
  await neighbour.hears("message", (message) => message.seq === last);
  expect(neighbour.all("message").map((message) => message.seq)).toEqual(
    Array.from({ length: said + 1 }, (_, at) => at + 3),
  );
  expect(neighbour.closed).toBeNull();

  const had = slow.heard<Message>("message").map((message) => message.seq);
  expect(had).toEqual(had.map((_, at) => at + 3));
  const again = await TcpSocket.open(server.url, "/ws", await ben.token());
  again.say(opened(room, had.at(-1) ?? 2));
  await again.until(() => again.heard("ready").length === 1);
  const then = again.heard<Message>("message").map((message) => message.seq);
  expect([...had, ...then]).toEqual(Array.from({ length: said + 1 }, (_, at) => at + 3));
  again.cut();
  neighbour.close();
}, 30_000);

test("who is 12 MB behind but reads is not cut, and is told everything [L2]", async () => {
  const room = await roomOfAll("behind");
  // The operating system holds some 4 MB of it; the rest is the server's to hold back.
  const count = Math.ceil((12 * 1024 * 1024) / MESSAGE);
  for (let at = 1; at <= count; at++) await say(room, at);
  const behind = await TcpSocket.open(server.url, "/ws", await ben.token());
  behind.say(opened(room, 2));
  // A line of some 20 MB a second: reads a little, rests a little.
  while (behind.heard("ready").length === 0 && !behind.isClosed) {
    behind.stopReading();
    await Bun.sleep(5);
    behind.readOn();
    await Bun.sleep(1);
  }
  expect(behind.isClosed).toBe(false);
  expect(behind.heard<Message>("message").map((message) => message.seq)).toEqual(
    Array.from({ length: count }, (_, at) => at + 3),
  );
  expect(behind.received).toBeGreaterThan(12 * 1024 * 1024);
  behind.cut();
}, 30_000);

test("who is 5 MB behind while the room talks on comes to its end as well, by as many sockets as it takes [L2]", async () => {
  const room = await roomOfAll("behind and busy");
  const count = Math.ceil((5 * 1024 * 1024) / MESSAGE);
  for (let at = 1; at <= count; at++) await say(room, at);
  let seq = 2;
  let talking = true;
  const talk = (async () => {
    let at = count;
    while (talking) at += (await say(room, at + 1)) > 0 ? 1 : 0;
    return at + 2;
  })();
  let sockets = 0;
  const hear = async (until: () => boolean) => {
    while (!until()) {
      sockets += 1;
      expect(sockets).toBeLessThan(20);
      const socket = await TcpSocket.open(server.url, "/ws", await ben.token());
      socket.say(opened(room, seq));
      let heard = 0;
      while (!until() && !socket.isClosed) {
        await socket.until(() => socket.isClosed || socket.texts.length > heard);
        for (const text of socket.texts.slice(heard)) {
          const frame = JSON.parse(text) as { type: string; seq: number };
          if (frame.type === "resync") throw new Error(`resync at ${seq}`);
          if (frame.type === "opened" && talking) talking = false;
          if (frame.type !== "message" || frame.seq <= seq) continue;
          expect(frame.seq).toBe(seq + 1);
          seq = frame.seq;
        }
        heard = socket.texts.length;
      }
      socket.cut();
    }
  };
  await hear(() => !talking);
  const last = await talk;
  await hear(() => seq === last);
  expect(seq).toBe(last);
}, 30_000);

describe("who does not read what they missed", () => {
  test("is cut after half a minute and can come back to all of it; who reads meanwhile is not touched [L2]", async () => {
    const { house, clock, room, last, stuck } = await houseOfOneWhoIsStuck();
    await using _ = house;
    const reader = await RawSocket.ready(house.url, await stuck.person.token());
    const open = await openSockets(house);
    clock.jump(29_000);
    await reader.settled();
    expect(await openSockets(house)).toBe(open);
    clock.jump(31_000);
    await eventually(async () => expect(await openSockets(house)).toBe(open - 1));
    expect(reader.closed).toBeNull();
    reader.close();
    stuck.socket.readOn();
    await stuck.socket.until(() => stuck.socket.isClosed);
    const had = stuck.socket.heard<Message>("message").map((message) => message.seq);
    expect(had.length).toBeLessThan(last - 2);
    const again = await TcpSocket.open(house.url, "/ws", await stuck.person.token());
    again.say({ ...opened(room, had.at(-1) ?? 2), epoch: house.store.epoch });
    await again.until(() => again.heard("ready").length === 1);
    const then = again.heard<Message>("message").map((message) => message.seq);
    expect([...had, ...then]).toEqual(Array.from({ length: last - 2 }, (_, at) => at + 3));
    again.cut();
  }, 30_000);

  test("hears resync and never a hole where more was said meanwhile than is kept for them [R2]", async () => {
    const { house, room, author, last, stuck } = await houseOfOneWhoIsStuck();
    await using _ = house;
    const more = Math.ceil(limits.recordedBytes / MESSAGE) + 10;
    for (let at = 1; at <= more; at++) {
      author.say({ type: "send", room_id: room, nonce: `more ${at}`, content: LONG });
      await author.hears("ack", (ack) => ack.nonce === `more ${at}`);
    }
    stuck.socket.readOn();
    await stuck.socket.until(() => stuck.socket.heard("ready").length === 1);
    const had = stuck.socket.heard<Message>("message").map((message) => message.seq);
    expect(had).toEqual(Array.from({ length: last - 2 }, (_, at) => at + 3));
    expect(stuck.socket.heard("resync")).toEqual([{ type: "resync", room_id: room, seq: last }]);
    expect(stuck.socket.heard("opened")).toEqual([]);
    stuck.socket.cut();
  }, 30_000);

  test("cannot fill the memory with frames that wait for their turn [L4]", async () => {
    const { house, stuck } = await houseOfOneWhoIsStuck();
    await using _ = house;
    const before = await openSockets(house);
    const { room_id, content } = { room_id: 1, content: "x".repeat(limits.frameBytes - 1_000) };
    for (let at = 0; at < 5; at++) stuck.socket.say({ type: "send", room_id, nonce: `wait ${at}`, content });
    await eventually(async () => expect(await openSockets(house)).toBe(before - 1));
    stuck.socket.cut();
  });
});

/** 12 MB behind, with nothing read of them yet but what the operating system took. */
async function houseOfOneWhoIsStuck() {
  const clock = new JumpingClock();
  const house = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [host, slow] = await people(house.url, "host", "slow");
  const { id: room } = await host.api.createRoom({ name: "long talk" });
  await host.api.addMembers(room, [slow.id]);
  const author = await RawSocket.ready(house.url, await host.token());
  let last = 2;
  for (let at = 1; at <= 400; at++) {
    author.say({ type: "send", room_id: room, nonce: `long ${at}`, content: LONG });
    last = (await author.hears("ack", (ack) => ack.nonce === `long ${at}`)).seq;
  }
  // Nobody stands in front of this socket: what the operating system takes is enough to be behind by.
  const socket = await TcpSocket.open(house.urls[0] ?? "", "/ws", await slow.token());
  socket.stopReading();
  socket.say({ ...opened(room, 2), epoch: house.store.epoch });
  await Bun.sleep(1_000);
  return { house, clock, room, author, last, stuck: { socket, person: slow } };
}
