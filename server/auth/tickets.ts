import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";

const MOST = 100_000;

/** Single-use proofs for one socket, for clients that cannot set a header. */
export class Tickets {
  readonly #open = new Map<string, { sessionId: string; until: number }>();
  readonly #clock: Clock;
  readonly #random: (bytes: number) => Uint8Array;

  constructor(clock: Clock, random: (bytes: number) => Uint8Array) {
    this.#clock = clock;
    this.#random = random;
  }

  issue(sessionId: string): string {
    const ticket = Buffer.from(this.#random(24)).toString("base64url");
    this.#open.set(ticket, { sessionId, until: this.#clock.now() + limits.ticketFor });
    for (const [old, { until }] of this.#open) {
      if (until > this.#clock.now() && this.#open.size <= MOST) break;
      this.#open.delete(old);
    }
    return ticket;
  }

  /** Whose session it opens a socket for, if that has not ended since. */
  redeem(ticket: string): string | null {
    const found = this.#open.get(ticket);
    this.#open.delete(ticket);
    return found && found.until > this.#clock.now() ? found.sessionId : null;
  }
}
