import type { Clock } from "../clock.ts";

/** Something said in a numbered stream. One that was put together from several stands for all after `since`. */
export interface Entry {
  readonly at: number;
  readonly since: number;
}

export interface FeedParts<E extends Entry> {
  readonly clock: Clock;
  /** What is missing may be on its way: so long is waited before the record is read. */
  readonly patience: number;
  /** What stands in the record after a number, in order and as much of it as is wanted at once. */
  read(after: number): Promise<readonly E[]>;
  /** The next in order. Called once for each number, never for an older one after a newer. */
  apply(entry: E): void;
  /** Whether it is enough to be applied, or says only that there is something. */
  suffices(entry: E): boolean;
}

const HELD_MOST = 2_000;
const REFUSED_PATIENCE = 500;

/**
 * A numbered stream put in order. Hints come from this node's own commits, from other nodes and from asking, in any
 * order, repeated, or not at all; each number is applied once and in order, and what no hint brings is read from the
 * record. Nothing is ever passed over.
 */
export class Feed<E extends Entry> {
  readonly #parts: FeedParts<E>;
  readonly #held = new Map<number, E>();
  #waiting: { at: number; go: () => void }[] = [];
  /** The last one applied. */
  #at: number;
  /** The highest that is known to be there. */
  #known: number;
  #cancelTimer: (() => void) | null = null;
  #reading: Promise<void> | null = null;
  #isEnded = false;
  /** The record did not answer: it is asked less often. */
  #isRefused = false;

  constructor(at: number, parts: FeedParts<E>) {
    this.#at = at;
    this.#known = at;
    this.#parts = parts;
  }

  get at(): number {
    return this.#at;
  }

  offer(entry: E): void {
    // Asked so that a hint without a number, of a version to come perhaps, is none.
    if (this.#isEnded || !(entry.at > this.#at)) return;
    this.#known = Math.max(this.#known, entry.at);
    if (this.#parts.suffices(entry)) {
      if (entry.since <= this.#at) {
        this.#apply(entry);
        this.#applyHeld();
      } else if (this.#held.size < HELD_MOST) this.#held.set(entry.since, entry);
    }
    this.#watch();
  }

  /** There is something up to this number. */
  expect(at: number): void {
    if (at > this.#known) this.#known = at;
    this.#watch();
  }

  /** Resolves when all up to this number has been applied, or the feed has ended. */
  async reached(at: number): Promise<void> {
    if (this.#isEnded || at <= this.#at) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ at, go: resolve });
    this.expect(at);
    await promise;
  }

  /** Reads now what there is beyond the last one applied. */
  async catchUp(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null;
      this.#watch();
    });
    await this.#reading;
  }

  /** What was enough is not any more: it is read instead. */
  forgetHeld(): void {
    this.#held.clear();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelTimer?.();
    this.#held.clear();
    this.#wake();
  }

  #apply(entry: E): void {
    this.#at = entry.at;
    this.#parts.apply(entry);
  }

  #applyHeld(): void {
    // What a longer entry has overtaken stays below for ever and is let go of.
    if (this.#held.size > 0)
      for (const [since, entry] of this.#held) if (entry.at <= this.#at) this.#held.delete(since);
    for (let next = this.#held.get(this.#at); next !== undefined; next = this.#held.get(this.#at)) {
      this.#held.delete(next.since);
      this.#apply(next);
    }
    this.#wake();
  }

  /** While something is missing: if nothing has moved for as long as is waited, it is read. */
  #watch(): void {
    if (this.#isEnded || this.#known <= this.#at || this.#cancelTimer || this.#reading !== null) return;
    const before = this.#at;
    const patience = this.#isRefused ? REFUSED_PATIENCE : this.#parts.patience;
    this.#cancelTimer = this.#parts.clock.after(patience, () => {
      this.#cancelTimer = null;
      if (this.#known <= this.#at) return;
      if (this.#at === before) void this.catchUp();
      else this.#watch();
    });
  }

  async #read(): Promise<void> {
    for (;;) {
      const before = this.#at;
      const entries = await this.#parts.read(before).catch(() => null);
      this.#isRefused = entries === null || entries.length === 0;
      if (this.#isEnded || entries === null || entries.length === 0) return;
      for (const entry of entries) {
        if (entry.at > this.#at && entry.since <= this.#at) this.#apply(entry);
      }
      this.#applyHeld();
      if (this.#at >= this.#known || this.#at === before) return;
    }
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ at }) => !this.#isEnded && at > this.#at);
    for (const { at, go } of waiting) if (this.#isEnded || at <= this.#at) go();
  }
}
