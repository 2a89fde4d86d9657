import type { Bus } from "#server/bus/bus.ts";

/** What a bus may do to what it carries; a number is how often, of 1. */
export interface Worse {
  loses: number;
  repeats: number;
  /** Held back for up to so many milliseconds, and overtaken meanwhile. */
  delays: number;
  delayMost: number;
}

/** A bus on purpose worse than any: what stands on it shows whether it relied on it. */
export class WorseBus implements Bus {
  readonly #bus: Bus;
  readonly #worse: Worse;
  /** Cut off from the others, without knowing it. */
  isMute = false;
  readonly did = { lost: 0, repeated: 0, delayed: 0, passed: 0 };

  constructor(bus: Bus, worse: Partial<Worse> = {}) {
    this.#bus = bus;
    this.#worse = { loses: 0, repeats: 0, delays: 0, delayMost: 200, ...worse };
  }

  get isUp(): boolean {
    return this.#bus.isUp;
  }

  publish(subject: string, text: string): void {
    const { loses, repeats, delays, delayMost } = this.#worse;
    if (this.isMute || Math.random() < loses) {
      this.did.lost += 1;
      return;
    }
    const say = () => this.#bus.publish(subject, text);
    if (Math.random() < repeats) {
      this.did.repeated += 1;
      setTimeout(say, Math.random() * delayMost);
    }
    if (Math.random() < delays) {
      this.did.delayed += 1;
      setTimeout(say, Math.random() * delayMost);
    } else {
      this.did.passed += 1;
      say();
    }
  }

  subscribe(subject: string, hear: (text: string) => void) {
    return this.#bus.subscribe(subject, (text) => {
      if (!this.isMute) hear(text);
    });
  }

  onBack(run: () => void): void {
    this.#bus.onBack(run);
  }

  close(): Promise<void> {
    return this.#bus.close();
  }
}
