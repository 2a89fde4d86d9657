import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";
import { NOBODY, type Store } from "../store/store.ts";

const MOST = 100_000;

/** Single-use proofs for one socket, for clients that cannot set a header. */
export interface Tickets {
  issue(sessionId: string): Promise<string>;
  /** Whose session it opens a socket for, if that has not ended since. */
  redeem(ticket: string): Promise<string | null>;
}

/** Good on every node of a database. */
export function sharedTickets(store: Store, random: (bytes: number) => Uint8Array): Tickets {
  return {
    async issue(sessionId) {
      const ticket = Buffer.from(random(24)).toString("base64url");
      await store.write("keep-ticket", NOBODY, { ticket, sessionId });
      return ticket;
    },
    async redeem(ticket) {
      return (await store.write("use-ticket", NOBODY, { ticket }))?.sessionId ?? null;
    },
  };
}

/** Of one process, which forgets them when it ends. */
export class TicketsOfOne implements Tickets {
  readonly #open = new Map<string, { sessionId: string; until: number }>();
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(clock: Clock, random: (bytes: number) => Uint8Array) {
    this.#clock = clock;
    this.#random = random;
  }

  async issue(sessionId: string): Promise<string> {
    const ticket = Buffer.from(this.#random(24)).toString("base64url");
    this.#open.set(ticket, { sessionId, until: this.#clock.now() + limits.ticketFor });
    for (const [old, { until }] of this.#open) {
      if (until > this.#clock.now() && this.#open.size <= MOST) break;
      this.#open.delete(old);
    }
    return ticket;
  }

  async redeem(ticket: string): Promise<string | null> {
    const found = this.#open.get(ticket);
    this.#open.delete(ticket);
    return found && found.until > this.#clock.now() ? found.sessionId : null;
  }
}
