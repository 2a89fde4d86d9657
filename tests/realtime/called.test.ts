import { afterAll, beforeAll, expect, test } from "bun:test";
import { applyAt, applyEvent, applyMyRooms } from "#shared/apply-event.ts";
import { calledBy, calledIn } from "#shared/called.ts";
import type { RoomEvent } from "#shared/events.ts";
import { emptyReplica, logFromPage, type Replica } from "#shared/replica.ts";
import { Dice } from "#tests/fuzz/dice.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** How many random histories are lived through. */
const HISTORIES = Number(process.env.PARLOUR_CALLED_HISTORIES ?? 60);

let server: TestServer;
let operator: Person;
let persons: readonly Person[];
let group: number;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  const [first, ...others] = await people(server.url, "operator", "ann", "ben", "cat");
  [operator, persons] = [first, others];
  group = (await operator.api.makeGroup("crew")).id;
});
afterAll(() => server[Symbol.asyncDispose]());

interface Device {
  readonly userId: number;
  readonly isOpen: boolean;
  replica: Replica;
  seen: number;
}

/** What calls somebody, by the definition: said by others, standing, unread, and naming them, all or their group. */
interface Oracle {
  readonly said: { id: number; seq: number; by: number; content: string; isGone: boolean; isReply: boolean }[];
  readonly cursors: Map<number, number>;
  /** Of those who follow the one thread, whose root the first person wrote. */
  readonly inThread: Map<number, number>;
  readonly crew: Set<number>;
}

const TEXTS = ["plain", "@ann", "@ben and @cat", "@room", "@here and @ben", "@crew", "@crew and @room", "@nobody"];
const deeds = {
  send: 8,
  reply: 7,
  readThread: 3,
  follow: 2,
  unfollow: 2,
  edit: 6,
  takeBack: 3,
  read: 4,
  leave: 1,
  join: 2,
  crew: 2,
  sync: 5,
  back: 3,
};

async function live(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { store } = server;
  const [first] = persons as [Person];
  const made = { name: `history ${seed}`, kind: "public", setting: "everyone" } as const;
  const { id: room } = await store.write("create-room", { userId: first.id }, made);
  const [rootId] = await store.write(
    "send-reply",
    { userId: first.id },
    { roomId: room, nonce: null, content: "a root" },
  );
  const oracle: Oracle = { said: [], cursors: new Map([[first.id, 1]]), inThread: new Map(), crew: await crewNow() };
  const { said, inThread } = oracle;
  const declined = new Set<number>();
  const devices = persons.flatMap(({ id }) => [device(id, true), device(id, false), device(id, false)]);
  for (let step = 0; step < 50; step++) {
    const deed = dice.weighed(deeds);
    const by = { userId: (dice.oneOf(persons) as Person).id };
    const text = dice.oneOf(TEXTS) as string;
    const message = dice.oneOf(oracle.said.filter((one) => !one.isGone && one.by === by.userId));
    if (deed === "join" && !oracle.cursors.has(by.userId)) {
      await store.write("join-room", by, { roomId: room });
      oracle.cursors.set(by.userId, await headOf(room, by.userId));
    }
    if (deed === "sync" || deed === "back") await sync(dice.oneOf(devices) as Device, room, deed === "back");
    if (deed === "crew") {
      const userIds = persons.map(({ id }) => id).filter(() => dice.throw() < 0.5);
      await store.write("set-group-members", { userId: operator.id }, { groupId: group, userIds });
      oracle.crew.clear();
      for (const id of userIds) oracle.crew.add(id);
    }
    if (!oracle.cursors.has(by.userId)) continue;
    if (deed === "send") {
      const content = `${text} ${step}`;
      const [id, seq] = await store.write("send-reply", by, { roomId: room, nonce: null, content });
      said.push({ id, seq, by: by.userId, content, isGone: false, isReply: false });
    }
    if (deed === "reply") {
      const content = `${text} ${step}`;
      const reply = { roomId: room, rootId, nonce: null, content };
      const [id, seq] = await store.write("send-in-thread", by, reply);
      said.push({ id, seq, by: by.userId, content, isGone: false, isReply: true });
      if (!inThread.has(by.userId)) inThread.set(by.userId, seq);
      declined.delete(by.userId);
      if (!inThread.has(first.id) && !declined.has(first.id)) inThread.set(first.id, seq - 1);
    }
    const replies = said.filter(({ isReply }) => isReply).map(({ seq }) => seq);
    if (deed === "follow") {
      await store.write("follow", by, { roomId: room, rootId, on: true });
      if (!inThread.has(by.userId)) inThread.set(by.userId, replies.at(-1) ?? 0);
      declined.delete(by.userId);
    }
    if (deed === "unfollow") {
      await store.write("follow", by, { roomId: room, rootId, on: false });
      if (inThread.delete(by.userId)) declined.add(by.userId);
    }
    if (deed === "readThread") {
      const upTo = dice.from(0, await headOf(room, by.userId));
      await store.write("mark-thread-read", by, { roomId: room, rootId, seq: upTo });
      const last = replies.filter((seq) => seq <= upTo).at(-1) ?? 0;
      const cursor = inThread.get(by.userId);
      if (cursor !== undefined) inThread.set(by.userId, Math.max(last, cursor));
    }
    if (deed === "edit" && message) {
      message.content = `${text} edited ${step}`;
      await store.write("edit-message", by, { roomId: room, id: message.id, content: message.content });
    }
    if (deed === "takeBack" && message) {
      await store.write("delete-message", by, { roomId: room, id: message.id });
      message.isGone = true;
    }
    if (deed === "read") {
      const seq = dice.from(0, await headOf(room, by.userId));
      await store.write("mark-read", by, { roomId: room, seq });
      oracle.cursors.set(by.userId, Math.max(seq, oracle.cursors.get(by.userId) ?? 0));
    }
    if (deed === "leave" && by.userId !== first.id) {
      await store.write("leave-room", by, { roomId: room });
      oracle.cursors.delete(by.userId);
      inThread.delete(by.userId);
      declined.delete(by.userId);
      // Whom a message named is settled when it is said or edited: who was not there then is not called by it later.
    }
  }
  for (const each of devices) {
    await sync(each, room, dice.throw() < 0.3);
    const who = `${each.userId} in history ${seed}, ${each.isOpen ? "open" : "listed"}`;
    const found = calledIn(each.replica, room).map(({ id }) => id);
    expect(`${who}: ${found}`).toBe(`${who}: ${await wanted(oracle, each.userId)}`);
  }
  await store.write("delete-room", { userId: first.id }, { roomId: room });
}

async function wanted({ said, cursors, inThread, crew }: Oracle, userId: number): Promise<number[]> {
  const cursor = cursors.get(userId);
  if (cursor === undefined) return [];
  const ids: number[] = [];
  for (const { id, seq, by, content, isGone, isReply } of said) {
    const read = isReply ? (inThread.get(userId) ?? cursor) : cursor;
    if (isGone || by === userId || seq <= read) continue;
    // Of the named the message itself says who they are; all others follow from the words.
    const { people: named = [] } = (await server.store.read("message", { userId }, { id })).mentions ?? {};
    const isWide = /@(room|here)/.test(content) || (content.includes("@crew") && crew.has(userId));
    if (isWide || named.some((person) => person.id === userId)) ids.push(id);
  }
  return ids;
}

async function crewNow(): Promise<Set<number>> {
  const { items } = await server.store.read("groups", { userId: operator.id });
  return new Set(items.find(({ id }) => id === group)?.user_ids);
}

async function headOf(roomId: number, userId: number): Promise<number> {
  return (await server.store.read("page", { userId }, { roomId, place: { from: "newest" }, limit: 1 })).seq;
}

function device(userId: number, isOpen: boolean): Device {
  return { userId, isOpen, replica: { ...emptyReplica(), meId: userId }, seen: 0 };
}

/** Who stays on the line hears the rows that changed and each event or place; who is `back` what the rows say now. */
async function sync(to: Device, room: number, isBack: boolean): Promise<void> {
  const by = { userId: to.userId };
  const { frame: told } = await server.store.read("my-rooms", by, { since: to.replica.meVersion, from: 0 });
  const rooms = isBack ? told.rooms : told.rooms.filter((row) => row.version > to.replica.meVersion);
  const missed = await server.store.read("missed", by, { roomId: room, after: to.seen, most: 500 });
  if (missed.kind !== "events") throw new Error("The history is longer than the test expects.");
  // The streams are told apart: the row may come before the events that it knows of, or behind them.
  const isRowFirst = isBack || missed.seq % 2 === 0;
  if (isRowFirst) applyMyRooms(to.replica, { ...told, rooms });
  if (to.isOpen && !to.replica.logs.has(room)) {
    const page = await server.store.read("page", by, { roomId: room, place: { from: "newest" }, limit: 100 });
    to.replica.logs.set(room, logFromPage(page));
    if (!isRowFirst) applyMyRooms(to.replica, { ...told, rooms });
    // What was said before the page is in the row that comes at hello.
    const { frame } = await server.store.read("my-rooms", by, { since: 0, from: 0 });
    applyMyRooms(to.replica, frame);
  } else {
    for (const event of missed.frames as RoomEvent[]) {
      const called = calledBy(event);
      if (to.isOpen) applyEvent(to.replica, event);
      else if (called && !isBack) applyAt(to.replica, { type: "at", room_id: room, seq: event.seq, n: 0, called });
    }
    if (!isRowFirst) applyMyRooms(to.replica, { ...told, rooms });
  }
  to.seen = missed.seq;
}

/** Ben's device, as it was told of his row when there was nothing to call him; what ann then said is in `call`. */
async function toldBefore(name: string) {
  const { store } = server;
  const [ann, ben] = persons as [Person, Person];
  const made = { name, kind: "public", setting: "everyone" } as const;
  const { id: room } = await store.write("create-room", { userId: ann.id }, made);
  await store.write("join-room", { userId: ben.id }, { roomId: room });
  const rows = async () => (await store.read("my-rooms", { userId: ben.id }, { since: 0, from: 0 })).frame;
  const { replica } = device(ben.id, true);
  const before = await rows();
  applyMyRooms(replica, before);
  const said = { roomId: room, nonce: null, content: "@room" };
  const [call, after] = await store.write("send-reply", { userId: ann.id }, said);
  const page = await store.read("page", { userId: ben.id }, { roomId: room, place: { from: "newest" }, limit: 100 });
  return { room, replica, before, now: await rows(), call, page, after: after - 1 };
}

test("who loads a page before they hear of a call in it is called by it", async () => {
  const { room, replica, call, page, after } = await toldBefore("a page ahead");
  replica.logs.set(room, logFromPage(page));
  const by = { userId: replica.meId };
  const missed = await server.store.read("missed", by, { roomId: room, after, most: 500 });
  if (missed.kind !== "events") throw new Error("There is one event.");
  expect(missed.frames.map((event) => applyEvent(replica, event as RoomEvent))).toEqual(["seen"]);
  expect(calledIn(replica, room).map(({ id }) => id)).toEqual([call]);
});

test("a row that was read earlier takes no call back from one of the same version [E4]", async () => {
  const { room, replica, before, now, call } = await toldBefore("a row behind");
  applyMyRooms(replica, { ...now, reset: false });
  applyMyRooms(replica, { ...before, reset: false });
  expect(calledIn(replica, room).map(({ id }) => id)).toEqual([call]);
});

test(`after ${HISTORIES} random histories of calling, editing, taking back, replying, following, reading, leaving and regrouping, every device marks what calls its person [M1, M2, M3]`, async () => {
  for (let seed = 1; seed <= HISTORIES; seed++) await live(seed);
}, 60_000);
