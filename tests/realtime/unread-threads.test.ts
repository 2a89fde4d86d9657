import { afterAll, beforeAll, expect, test } from "bun:test";
import { applyAt, applyEvent, applyMyRooms } from "#shared/apply-event.ts";
import { inThread } from "#shared/apply-thread.ts";
import type { RoomEvent } from "#shared/events.ts";
import { emptyReplica, logFromPage, type Replica, unreadIn, unreadInThread } from "#shared/replica.ts";
import { Dice } from "#tests/fuzz/dice.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** How many random histories are lived through. */
const HISTORIES = Number(process.env.PARLOUR_UNREAD_HISTORIES ?? 25);

let server: TestServer;
let persons: readonly Person[];

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  persons = await people(server.url, "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

/** One device: it has the room open, or hears of threads that its person follows; what it missed comes with its return. */
interface Device {
  readonly userId: number;
  readonly isOpen: boolean;
  readonly replica: Replica;
  seen: number;
}

/** A thread by the definition: what was replied, and up to where each who follows has read. */
interface Oracle {
  readonly rootId: number;
  readonly author: number;
  readonly said: { id: number; seq: number; by: number; isGone: boolean }[];
  /** By who follows, a seq. */
  readonly cursors: Map<number, number>;
  /** Who said that they do not. */
  readonly declined: Set<number>;
}

const deeds = { reply: 12, takeBack: 4, read: 5, follow: 2, unfollow: 2, leave: 1, join: 3, talk: 2, sync: 4, back: 2 };

async function live(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { store } = server;
  const [ann, ben] = persons as [Person, Person];
  const by = (userId: number) => ({ userId });
  const made = { name: `history ${seed}`, kind: "public", setting: "everyone" } as const;
  const { id: roomId } = await store.write("create-room", by(ann.id), made);
  await store.write("join-room", by(ben.id), { roomId });
  const threads: Oracle[] = [];
  for (const author of [ann, ben]) {
    const { id: rootId } = await author.api.sendMessage(roomId, { content: "a beginning" });
    threads.push({ rootId, author: author.id, said: [], cursors: new Map(), declined: new Set() });
  }
  const isIn = new Set([ann.id, ben.id]);
  const devices = persons.flatMap(({ id }) => [device(id, true), device(id, false), device(id, false)]);
  for (let step = 0; step < 45; step++) {
    const deed = dice.weighed(deeds);
    const { id: userId } = dice.oneOf(persons) as Person;
    const thread = dice.oneOf(threads) as Oracle;
    const { rootId, said, cursors, declined } = thread;
    const at = { roomId, rootId };
    if (deed === "join" && !isIn.has(userId)) {
      await store.write("join-room", by(userId), { roomId });
      isIn.add(userId);
    }
    if (deed === "sync") await sync(dice.oneOf(devices) as Device, roomId, false);
    if (deed === "back") await sync(dice.oneOf(devices) as Device, roomId, true);
    if (!isIn.has(userId)) continue;
    if (deed === "talk")
      await store.write("send-reply", by(userId), { roomId, nonce: null, content: "beside", replyTo: rootId });
    if (deed === "reply") {
      const reply = { ...at, nonce: null, content: `step ${step}` };
      const [id, seq] = await store.write("send-in-thread", by(userId), reply);
      said.push({ id, seq, by: userId, isGone: false });
      if (!cursors.has(userId)) cursors.set(userId, seq);
      declined.delete(userId);
      const hears = isIn.has(thread.author) && !declined.has(thread.author);
      if (hears && !cursors.has(thread.author)) cursors.set(thread.author, seq - 1);
    }
    const message = dice.oneOf(said.filter((one) => !one.isGone && one.by === userId));
    if (deed === "takeBack" && message) {
      await store.write("delete-message", by(userId), { roomId, id: message.id });
      message.isGone = true;
    }
    if (deed === "follow" || deed === "unfollow") {
      const on = deed === "follow";
      await store.write("follow", by(userId), { ...at, on });
      if (on && !cursors.has(userId)) cursors.set(userId, said.at(-1)?.seq ?? 0);
      if (!on && cursors.delete(userId)) declined.add(userId);
      if (on) declined.delete(userId);
    }
    if (deed === "read") {
      const seq = dice.oneOf(said)?.seq ?? 0;
      await store.write("mark-thread-read", by(userId), { ...at, seq });
      const cursor = cursors.get(userId);
      if (cursor !== undefined) cursors.set(userId, Math.max(cursor, seq));
    }
    if (deed === "leave" && userId !== ann.id) {
      await store.write("leave-room", by(userId), { roomId });
      isIn.delete(userId);
      for (const each of threads) {
        each.cursors.delete(userId);
        each.declined.delete(userId);
      }
    }
  }
  for (const each of devices) {
    await sync(each, roomId, dice.throw() < 0.3);
    for (const thread of threads) {
      const who = `${each.userId} in history ${seed}, ${each.isOpen ? "open" : "listed"}`;
      const counted = unreadInThread(each.replica, thread.rootId);
      expect(`${who}: ${counted}`).toBe(`${who}: ${unreadBy(thread, each.userId)}`);
    }
    expect(unreadIn(each.replica, roomId)).toBeLessThanOrEqual(each.replica.heads.get(roomId)?.n ?? 0);
  }
  await store.write("delete-room", by(ann.id), { roomId });
}

function device(userId: number, isOpen: boolean): Device {
  return { userId, isOpen, replica: { ...emptyReplica(), meId: userId }, seen: 0 };
}

function unreadBy({ said, cursors }: Oracle, userId: number): number {
  const cursor = cursors.get(userId);
  if (cursor === undefined) return 0;
  return said.filter(({ seq, by, isGone }) => seq > cursor && by !== userId && !isGone).length;
}

/** Whoever stayed on the line hears the rows that changed and what happened; whoever is back, what the rows say now. */
async function sync(to: Device, roomId: number, isBack: boolean): Promise<void> {
  const by = { userId: to.userId };
  const { replica } = to;
  const { frame } = await server.store.read("my-rooms", by, { since: replica.meVersion, from: 0 });
  const isNew = ({ version }: { version: number }) => isBack || version > replica.meVersion;
  const threads = frame.threads?.filter(isNew) ?? [];
  const missed = await server.store.read("missed", by, { roomId, after: to.seen, most: 500 });
  if (missed.kind !== "events") throw new Error("The history is longer than the test expects.");
  applyMyRooms(replica, { ...frame, rooms: frame.rooms.filter(isNew), threads });
  if (to.isOpen && !replica.logs.has(roomId)) {
    const page = await server.store.read("page", by, { roomId, place: { from: "newest" }, limit: 100 });
    replica.logs.set(roomId, logFromPage(page));
  }
  for (const event of missed.frames as RoomEvent[]) {
    const thread = inThread(event);
    if (to.isOpen) applyEvent(replica, event);
    else if (thread && !isBack && replica.threads.has(thread.id)) {
      applyAt(replica, { type: "at", room_id: roomId, seq: event.seq, n: 0, thread });
    }
  }
  applyAt(replica, { type: "at", room_id: roomId, seq: missed.seq, n: missed.n });
  to.seen = missed.seq;
}

test(`after ${HISTORIES} random histories of replying, taking back, reading, following, leaving and coming back, every device counts as unread in a thread what is [T3, T6]`, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) await live(seed);
}, 120_000);
