import { limits } from "#shared/limits.ts";

/** How many frames a socket may send: a burst, and so many a second after it. Two numbers a socket and no timer. */
export class FrameBudget {
  #left: number = limits.frameBurst;
  #at: number;

  constructor(now: number) {
    this.#at = now;
  }

  take(now: number): boolean {
    this.#left = Math.min(limits.frameBurst, this.#left + ((now - this.#at) / 1_000) * limits.framesPerSecond);
    this.#at = now;
    if (this.#left < 1) return false;
    this.#left -= 1;
    return true;
  }
}
