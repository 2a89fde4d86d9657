import { afterAll, beforeAll, expect, test } from "bun:test";
import { applyAt, applyEvent, applyHidden, applyMyRooms } from "#shared/apply-event.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { RoomKind } from "#shared/models.ts";
import { emptyReplica, logFromPage, type Replica, unreadIn } from "#shared/replica.ts";
import { Dice } from "#tests/fuzz/dice.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** How many random histories are lived through. */
const HISTORIES = Number(process.env.PARLOUR_UNREAD_HISTORIES ?? 150);

let server: TestServer;
let persons: readonly Person[];

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  persons = await people(server.url, "ann", "ben", "cat");
});
afterAll(() => server[Symbol.asyncDispose]());

/** One device: it has the room open, or hears its places alone; what it missed comes when it is there again. */
interface Device {
  readonly userId: number;
  readonly isOpen: boolean;
  readonly replica: Replica;
  seen: number;
}

/** What is unread by the definition: said by others, seen, not taken back, after the cursor of somebody who is present. */
interface Oracle {
  readonly kind: RoomKind;
  readonly said: { id: number; seq: number; by: number; isGone: boolean }[];
  /** By member. */
  readonly cursors: Map<number, number>;
  /** By person: what a private room has shown them; the last one is open while they are there. */
  readonly stays: Map<number, { from: number; to: number }[]>;
}

const deeds = {
  send: 10,
  reply: 3,
  edit: 3,
  react: 2,
  takeBack: 5,
  read: 5,
  unread: 2,
  leave: 1,
  remove: 1,
  join: 3,
  sync: 4,
  back: 2,
};

async function live(seed: number): Promise<void> {
  const dice = new Dice(seed);
  const { store } = server;
  const [first] = persons;
  const kind = dice.throw() < 0.5 ? "public" : "private";
  const { id: room } = await store.write(
    "create-room",
    { userId: first!.id },
    { name: `history ${seed}`, kind, setting: "everyone" },
  );
  const oracle: Oracle = { kind, said: [], cursors: new Map([[first!.id, 1]]), stays: new Map() };
  const devices = persons.flatMap(({ id }) => [device(id, true), device(id, false), device(id, false)]);
  for (let step = 0; step < 40; step++) {
    const deed = dice.weighed(deeds);
    const by = { userId: (dice.oneOf(persons) as Person).id };
    const isIn = oracle.cursors.has(by.userId);
    const message = dice.oneOf(oracle.said.filter((one) => !one.isGone && sees(oracle, by.userId, one.seq)));
    if (deed === "join" && !isIn) await comeBack(oracle, room, by.userId, first!.id, dice);
    if (deed === "sync") await sync(dice.oneOf(devices) as Device, room, false);
    if (deed === "back") await sync(dice.oneOf(devices) as Device, room, true);
    if (!isIn) continue;
    if (deed === "send" || (deed === "reply" && message)) {
      const replyTo = deed === "reply" ? (message?.id ?? 0) : null;
      const said = await say(room, by.userId, `step ${step}`, replyTo);
      oracle.said.push({ ...said, by: by.userId, isGone: false });
    }
    const own = message && message.by === by.userId ? message : null;
    const at = { roomId: room, id: message?.id ?? 0 };
    if (deed === "edit" && own) await store.write("edit-message", by, { ...at, content: `edited in step ${step}` });
    if (deed === "react" && message) await store.write("react", by, { ...at, emoji: "👍", on: dice.throw() < 0.7 });
    if (deed === "takeBack" && message && (own || by.userId === first?.id)) {
      await store.write("delete-message", by, at);
      message.isGone = true;
    }
    if (deed === "read") {
      const seq = dice.from(0, await headOf(room, by.userId));
      await store.write("mark-read", by, { roomId: room, seq });
      oracle.cursors.set(by.userId, Math.max(seq, oracle.cursors.get(by.userId) ?? 0));
    }
    if (deed === "unread" && message) {
      await store.write("mark-unread", by, at);
      const seq = Math.max(message.seq, seenFrom(oracle, by.userId)) - 1;
      oracle.cursors.set(by.userId, Math.min(seq, oracle.cursors.get(by.userId) ?? 0));
    }
    if ((deed === "leave" || deed === "remove") && by.userId !== first?.id) {
      const end = await headOf(room, by.userId);
      if (deed === "leave") await store.write("leave-room", by, { roomId: room });
      else await store.write("remove-member", { userId: first?.id ?? 0 }, { roomId: room, userId: by.userId });
      oracle.cursors.delete(by.userId);
      const stay = oracle.stays.get(by.userId)?.at(-1);
      if (stay) stay.to = end;
    }
  }
  for (const each of devices) {
    await sync(each, room, dice.throw() < 0.3);
    const who = `${each.userId} in history ${seed}, ${each.isOpen ? "open" : "listed"}`;
    expect(`${who}: ${unreadIn(each.replica, room)}`).toBe(`${who}: ${unreadBy(oracle, each.userId)}`);
  }
  await store.write("delete-room", { userId: first?.id ?? 0 }, { roomId: room });
}

/** They join a public room; into a private one, and where they were put out, somebody lets them. */
async function comeBack(oracle: Oracle, room: number, userId: number, byUserId: number, dice: Dice): Promise<void> {
  const { store } = server;
  const history = dice.throw() < 0.5 ? "all" : "from_now";
  try {
    if (oracle.kind === "public") await store.write("join-room", { userId }, { roomId: room });
    else await store.write("add-members", { userId: byUserId }, { roomId: room, userIds: [userId], history });
  } catch (error) {
    if (!(error instanceof Refusal && error.code === "removed")) throw error;
    await store.write("add-members", { userId: byUserId }, { roomId: room, userIds: [userId] });
  }
  const seq = await headOf(room, userId);
  oracle.cursors.set(userId, seq);
  const before = history === "all" ? [{ from: 0, to: seq }] : (oracle.stays.get(userId) ?? []);
  oracle.stays.set(userId, [...before, { from: seq, to: Number.POSITIVE_INFINITY }]);
}

async function headOf(room: number, userId: number): Promise<number> {
  return (await server.store.read("page", { userId }, { roomId: room, place: { from: "newest" }, limit: 1 })).seq;
}

/** Where the stretch begins that they see up to the end: no cursor goes back past what is hidden from them. */
function seenFrom({ kind, stays }: Oracle, userId: number): number {
  const mine = stays.get(userId)?.toReversed() ?? [];
  if (kind === "public") return 0;
  return mine.reduce((start, { from, to }) => (to >= start - 1 ? Math.min(start, from) : start), mine[0]?.from ?? 0);
}

function sees({ kind, stays }: Oracle, userId: number, seq: number): boolean {
  const mine = stays.get(userId);
  return kind === "public" || mine === undefined || mine.some(({ from, to }) => from <= seq && seq <= to);
}

function device(userId: number, isOpen: boolean): Device {
  return { userId, isOpen, replica: { ...emptyReplica(), meId: userId }, seen: 0 };
}

function unreadBy(oracle: Oracle, userId: number): number {
  const cursor = oracle.cursors.get(userId);
  if (cursor === undefined) return 0;
  const counts = ({ seq, by, isGone }: Oracle["said"][number]) =>
    seq > cursor && by !== userId && !isGone && sees(oracle, userId, seq);
  return oracle.said.filter(counts).length;
}

async function say(room: number, userId: number, content: string, replyTo: number | null) {
  const { store } = server;
  if (replyTo !== null) {
    const [id, seq] = await store.write("send-reply", { userId }, { roomId: room, nonce: null, content, replyTo });
    return { id, seq };
  }
  return new Promise<{ id: number; seq: number }>((resolve, reject) => {
    store.send(room, userId, null, JSON.stringify(content), {
      answer: (sent) => (typeof sent === "string" ? reject(new Error(sent)) : resolve({ id: sent[0], seq: sent[1] })),
      tell: () => {},
    });
  });
}

/**
 * A device that stays on the line hears the rows that changed and each event; whoever is `back` is told what the rows
 * say now, and of a room that they have not open its place alone.
 */
async function sync(to: Device, room: number, isBack: boolean): Promise<void> {
  const by = { userId: to.userId };
  const { frame: told } = await server.store.read("my-rooms", by, { since: to.replica.meVersion, from: 0 });
  const rooms = isBack ? told.rooms : told.rooms.filter((row) => row.version > to.replica.meVersion);
  const frame = { ...told, rooms };
  const missed = await server.store.read("missed", by, { roomId: room, after: to.seen, most: 500 }).catch(unlessShut);
  if (missed === "shut") {
    applyMyRooms(to.replica, frame);
    to.replica.logs.delete(room);
    return;
  }
  if (missed.kind !== "events") throw new Error("The history is longer than the test expects.");
  if (to.isOpen && !to.replica.logs.has(room)) {
    applyMyRooms(to.replica, frame);
    const page = await server.store.read("page", by, { roomId: room, place: { from: "newest" }, limit: 100 });
    to.replica.logs.set(room, logFromPage(page));
    applyAt(to.replica, { type: "at", room_id: room, seq: page.seq, n: page.n });
  } else {
    applyMyRooms(to.replica, frame);
    for (const event of missed.frames) {
      if (event.type === "hidden") applyHidden(to.replica, room, event.from, event.to);
      else if (to.isOpen) applyEvent(to.replica, event);
      else if (!isBack) place(to, event);
    }
    applyAt(to.replica, { type: "at", room_id: room, seq: missed.seq, n: missed.n });
  }
  to.seen = missed.seq;
}

/** Whom the room does not let in is told that their row of it is gone, and no more. */
function unlessShut(error: unknown): "shut" {
  if (error instanceof Refusal && ["removed", "not_found"].includes(error.code)) return "shut";
  throw error;
}

/** What a device hears of a room that it has not open. */
function place({ replica, userId }: Device, event: RoomEvent): void {
  const at = { type: "at", room_id: event.room_id, seq: event.seq, n: 0 } as const;
  if (event.type === "message") {
    applyAt(replica, { ...at, n: event.n, ...(event.user_id === userId ? { own: true } : {}) });
  } else if (event.type === "message.deleted") {
    applyAt(replica, { ...at, gone: { n: event.n, user_id: event.author_id } });
  }
}

test(
  `after ${HISTORIES} random histories of saying, answering, editing, taking back, reading, marking unread, leaving, being put out and coming back, every device counts as unread what is [E3, E9]`,
  async () => {
    for (let seed = 1; seed <= HISTORIES; seed++) await live(seed);
  },
  120_000 + HISTORIES * 100,
);
