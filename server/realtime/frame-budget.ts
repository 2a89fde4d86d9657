import { limits } from "#shared/limits.ts";

/** How many frames a socket may send: a burst, and so many a second after it. Three numbers a socket and no timer. */
export class FrameBudget {
  #left: number = limits.frameBurst;
  #at: number;
  #excess = 0;

  constructor(now: number) {
    this.#at = now;
  }

  /** `enough`: so many came in excess that the socket is to be closed. */
  take(now: number): "taken" | "excess" | "enough" {
    // The clock may have been set back.
    const since = Math.max(0, now - this.#at);
    this.#left = Math.min(limits.frameBurst, this.#left + (since / 1_000) * limits.framesPerSecond);
    this.#at = now;
    if (this.#left === limits.frameBurst) this.#excess = 0;
    if (this.#left >= 1) {
      this.#left -= 1;
      return "taken";
    }
    this.#excess += 1;
    return this.#excess > limits.framesInExcess ? "enough" : "excess";
  }
}
