import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";

interface Bucket {
  left: number;
  at: number;
}

interface Budget {
  /** How many at once. */
  size: number;
  /** Milliseconds until it is full again. */
  refill: number;
}

const BUDGETS = {
  signup: { size: 20, refill: 60_000 },
  login: { size: 60, refill: 60_000 },
  /** Links that set a password, looked at or used by one address. */
  link: { size: 20, refill: 15 * 60_000 },
  refresh: { size: 240, refill: 60_000 },
  /** Sends of one person by REST: what a socket may send as well. */
  send: { size: limits.frameBurst, refill: (limits.frameBurst / limits.framesPerSecond) * 1_000 },
  /** Rooms made by one person. */
  room: { size: 60, refill: 60_000 },
  /** What one person does to rooms and to who is in them: each is an event, and a script does many at once. */
  deed: { size: 240, refill: 60_000 },
  /** Changes of names and profiles by one person: each is an event in every room that they are in whose it is. */
  profile: { size: 30, refill: 60_000 },
  /** New passwords that one person sets, their own or others': each is hashed. */
  password: { size: 20, refill: 15 * 60_000 },
  /** Letters that ask one person whether an address is theirs. */
  letter: { size: 3, refill: 3_600_000 },
  /** Tries of one person whether their browsers are told. */
  pushTest: { size: 10, refill: 15 * 60_000 },
  /** Exports by one person of what is kept of them: each looks at every message there is. */
  export: { size: 5, refill: 3_600_000 },
  /** Invites made by one person. */
  invite: { size: 30, refill: 15 * 60_000 },
  /** Guesses at one account from browsers and addresses that never logged in to it, together. */
  stranger: { size: 10, refill: 15 * 60_000 },
  /** Guesses at one account from one browser or address that has. */
  known: { size: 10, refill: 15 * 60_000 },
} satisfies Record<string, Budget>;

export type BudgetName = keyof typeof BUDGETS;

export function budgetOf(name: BudgetName): Budget {
  return BUDGETS[name];
}

// Beyond this many keys the oldest are forgotten: a flood of addresses must not take the memory.
const MOST_KEYS = 100_000;

/** How often something may be tried. Kept in memory: a restart forgives. */
export class Budgets {
  readonly #buckets = new Map<string, Bucket>();
  readonly #clock: Clock;
  readonly #on: boolean;

  constructor(clock: Clock, on: boolean) {
    this.#clock = clock;
    this.#on = on;
  }

  /**
   * Takes one, or refuses with the time to wait. Taken before the try, not after it failed: many tries at once would
   * all be let in by a budget that none of them has used yet.
   */
  take(name: BudgetName, key: string): void {
    if (!this.#on) return;
    const bucket = this.#bucket(name, key);
    if (bucket.left >= 1) {
      bucket.left -= 1;
      return;
    }
    const { size, refill } = BUDGETS[name];
    const wait = Math.ceil(((1 - bucket.left) * refill) / size / 1_000);
    throw new Refusal("rate_limited", `Too many tries. Wait ${wait} seconds and try again.`, { retryAfter: wait });
  }

  /** Undoes one `take`: the try was not a wrong one. */
  giveBack(name: BudgetName, key: string): void {
    const bucket = this.#bucket(name, key);
    bucket.left = Math.min(BUDGETS[name].size, bucket.left + 1);
  }

  reset(name: BudgetName, key: string): void {
    this.#buckets.delete(`${name} ${key}`);
  }

  #bucket(name: BudgetName, key: string): Bucket {
    const { size, refill } = BUDGETS[name];
    const id = `${name} ${key}`;
    const now = this.#clock.now();
    const known = this.#buckets.get(id);
    // The clock may have been set back: nothing is taken away for that.
    const since = known ? Math.max(0, now - known.at) : 0;
    const left = known ? Math.min(size, known.left + (since / refill) * size) : size;
    const bucket = { left, at: now };
    this.#buckets.delete(id);
    this.#buckets.set(id, bucket);
    if (this.#buckets.size > MOST_KEYS) {
      for (const oldest of this.#buckets.keys()) {
        this.#buckets.delete(oldest);
        break;
      }
    }
    return bucket;
  }
}
