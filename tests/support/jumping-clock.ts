import type { Clock } from "#server/clock.ts";

/** Real time that can be set forward: a jump lets everything happen at once that was due meanwhile, in its order. */
export class JumpingClock implements Clock {
  #ahead = 0;
  #last = 0;
  readonly #waiting = new Map<number, { due: number; run: () => void; cancel: () => void }>();

  readonly now = (): number => Date.now() + this.#ahead;

  readonly after = (ms: number, run: () => void): (() => void) => {
    this.#last += 1;
    const id = this.#last;
    const timer = setTimeout(() => this.#fire(id), ms);
    this.#waiting.set(id, { due: this.now() + ms, run, cancel: () => clearTimeout(timer) });
    return () => {
      clearTimeout(timer);
      this.#waiting.delete(id);
    };
  };

  jump(ms: number): void {
    const until = this.now() + ms;
    for (;;) {
      const due = [...this.#waiting].filter(([, one]) => one.due <= until).sort(([, a], [, b]) => a.due - b.due)[0];
      if (!due) break;
      const [id, one] = due;
      this.#ahead += Math.max(0, one.due - this.now());
      one.cancel();
      this.#fire(id);
    }
    this.#ahead += Math.max(0, until - this.now());
  }

  #fire(id: number): void {
    const one = this.#waiting.get(id);
    this.#waiting.delete(id);
    one?.run();
  }
}
