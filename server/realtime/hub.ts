import type { CloseReason } from "#shared/close-codes.ts";
import type { Closed } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";
import type { TalkState } from "../messages/read-missed.ts";

/** What the hub needs of a socket, whichever door it came through. */
export interface Listener {
  readonly userId: number;
  readonly sessionId: string;
  readonly username: string;
  /** As they signed in: whoever becomes a guest or is one no more signs in again. */
  readonly isGuest: boolean;
  /** When the person last did something here that a program does not do by itself; 0: never. */
  readonly actedAt: number;
  /** The person was let into a room, or their row of it changed, and what they were told counts up to this seq. */
  roomIsMine(roomId: number, counted: number): void;
  /** What the person's row says of a room now, and with it whether it is a closed talk. */
  roomStands(room: TalkState): void;
  /** The room is not among the person's own any more: its places are not theirs to hear. */
  roomIsNotMine(roomId: number): void;
  /** The person follows a thread of the room. */
  threadIsMine(roomId: number, rootId: number): void;
  threadIsNotMine(rootId: number): void;
  /** The person sent a message by another socket. */
  ownMessage(roomId: number, seq: number, n: number): void;
  /** From here on this socket may hear nothing of the room. */
  hush(roomId: number, code: Closed["code"]): void;
  renamed(username: string): void;
  drain(retryAfter: number): void;
  end(reason: CloseReason, detail: string): void;
}

/** Everything published under a key since it was begun, so that a reader of the past can go over to the present. */
export interface Recording {
  /** Null: more was said than is kept for one who is so slow. */
  after(seq: number): string[] | null;
  end(): void;
}

export type Publish = (topic: string, text: string) => void;

/** How long places of rooms that are not open are gathered before they are told. */
const TICK = 20;

/**
 * Who listens, and what is said to them. A text is encoded once and handed to the server's native publish; the hub knows
 * topics and people, and nothing of what is said.
 */
export class Hub {
  readonly #publish: Publish;
  readonly #clock: Clock;
  readonly #listeners = new Map<number, Set<Listener>>();
  readonly #recordings = new Map<string, Set<Tape<{ seq: number; text: string }>>>();
  readonly #places = new Map<number, string>();
  readonly #placeTapes = new Set<Map<number, string>>();
  readonly #goneTapes = new Set<Tape<{ roomId: number; text: string }>>();
  readonly #replyTapes = new Set<Tape<{ rootId: number; text: string }>>();
  #ticking = false;
  #count = 0;

  constructor(publish: Publish, clock: Clock) {
    this.#publish = publish;
    this.#clock = clock;
  }

  get connections(): number {
    return this.#count;
  }

  add(listener: Listener): void {
    const mine = this.#listeners.get(listener.userId);
    if (mine) mine.add(listener);
    else this.#listeners.set(listener.userId, new Set([listener]));
    this.#count += 1;
  }

  remove(listener: Listener): void {
    const mine = this.#listeners.get(listener.userId);
    if (!mine?.delete(listener)) return;
    this.#count -= 1;
    if (mine.size === 0) this.#listeners.delete(listener.userId);
  }

  countOf(userId: number): number {
    return this.#listeners.get(userId)?.size ?? 0;
  }

  of(userId: number): Iterable<Listener> {
    return this.#listeners.get(userId) ?? [];
  }

  *everyone(): Iterable<Listener> {
    for (const mine of this.#listeners.values()) yield* mine;
  }

  /** Says one numbered text on a topic; whoever is recording the key keeps it. */
  say(key: string, topic: string, seq: number, text: string): void {
    const tapes = this.#recordings.get(key);
    if (tapes) for (const tape of tapes) tape.keep({ seq, text });
    this.#publish(topic, text);
  }

  /** Says something that may be lost. */
  mention(topic: string, text: string): void {
    this.#publish(topic, text);
  }

  /** The newest place of a room, for those who have it and not open: the last one of a tick is told. */
  place(roomId: number, text: string): void {
    this.#places.set(roomId, text);
    for (const tape of this.#placeTapes) tape.set(roomId, text);
    if (this.#ticking) return;
    this.#ticking = true;
    this.#clock.after(TICK, () => {
      this.#ticking = false;
      for (const [id, latest] of this.#places) this.#publish(topics.at(id), latest);
      this.#places.clear();
    });
  }

  /** A place that must not be joined with others: what is said of it is counted. */
  gone(roomId: number, text: string): void {
    for (const tape of this.#goneTapes) tape.keep({ roomId, text });
    this.#publish(topics.at(roomId), text);
  }

  /** What `gone` said since it was begun. */
  recordGone(): Said<{ roomId: number; text: string }> {
    const tape = new Tape<{ roomId: number; text: string }>();
    this.#goneTapes.add(tape);
    return { said: () => tape.entries, end: () => this.#goneTapes.delete(tape) };
  }

  /** What happened in a thread, for those who follow it. */
  reply(rootId: number, text: string): void {
    for (const tape of this.#replyTapes) tape.keep({ rootId, text });
    this.#publish(topics.thread(rootId), text);
  }

  /** What `reply` said since it was begun. */
  recordReplies(): Said<{ rootId: number; text: string }> {
    const tape = new Tape<{ rootId: number; text: string }>();
    this.#replyTapes.add(tape);
    return { said: () => tape.entries, end: () => this.#replyTapes.delete(tape) };
  }

  /** The newest place of each room that moved since it was begun. */
  recordPlaces(): { readonly places: ReadonlyMap<number, string>; end(): void } {
    const places = new Map<number, string>();
    this.#placeTapes.add(places);
    return { places, end: () => this.#placeTapes.delete(places) };
  }

  isRecording(key: string): boolean {
    return this.#recordings.has(key);
  }

  record(key: string): Recording {
    const tapes = this.#recordings.get(key) ?? new Set<Tape<{ seq: number; text: string }>>();
    this.#recordings.set(key, tapes);
    const tape = new Tape<{ seq: number; text: string }>();
    tapes.add(tape);
    return {
      after: (seq) => tape.entries?.filter((entry) => entry.seq > seq).map((entry) => entry.text) ?? null,
      end: () => {
        tapes.delete(tape);
        if (tapes.size === 0) this.#recordings.delete(key);
      },
    };
  }
}

/** What was said of something that is not numbered; null: more than is kept for one who is so slow. */
interface Said<Entry> {
  said(): readonly Entry[] | null;
  end(): void;
}

class Tape<Entry extends { text: string }> {
  entries: Entry[] | null = [];
  #bytes = 0;

  keep(entry: Entry): void {
    this.#bytes += Buffer.byteLength(entry.text);
    if (this.#bytes > limits.recordedBytes) this.entries = null;
    this.entries?.push(entry);
  }
}

/** Keys of numbered streams, and the topics they are said on. */
export const keys = {
  room: (id: number) => `room:${id}`,
  me: (id: number) => `me:${id}`,
  house: "house",
};

export const topics = {
  /** Messages and presence: heard by sockets of one room too. */
  talk: (id: number) => `talk:${id}`,
  /** Messages that were edited or deleted, as sockets of one room hear it. */
  plain: (id: number) => `plain:${id}`,
  /** The rest of a room's events. */
  room: (id: number) => `room:${id}`,
  at: (id: number) => `at:${id}`,
  thread: (rootId: number) => `thread:${rootId}`,
  me: (id: number) => `me:${id}`,
  house: "house",
};
