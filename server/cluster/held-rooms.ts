import { Refusal } from "#shared/errors.ts";
import type { Closed } from "#shared/frames.ts";
import type { RoomKind } from "#shared/models.ts";
import type { Subscription } from "../bus/bus.ts";
import { keys, topics } from "../realtime/hub.ts";
import type { Known } from "../realtime/streams.ts";
import { sayInRoom, tellCalled, tellGone, tellReply } from "../realtime/tell.ts";
import type { HeldNow } from "../store/held.ts";
import { NOBODY } from "../store/store.ts";
import { Feed } from "./feed.ts";
import { EARLY_MOST, type NodeParts, PATIENCE, subjectIn } from "./parts.ts";
import {
  entryOfEvent,
  entryOfPlace,
  type PlaceHint,
  placeOf,
  type RoomEntry,
  readWhole,
  type Who,
  writeWhole,
} from "./room-entry.ts";

/** A room that somebody here has open or lists. */
interface HeldRoom {
  readonly id: number;
  readonly places: Subscription;
  /** Resolves when the feed has begun, or the room turned out to be gone. */
  readonly begun: PromiseWithResolvers<void>;
  kind: RoomKind;
  n: number;
  /** What whoever lists it has heard at least of where it stands. */
  told: number;
  /** Null until it is read where the room stands. */
  feed: Feed<RoomEntry> | null;
  early: RoomEntry[];
  /** Null: nobody here has it open, and entries need no text. */
  whole: Subscription | null;
  opening: Promise<void> | null;
  /** Who has had another name since it is held. A node that has not heard of it says their messages under the old one. */
  readonly names: Map<number, string>;
  /** Somebody is about to list it. */
  wantedUntil: number;
  /** Whose row is said again once the room has begun, if it stands beyond this seq then. */
  readonly uncounted: Map<number, number>;
  /** From which seq on somebody may hear nothing. */
  readonly deaf: Map<number, number>;
}

export interface RoomsParts extends NodeParts {
  /** Somebody here has the room open, or nobody any more. */
  inView(roomId: number): Promise<void>;
  outOfView(roomId: number): void;
  /** Somebody is still counted as being in the room here, though their line was cut. */
  isWaitedFor(roomId: number): boolean;
  /** Somebody's row is said again, as it stands now. */
  sayAgain(userId: number, roomId: number): void;
  isMember(userId: number, roomId: number): Promise<boolean>;
  /** Throws away what would be said when it cannot be known any more who may hear it. */
  mayStillDeliver(): boolean;
}

const TICK = 20;
const READ_AT_ONCE = 250;
const BEGINS_WITHIN = 4_000;

/**
 * The rooms that this node holds for its sockets. Each is a feed: own commits and other nodes' hints are applied strictly
 * by seq, and what does not follow is read. Ears are closed by the event itself, before it is said: so whoever was removed
 * hears nothing after it here either, though the removal was made elsewhere and nobody told.
 */
export class HeldRooms {
  readonly #parts: RoomsParts;
  readonly #rooms = new Map<number, HeldRoom>();
  /** Rooms whose beginning is read with the next question. */
  #beginning: HeldRoom[] = [];
  readonly #tick = new Map<number, ReturnType<typeof placeOf>[]>();
  #isTicking = false;

  constructor(parts: RoomsParts) {
    this.#parts = parts;
  }

  get ids(): number[] {
    return [...this.#rooms.keys()];
  }

  list(roomId: number, userId: number, { told = 0, counted }: Known = {}): string | null {
    const room = this.#hold(roomId);
    room.told = Math.min(room.told, told);
    // What was said after their row was read and before they listened is counted by neither.
    const from = counted ?? (room.feed ? Number.POSITIVE_INFINITY : 0);
    if (!room.feed || room.feed.at > from) void this.#sayAgain(room, userId, from);
    return room.feed && placeText(room, room.feed.at);
  }

  /**
   * Holds these before somebody's rooms are read for them: what happens from here on, such as a deletion, is not in what
   * they are then told and must not be missed either.
   */
  async holdAll(roomIds: readonly number[]): Promise<void> {
    const { clock, monotonic } = this.#parts;
    const rooms = roomIds.map((id) => this.#hold(id));
    for (const room of rooms) room.wantedUntil = monotonic() + BEGINS_WITHIN;
    const begun = Promise.all(rooms.map((room) => room.begun.promise));
    const { promise: tooLate, resolve } = Promise.withResolvers<void>();
    const cancel = clock.after(BEGINS_WITHIN, resolve);
    await Promise.race([begun, tooLate]);
    cancel();
  }

  async open(roomId: number): Promise<void> {
    const room = this.#hold(roomId);
    room.opening ??= this.#open(room);
    await room.opening;
  }

  async reached(roomId: number, seq: number): Promise<void> {
    const room = this.#rooms.get(roomId);
    await room?.begun.promise;
    await room?.feed?.reached(seq);
  }

  /** What this node has just committed. */
  said(roomId: number, entry: RoomEntry): void {
    const { bus, store } = this.#parts;
    bus.publish(subjectIn(store, "room", roomId), writeWhole(entry));
    const places = this.#tick.get(roomId);
    if (places) places.push(placeOf(entry));
    else this.#tick.set(roomId, [placeOf(entry)]);
    if (entry.who !== null) this.#sayPlaces(roomId);
    else if (!this.#isTicking) {
      this.#isTicking = true;
      this.#parts.clock.after(TICK, () => {
        this.#isTicking = false;
        for (const id of [...this.#tick.keys()]) this.#sayPlaces(id);
      });
    }
    const room = this.#rooms.get(roomId);
    if (room) this.#offer(room, entry);
  }

  /** Known before the event that says so: nothing of the room from here on for this person. */
  deafen(roomId: number, userId: number, from: number, code: Closed["code"]): void {
    this.#hint(roomId, { deaf: userId, from, code });
    const room = this.#rooms.get(roomId);
    if (room) this.#deafen(room, userId, from, code);
    else this.#hush(roomId, userId, code);
  }

  deleted(roomId: number): void {
    this.#hint(roomId, { deleted: true });
    this.#gone(roomId);
  }

  isDeaf(roomId: number, userId: number): boolean {
    return this.#rooms.get(roomId)?.deaf.has(userId) ?? false;
  }

  /** Where the rooms that were asked about stand in the record. */
  heal(asked: readonly number[], found: HeldNow["rooms"]): void {
    const rows = new Map(found.map((row) => [row.id, row]));
    for (const id of asked) {
      const room = this.#rooms.get(id);
      if (!room) continue;
      const row = rows.get(id);
      if (!row) this.#gone(id);
      else if (room.feed) room.feed.expect(row.seq);
      else this.#begin(room, row);
    }
  }

  /** Lets go of what no socket here listens to any more. */
  release(): void {
    for (const room of this.#rooms.values()) {
      if (this.#parts.hub.isRecording(keys.room(room.id))) continue;
      const isOpen = this.#parts.isHeard(topics.talk(room.id)) || this.#parts.isHeard(topics.room(room.id));
      if (isOpen || this.#parts.isWaitedFor(room.id)) continue;
      if (room.whole) this.#close(room);
      const isWanted = this.#parts.monotonic() < room.wantedUntil;
      if (!isWanted && !this.#parts.isHeard(topics.at(room.id))) this.#drop(room);
    }
  }

  #hold(roomId: number): HeldRoom {
    const known = this.#rooms.get(roomId);
    if (known) return known;
    const { bus, store } = this.#parts;
    const room: HeldRoom = {
      id: roomId,
      places: bus.subscribe(subjectIn(store, "place", roomId), (text) => this.#hear(room, JSON.parse(text))),
      begun: Promise.withResolvers<void>(),
      kind: "private",
      n: 0,
      told: Number.POSITIVE_INFINITY,
      feed: null,
      early: [],
      whole: null,
      opening: null,
      wantedUntil: 0,
      uncounted: new Map(),
      deaf: new Map(),
      names: new Map(),
    };
    this.#rooms.set(roomId, room);
    this.#beginning.push(room);
    if (this.#beginning.length === 1) queueMicrotask(() => void this.#readBeginnings());
    return room;
  }

  /** All that came in one turn, by one question. When it fails, the next healing begins them. */
  async #readBeginnings(): Promise<void> {
    await new Promise<void>((go) => setImmediate(go));
    const rooms = this.#beginning;
    this.#beginning = [];
    await rooms.at(-1)?.places.live();
    const asked = rooms.map((room) => room.id);
    const args = { rooms: asked, sessions: [], people: [], usedSince: 0 };
    const found = await this.#parts.store.read("held", NOBODY, args).catch(() => null);
    if (found) this.heal(asked, found.rooms);
  }

  #begin(room: HeldRoom, row: HeldNow["rooms"][number]): void {
    room.kind = row.kind;
    room.n = row.n;
    room.feed = new Feed<RoomEntry>(row.seq, {
      clock: this.#parts.clock,
      patience: PATIENCE,
      suffices: (entry) => room.whole === null || entry.text !== null,
      read: (after) => this.#read(room, after),
      apply: (entry) => this.#apply(room, entry),
    });
    // Whoever began to listen since they read their places has missed what moved in between.
    if (row.seq > room.told) this.#place(room, row.seq);
    const { early } = room;
    room.early = [];
    for (const entry of early) room.feed.offer(entry);
    room.begun.resolve();
    for (const [userId, from] of room.deaf) if (from <= row.seq) void this.#mayBeBack(room, userId, from);
  }

  /** Who was let in again before the feed began: no event will say so here. */
  async #mayBeBack(room: HeldRoom, userId: number, from: number): Promise<void> {
    if (!(await this.#parts.isMember(userId, room.id))) return;
    if (this.#rooms.get(room.id) !== room || room.deaf.get(userId) !== from) return;
    room.deaf.delete(userId);
    this.#isBack(room, userId);
  }

  async #open(room: HeldRoom): Promise<void> {
    const { bus, store, clock } = this.#parts;
    room.whole = bus.subscribe(subjectIn(store, "room", room.id), (text) => {
      const entry = readWhole(text);
      if (entry) this.#offer(room, entry);
    });
    room.feed?.forgetHeld();
    const inView = this.#parts.inView(room.id);
    await room.whole.live();
    const tooLate = Promise.withResolvers<void>();
    const cancel = clock.after(BEGINS_WITHIN, () => tooLate.reject(new Refusal("unavailable")));
    try {
      await Promise.race([room.begun.promise, tooLate.promise]);
      // What was said while nobody had it open came without its text.
      await room.feed?.catchUp();
      await inView;
    } catch (error) {
      if (room.whole) this.#close(room);
      throw error;
    } finally {
      cancel();
    }
  }

  #close(room: HeldRoom): void {
    room.whole?.end();
    room.whole = null;
    room.opening = null;
    this.#parts.outOfView(room.id);
  }

  #drop(room: HeldRoom): void {
    room.places.end();
    room.feed?.end();
    room.begun.resolve();
    this.#rooms.delete(room.id);
  }

  #offer(room: HeldRoom, entry: RoomEntry): void {
    if (room.feed) room.feed.offer(entry);
    else {
      if (room.early.length >= EARLY_MOST) room.early = [];
      room.early.push(entry);
    }
  }

  #hear(room: HeldRoom, hint: PlaceHint): void {
    if ("places" in hint) for (const place of hint.places) this.#offer(room, entryOfPlace(place));
    else if ("deleted" in hint) this.#gone(room.id);
    else if ("deaf" in hint) this.#deafen(room, hint.deaf, hint.from, hint.code);
  }

  async #read(room: HeldRoom, after: number): Promise<RoomEntry[]> {
    const args = { roomId: room.id, after, most: READ_AT_ONCE };
    const events = await this.#parts.store.read("log", NOBODY, args);
    let n = room.n;
    return events.map((event) => {
      if (event.type === "message") n = event.n;
      return entryOfEvent(event, n);
    });
  }

  #apply(room: HeldRoom, entry: RoomEntry): void {
    if (entry.who !== null) this.#hears(room, entry.who, entry.at);
    room.n = entry.n;
    if (!this.#parts.mayStillDeliver()) return;
    if (room.whole && entry.text !== null) {
      sayInRoom(this.#parts.hub, room.id, entry.at, underName(entry.text, room.names.get(entry.by)));
    }
    this.#place(room, entry.at);
    if (entry.who?.did === "deleted") tellGone(this.#parts.hub, room.id, entry.at, entry.who);
    if (entry.who?.did === "replied") tellReply(this.#parts.hub, room.id, entry.at, entry.who.thread);
    const called = entry.who && "called" in entry.who ? entry.who.called : undefined;
    if (called) tellCalled(this.#parts.hub, room.id, entry.at, called);
    if (entry.by === 0) return;
    for (const listener of this.#parts.hub.of(entry.by)) {
      if ((listener as object) !== entry.author) listener.ownMessage(room.id, entry.at, entry.n);
    }
  }

  #place(room: HeldRoom, seq: number): void {
    this.#parts.hub.place(room.id, placeText(room, seq));
  }

  #hears(room: HeldRoom, who: Who, seq: number): void {
    switch (who.did) {
      case "removed":
        return this.#deafen(room, who.userId, seq, room.kind === "public" ? "removed" : "not_found");
      case "left":
        // A guest who is not in a public room may not read it either.
        if (room.kind !== "public" || [...this.#parts.hub.of(who.userId)].some(({ isGuest }) => isGuest)) {
          this.#deafen(room, who.userId, seq, "not_found");
        }
        return;
      case "renamed":
        room.names.set(who.userId, who.username);
        return;
      case "deleted":
      case "replied":
      case "called":
        return;
      case "came":
        for (const userId of who.userIds) if (room.deaf.delete(userId)) this.#isBack(room, userId);
        return;
      default:
        return who satisfies never;
    }
  }

  #isBack(room: HeldRoom, userId: number): void {
    for (const listener of this.#parts.hub.of(userId)) listener.roomIsMine(room.id, 0);
    // Behind the word that closed the room.
    void this.#sayAgain(room, userId, 0);
  }

  async #sayAgain(room: HeldRoom, userId: number, counted: number): Promise<void> {
    const asked = room.uncounted.get(userId);
    room.uncounted.set(userId, Math.min(counted, asked ?? counted));
    if (asked !== undefined) return;
    await room.begun.promise;
    const from = room.uncounted.get(userId) ?? counted;
    room.uncounted.delete(userId);
    if (room.feed && room.feed.at > from) this.#parts.sayAgain(userId, room.id);
  }

  /** Once for each removal: the word of it may come before the event, and again with it. */
  #deafen(room: HeldRoom, userId: number, from: number, code: Closed["code"]): void {
    const isPast = room.feed !== null && from < room.feed.at;
    if (isPast || (room.deaf.get(userId) ?? -1) >= from) return;
    room.deaf.set(userId, from);
    this.#hush(room.id, userId, code);
  }

  #hush(roomId: number, userId: number, code: Closed["code"]): void {
    for (const listener of [...this.#parts.hub.of(userId)]) listener.hush(roomId, code);
  }

  #gone(roomId: number): void {
    for (const listener of [...this.#parts.hub.everyone()]) listener.hush(roomId, "not_found");
    const room = this.#rooms.get(roomId);
    if (!room) return;
    if (room.whole) this.#close(room);
    this.#drop(room);
  }

  #sayPlaces(roomId: number): void {
    const places = this.#tick.get(roomId);
    this.#tick.delete(roomId);
    if (places) this.#hint(roomId, { places });
  }

  #hint(roomId: number, hint: PlaceHint): void {
    const { bus, store } = this.#parts;
    bus.publish(subjectIn(store, "place", roomId), JSON.stringify(hint));
  }
}

function placeText(room: HeldRoom, seq: number): string {
  return `{"type":"at","room_id":${room.id},"seq":${seq},"n":${room.n}}`;
}

function underName(text: string, username: string | undefined): string {
  if (username === undefined) return text;
  return JSON.stringify({ ...(JSON.parse(text) as object), username });
}
