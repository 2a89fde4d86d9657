import type { Clock } from "../clock.ts";
import type { HeldNow, Holds } from "../store/held.ts";
import { SCHEMA } from "../store/sqlite/migrate.ts";
import { NOBODY, type Store } from "../store/store.ts";

export interface HealParts {
  readonly store: Store;
  readonly clock: Clock;
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number;
  readonly random: () => number;
  holds(): Holds;
  /** `at`: when it was asked. */
  healed(now: HeldNow, asked: Holds, at: number): void;
  /** Nothing was confirmed for too long: whoever listens here may have been removed since. */
  lost(): void;
  /** The database has another history than this node. */
  restored(): void;
  /** A newer program has changed the database so that this one may not write to it. */
  outgrown(): void;
}

const EVERY_LEAST = 600;
const EVERY_SPREAD = 600;
/** Without an answer of the record for so long a node stops delivering. */
const CONFIRMED_WITHIN = 5_000;
const LOOK_EVERY = 250;

/**
 * Asks the record every second or so where the things stand that this node holds, by id. So all that the bus loses
 * arrives within two seconds, and a node that is cut off from the record knows that it knows nothing.
 */
export class Heal {
  readonly #parts: HealParts;
  #confirmedAt: number;
  #isLost = false;
  #isAsking = false;
  #isEnded = false;
  #cancelNext = () => {};
  #cancelLook = () => {};

  constructor(parts: HealParts) {
    this.#parts = parts;
    this.#confirmedAt = parts.monotonic();
    this.#plan();
    this.#look();
  }

  /** Asked before anything is delivered: a process that stood still wakes up believing what it knew. */
  get mayDeliver(): boolean {
    if (!this.#isLost && this.#parts.monotonic() - this.#confirmedAt > CONFIRMED_WITHIN) {
      this.#isLost = true;
      this.#parts.lost();
    }
    return !this.#isLost;
  }

  /** Asks at once, as after the bus was away. */
  async now(): Promise<void> {
    if (this.#isAsking || this.#isEnded) return;
    this.#isAsking = true;
    this.#cancelNext();
    const asked = this.#parts.holds();
    const since = this.#parts.monotonic();
    const found = await this.#parts.store.read("heal", NOBODY, asked).catch(() => null);
    this.#isAsking = false;
    if (this.#isEnded) return;
    if (found !== null) this.#found(found, asked, since);
    this.#plan();
  }

  end(): void {
    this.#isEnded = true;
    this.#cancelNext();
    this.#cancelLook();
  }

  #found(found: HeldNow, asked: Holds, since: number): void {
    if (found.epoch !== this.#parts.store.epoch) return this.#parts.restored();
    if (found.needs > SCHEMA) return this.#parts.outgrown();
    // What was true when it was asked may be long ago, if this process stood still over the answer.
    if (this.#parts.monotonic() - since > CONFIRMED_WITHIN) return;
    this.#parts.healed(found, asked, since);
    this.#confirmedAt = since;
    this.#isLost = false;
  }

  #plan(): void {
    const { clock, random } = this.#parts;
    this.#cancelNext = clock.after(EVERY_LEAST + random() * EVERY_SPREAD, () => void this.now());
  }

  #look(): void {
    this.#cancelLook = this.#parts.clock.after(LOOK_EVERY, () => {
      void this.mayDeliver;
      this.#look();
    });
  }
}
