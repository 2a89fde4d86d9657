import { Refusal } from "#shared/errors.ts";
import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";
import { verifyAccessToken } from "./access-token.ts";
import type { Keys } from "./keys.ts";
import { KnownAddresses } from "./known-browsers.ts";
import type { Signed } from "./sessions.ts";

const MOST = 50_000;

interface Remembered {
  readonly signed: Signed;
  /** When the record was asked for it. */
  readonly at: number;
}

/** How long a session is taken for what it was. Without end where every change of it is heard of: in one process. */
export interface Trust {
  readonly forMs: number;
  monotonic(): number;
}

/**
 * Whose session an access token names: the one check for every door. What is remembered of a session goes when it ends
 * or its account changes, so a token of an ended session is refused though its own time is not up.
 */
export class SignedIn {
  readonly addresses = new KnownAddresses();
  readonly #sessions = new Map<string, Remembered>();
  readonly #store: Store;
  readonly #keys: Keys;
  readonly #clock: Clock;
  readonly #trust: Trust;
  /** Sessions being read: when one of them is forgotten meanwhile, what was read may be from before its end. */
  readonly #lookups = new Set<{ readonly sessionId: string; stale: boolean }>();

  constructor(store: Store, keys: Keys, clock: Clock, trust: Trust) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
    this.#trust = trust;
  }

  async byToken(token: string): Promise<Signed> {
    if (token === "") throw new Refusal("unauthorized");
    const claims = await verifyAccessToken(this.#keys.access, token, this.#clock.now());
    const signed = await this.bySession(claims.sessionId);
    if (signed.userId !== claims.userId) throw new Refusal("unauthorized");
    return signed;
  }

  /**
   * Whoever is given the answer can be told of the session's end from that moment on, if they begin to listen in the
   * same turn.
   */
  async bySession(sessionId: string): Promise<Signed> {
    const known = this.#sessions.get(sessionId);
    const isTrusted = known && this.#trust.monotonic() - known.at <= this.#trust.forMs;
    return isTrusted ? known.signed : this.#find(sessionId);
  }

  forget(sessionId: string): void {
    for (const lookup of this.#lookups) if (lookup.sessionId === sessionId) lookup.stale = true;
    this.#sessions.delete(sessionId);
  }

  forgetUser(userId: number): void {
    for (const lookup of this.#lookups) lookup.stale = true;
    for (const [id, { signed }] of this.#sessions) if (signed.userId === userId) this.#sessions.delete(id);
  }

  /** Requests on their way hold what is remembered: what they say from here on is said under the new name. */
  renamed(userId: number, username: string): void {
    for (const { signed } of this.#sessions.values()) if (signed.userId === userId) signed.username = username;
  }

  /** Remembers these as they were `at` a moment and no others: of those nobody has said that they stand. */
  keepOnly(confirmed: Iterable<Signed>, at: number): void {
    this.#sessions.clear();
    for (const signed of confirmed) this.#sessions.set(signed.sessionId, { signed, at });
  }

  async #find(sessionId: string): Promise<Signed> {
    const lookup = { sessionId, stale: false };
    const at = this.#trust.monotonic();
    this.#lookups.add(lookup);
    const signed = await this.#store
      .read("session", NOBODY, { sessionId, now: this.#clock.now() })
      .finally(() => this.#lookups.delete(lookup));
    // A socket would be let in with it, and nobody would tell it of an end that is past.
    if (lookup.stale) return this.#find(sessionId);
    if (!signed) throw new Refusal("session_ended");
    this.#sessions.set(sessionId, { signed, at });
    if (this.#sessions.size > MOST)
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    return signed;
  }
}
