import type { PushTried } from "#shared/contract/push.ts";
import type { Keys } from "../auth/keys.ts";
import type { Clock } from "../clock.ts";
import type { PushPlace } from "../config.ts";
import type { Log } from "../log.ts";
import type { Told } from "../notify/note-told.ts";
import { NOBODY, type Store } from "../store/store.ts";
import { callService, resolveByDns } from "./call.ts";
import type { browsersToTell } from "./news.ts";
import { PushQueue } from "./queue.ts";
import { type Browser, type PushTo, type SendParts, sendPush, sendTest } from "./send-push.ts";
import { Vapid } from "./vapid.ts";

export interface PushParts {
  readonly place: PushPlace;
  readonly keys: Keys;
  readonly store: Store;
  readonly clock: Clock;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  readonly attentive: (userIds: readonly number[]) => Promise<ReadonlySet<number>>;
}

/** Whoever reads along has read it by then, and hears no bell. */
const REST = 5_000;
const LOOK_EVERY = 1_000;
const NOTED_TOGETHER = 1_000;
const MOST_NOTED = 1_000;

interface Unlooked {
  from: number;
  to: number;
  readonly due: number;
}

/**
 * Tells closed browsers of new messages. The node that committed a message does it and no other. A room costs one
 * question to the database in five seconds, however much is said in it.
 */
export class Push {
  readonly publicKey: string;
  readonly #parts: PushParts;
  readonly #sending: SendParts;
  readonly #queue: PushQueue;
  /** In the order of their first message. */
  readonly #rooms = new Map<number, Unlooked>();
  #told: Told[] = [];
  #isOver = false;
  #cancel: (() => void) | null = null;

  constructor(parts: PushParts) {
    const { place, keys, store, clock, random, log, attentive } = parts;
    const vapid = new Vapid(keys.push, place.contact);
    const calling = { allowed: place.allowed, resolve: resolveByDns, clock };
    this.publicKey = vapid.publicKey;
    this.#parts = parts;
    const call = (endpoint: string, headers: Record<string, string>, body: Uint8Array) =>
      callService(calling, endpoint, headers, body);
    this.#sending = { store, vapid, topicKey: keys.pushTopics, now: clock.now, random, call };
    const send = (to: PushTo) => sendPush(this.#sending, to);
    this.#queue = new PushQueue({ clock, log, attentive, send, note: (told) => this.#note(told) });
  }

  /** At once and once: its person waits for it. */
  async test(browser: Browser): Promise<PushTried> {
    const outcome = await sendTest(this.#sending, browser);
    switch (outcome.is) {
      case "told":
        return { taken: true, why: null };
      case "gone":
      case "nothing":
        return { taken: false, why: "gone" };
      case "later":
        return { taken: false, why: "unreached" };
      case "too-long":
      case "refused":
        return { taken: false, why: "refused" };
      default:
        return outcome satisfies never;
    }
  }

  /** A message was committed by this node. */
  said(roomId: number, seq: number): void {
    const unlooked = this.#rooms.get(roomId);
    if (unlooked) {
      unlooked.from = Math.min(unlooked.from, seq);
      unlooked.to = Math.max(unlooked.to, seq);
    } else {
      this.#rooms.set(roomId, { from: seq, to: seq, due: this.#parts.clock.now() + REST });
      this.#cancel ??= this.#parts.clock.after(REST, () => void this.#look());
    }
  }

  end(): void {
    this.#isOver = true;
    this.#cancel?.();
    this.#rooms.clear();
    this.#queue.end();
  }

  /** What comes close together is written down together. */
  #note(told: Told): void {
    if (this.#isOver || this.#told.length >= MOST_NOTED) return;
    this.#told.push(told);
    if (this.#told.length === 1) this.#parts.clock.after(NOTED_TOGETHER, () => void this.#write());
  }

  async #write(): Promise<void> {
    const { store, log } = this.#parts;
    const told = this.#told.splice(0);
    if (this.#isOver) return;
    await store.write("note-told", NOBODY, { told }).catch((error: unknown) => {
      log.warn("what was pushed was not noted", { why: String(error) });
    });
  }

  async #ask(roomId: number, place: { from: number; to: number; now: number }): Promise<void> {
    for (let after: number | null = 0; after !== null && !this.#isOver; ) {
      const args = { roomId, after, ...place };
      const found: Awaited<ReturnType<typeof browsersToTell>> = await this.#parts.store.read(
        "push-browsers",
        NOBODY,
        args,
      );
      this.#queue.add(roomId, found.candidates);
      after = found.next;
    }
  }

  /** Room by room: when the database is slow, more is said meanwhile and looked at together. */
  async #look(): Promise<void> {
    for (const [roomId, { from, to, due }] of this.#rooms) {
      const now = this.#parts.clock.now();
      if (this.#isOver || due > now) break;
      this.#rooms.delete(roomId);
      try {
        await this.#ask(roomId, { from, to, now });
      } catch (error) {
        this.#parts.log.warn("who is to be told of messages is not known", { why: String(error) });
      }
    }
    if (this.#isOver) return;
    this.#cancel = this.#rooms.size === 0 ? null : this.#parts.clock.after(LOOK_EVERY, () => void this.#look());
  }
}
