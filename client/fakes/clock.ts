import type { Clock } from "../clock.ts";

/** Time that stands still until a test moves it. */
export class FakeClock implements Clock {
  #now = Date.UTC(2026, 0, 1);
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + Math.max(0, ms), run };
    // Two of the same moment run in the order in which they were asked for.
    const place = this.#timers.findLastIndex((other) => other.at <= timer.at) + 1;
    this.#timers.splice(place, 0, timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  get waiting(): number {
    return this.#timers.length;
  }

  /** Moves time on, and lets whatever each timer set going come to rest before the next one. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await rest();
    for (let next = this.#timers[0]; next && next.at <= until; next = this.#timers[0]) {
      this.#timers.shift();
      this.#now = next.at;
      next.run();
      await rest();
    }
    this.#now = until;
  }
}

async function rest(): Promise<void> {
  for (let turns = 0; turns < 20; turns++) await null;
}
