import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { heldAnswer } from "#tests/support/held-answer.ts";
import { type Person, people } from "#tests/support/people.ts";
import { type Heard, RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;
let author: RawSocket;
let epoch = "";

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
  author = await RawSocket.ready(server.url, await ann.token());
  epoch = server.store.epoch;
});
afterAll(() => server[Symbol.asyncDispose]());

async function roomOfBoth(name: string, kind: "public" | "private"): Promise<number> {
  const { id } = await ann.api.createRoom({ name, kind });
  await ann.api.addMembers(id, [ben.id]);
  return id;
}

/** Everything a socket was told of a room, but for the rows that say it is gone. */
const about = (heard: readonly Heard[], roomId: number) =>
  heard.filter((frame) => "room_id" in frame && frame.room_id === roomId);

const highest = (heard: readonly Heard[], roomId: number) =>
  Math.max(0, ...about(heard, roomId).map((frame) => ("seq" in frame ? frame.seq : 0)));

describe.each(["public", "private"] as const)("after a removal from a %s room", (kind) => {
  test("no open socket hears anything more of it, and each that had it open hears closed [E5]", async () => {
    const room = await roomOfBoth(`removed at once, ${kind}`, kind);
    await sayMany(author, room, 3);
    const open = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
    const listed = await RawSocket.ready(server.url, await ben.token());
    const plain = await RawSocket.open(server.url, `/ws/${room}`, await ben.token());
    await plain.hears("active_users");
    const witness = await RawSocket.ready(server.url, await ann.token());
    await ann.api.removeMember(room, ben.id);
    const { seq: removedAt } = await ann.api.messages(room);
    const code = kind === "public" ? "removed" : "not_found";
    expect(await open.hears("closed")).toEqual({ type: "closed", room_id: room, code });
    expect((await plain.closes()).code).toBe(kind === "public" ? 4403 : 4404);
    for (const socket of [open, listed]) await socket.hears("me", (frame) => frame.gone.includes(room));
    const before = [open, listed, plain].map((socket) => about(socket.heard, room).length);
    author.say({ type: "open", room_id: room, epoch, seq: removedAt });
    const last = await sayMany(author, room, 5);
    author.say({ type: "typing", room_id: room });
    await ann.api.changeRoom(room, { description: `changed, ${kind}` });
    await witness.hears("at", (at) => at.room_id === room && at.seq >= last);
    for (const socket of [open, listed]) await socket.settled();
    expect([open, listed, plain].map((socket) => about(socket.heard, room).length)).toEqual(before);
    for (const socket of [open, listed, plain]) expect(highest(socket.heard, room)).toBeLessThan(removedAt);
    expect(listed.all("closed")).toEqual([]);
    for (const socket of [open, listed, witness]) socket.close();
  });

  test("nothing above it is ever told by any frame or page, whenever it happens in the catching up, 200 times [E5]", async () => {
    const room = await roomOfBoth(`removed in a race, ${kind}`, kind);
    const base = await sayMany(author, room, 120);
    let talking = true;
    const talk = (async () => {
      while (talking) await sayMany(author, room, 3, "go on");
    })();
    const token = await ben.token();
    for (let trial = 0; trial < 200; trial++) {
      const socket = await RawSocket.open(server.url, "/ws", token);
      const after = await currentSeq(room);
      const from = Math.max(base - 120, after - 100);
      if (trial % 2 === 0) socket.say({ type: "hello", epoch, rooms: { [room]: from }, open: [room] });
      else {
        socket.say({ type: "hello", epoch });
        await socket.hears("ready");
        socket.say({ type: "open", room_id: room, epoch, seq: from });
      }
      const pages = [ben.api.messages(room).catch(() => null), ben.api.messages(room).catch(() => null)];
      for (let turn = 0; turn < trial % 7; turn++) await new Promise<void>((go) => setImmediate(go));
      await ann.api.removeMember(room, ben.id);
      pages.push(ben.api.messages(room).catch(() => null));
      const removedAt = await removalSeq(room);
      await socket.hears("ready");
      await socket.hears("closed", (closed) => closed.room_id === room);
      await socket.settled();
      const spoken = await sayMany(author, room, 2, "behind his back");
      expect(spoken).toBeGreaterThan(removedAt);
      await socket.settled();
      expect([trial, highest(socket.heard, room) <= removedAt]).toEqual([trial, true]);
      for (const page of await Promise.all(pages)) {
        expect(Math.max(0, ...(page?.items ?? []).map((message) => message.seq))).toBeLessThanOrEqual(removedAt);
      }
      expect(await pages[2]).toBeNull();
      socket.close();
      await ann.api.addMembers(room, [ben.id]);
    }
    talking = false;
    await talk;
  }, 60_000);

  test("and being let in again, the room is told again, on the same socket [E5, R4]", async () => {
    const room = await roomOfBoth(`in again, ${kind}`, kind);
    const socket = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] });
    await ann.api.removeMember(room, ben.id); // 3
    await socket.hears("closed");
    await sayMany(author, room, 2, "behind his back"); // 4, 5
    await ann.api.addMembers(room, [ben.id]); // 6
    await socket.hears("me", (frame) => frame.rooms.some((row) => row.room.id === room));
    await socket.hears("at", (at) => at.room_id === room && at.seq === 6);
    socket.say({ type: "open", room_id: room, epoch, seq: 2 });
    await socket.hears("opened", (opened) => opened.seq === 6);
    await sayMany(author, room, 1);
    await socket.hears("message", (message) => message.seq === 7);
    const seqs = about(socket.heard, room).flatMap((frame): (number | string)[] =>
      frame.type === "hidden"
        ? [`${frame.from}-${frame.to}`]
        : "actor_id" in frame || frame.type === "message"
          ? [frame.seq]
          : [],
    );
    expect(seqs).toEqual(kind === "public" ? [3, 4, 5, 6, 7] : [3, "4-5", 6, 7]);
    socket.close();
  });

  test("the real client shows the room as closed, holds nothing of it, and shows it again when let in [E5]", async () => {
    const room = await roomOfBoth(`client, ${kind}`, kind);
    await sayMany(author, room, 2);
    const { chat } = deviceOf(ben, server.url);
    chat.start();
    await chat.openRoom(room);
    await eventually(() => expect(chat.line.state).toBe("live"));
    await ann.api.removeMember(room, ben.id);
    const code = kind === "public" ? "removed" : "not_found";
    await eventually(() => expect(chat.room(room).status).toEqual({ closed: code }));
    expect(chat.room(room).log).toBeNull();
    expect(chat.replica.mine.has(room)).toBe(false);
    if (kind === "private") expect(JSON.stringify([...chat.replica.heads.keys()])).not.toContain(`${room}`);
    await sayMany(author, room, 2, "behind his back");
    await ann.api.addMembers(room, [ben.id]);
    await eventually(() => expect(chat.room(room).status).toBe("ready"));
    await sayMany(author, room, 1, "back");
    await eventually(() => expect(chat.room(room).log?.messages.at(-1)?.content).toBe("back 1"));
    const shown = chat.room(room).log?.messages.map((message) => message.content) ?? [];
    expect(shown.some((content) => content.startsWith("behind"))).toBe(kind === "public");
    chat.stop();
  });
});

test("a plain socket that loses its room while it enters it does not come in, a hundred times [E5]", async () => {
  const room = await roomOfBoth("plain race", "public");
  const token = await ben.token();
  for (let trial = 0; trial < 100; trial++) {
    const socket = await RawSocket.open(server.url, `/ws/${room}`, token);
    for (let turn = 0; turn < trial % 5; turn++) await new Promise<void>((go) => setImmediate(go));
    await ann.api.removeMember(room, ben.id);
    const removedAt = await removalSeq(room);
    await sayMany(author, room, 1, "behind his back");
    expect((await socket.closes()).code).toBe(4403);
    const told = [...socket.all("history").flatMap((history) => history.messages), ...socket.all("message")];
    expect(Math.max(0, ...told.map((message) => message.seq))).toBeLessThanOrEqual(removedAt);
    await ann.api.addMembers(room, [ben.id]);
  }
}, 30_000);

test("a plain socket that loses two rooms while it enters one of them does not come in [E5]", async () => {
  const [room, other] = [await roomOfBoth("plain, entered", "public"), await roomOfBoth("plain, other", "public")];
  const page = heldAnswer(server, "page");
  const socket = await RawSocket.open(server.url, `/ws/${room}`, await ben.token());
  await page.asked;
  await ann.api.removeMember(room, ben.id);
  await ann.api.removeMember(other, ben.id);
  page.letGo();
  expect((await socket.closes()).code).toBe(4403);
});

test("leaving a private room of one's own will closes it on every device, and a public one stays to be read [E5, R5]", async () => {
  const [open, hidden] = [await roomOfBoth("left, public", "public"), await roomOfBoth("left, private", "private")];
  const rooms = { [open]: 2, [hidden]: 2 };
  const socket = await RawSocket.ready(server.url, await ben.token(), { epoch, rooms, open: [open, hidden] });
  await ben.api.leaveRoom(open);
  await ben.api.leaveRoom(hidden);
  expect(await socket.hears("closed")).toEqual({ type: "closed", room_id: hidden, code: "not_found" });
  await sayMany(author, hidden, 2);
  await sayMany(author, open, 2);
  await socket.hears("message", (message) => message.room_id === open && message.seq === 5);
  expect(highest(socket.heard, hidden)).toBeLessThan(3);
  expect(socket.all("closed")).toHaveLength(1);
  socket.close();
});

const currentSeq = async (room: number) => (await ann.api.messages(room, { limit: 1 })).seq;

/** Where the newest removal stands, read from the log itself. The talk may run away while its seq is asked for. */
async function removalSeq(room: number, tries = 10): Promise<number> {
  const after = Math.max(0, (await currentSeq(room)) - 400);
  const missed = await server.store.read("missed", { userId: ann.id }, { roomId: room, after, most: 500 });
  if (missed.kind === "resync") {
    if (tries > 1) return removalSeq(room, tries - 1);
    throw new Error("The talk ran away.");
  }
  const removals = missed.frames.filter((frame) => frame.type === "member.removed");
  const last = removals.at(-1);
  if (last?.type !== "member.removed") throw new Error("There is no removal.");
  return last.seq;
}
