import { Refusal } from "#shared/errors.ts";
import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";
import { verifyAccessToken } from "./access-token.ts";
import type { Keys } from "./keys.ts";
import { KnownAddresses } from "./known-browsers.ts";
import type { Signed } from "./sessions.ts";

const MOST = 50_000;

/**
 * Whose session an access token names: the one check for every door. What is remembered of a session goes when it ends
 * or its account changes, so a token of an ended session is refused though its own time is not up.
 */
export class SignedIn {
  readonly addresses = new KnownAddresses();
  readonly #sessions = new Map<string, Signed>();
  readonly #store: Store;
  readonly #keys: Keys;
  readonly #clock: Clock;
  /** Rises when anything is forgotten: an answer read before that is not remembered. */
  #forgotten = 0;

  constructor(store: Store, keys: Keys, clock: Clock) {
    this.#store = store;
    this.#keys = keys;
    this.#clock = clock;
  }

  async byToken(token: string): Promise<Signed> {
    if (token === "") throw new Refusal("unauthorized");
    const claims = await verifyAccessToken(this.#keys.access, token, this.#clock.now());
    const signed = this.#sessions.get(claims.sessionId) ?? (await this.#find(claims.sessionId));
    if (signed.userId !== claims.userId) throw new Refusal("unauthorized");
    return signed;
  }

  forget(sessionId: string): void {
    this.#forgotten += 1;
    this.#sessions.delete(sessionId);
  }

  forgetUser(userId: number): void {
    this.#forgotten += 1;
    for (const [id, signed] of this.#sessions) if (signed.userId === userId) this.#sessions.delete(id);
  }

  async #find(sessionId: string): Promise<Signed> {
    const before = this.#forgotten;
    const signed = await this.#store.read("session", NOBODY, { sessionId, now: this.#clock.now() });
    if (!signed) throw new Refusal("session_ended");
    if (before === this.#forgotten) this.#sessions.set(sessionId, signed);
    if (this.#sessions.size > MOST)
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    return signed;
  }
}
