const SLOW_MS = 2;
const MOST_MS = 4;

/**
 * Where a flush takes long, whoever was just answered speaks again while the next batch is under way already: senders fall
 * into two groups that take turns, and each waits for two flushes. So a batch that follows another one waits for as many as
 * there were, and for an eighth of a flush at most. Once gathered they stay together. (PostgreSQL has `commit_delay` for
 * this; here the last batch says how long and how many.)
 */
export class Gathering {
  #expected = 0;
  #until = 0;

  /** A batch of so many was answered, after a flush of so many milliseconds, and so many more were waiting then. */
  answered(batch: number, waiting: number, flushMs: number, now: number): void {
    const isSlow = flushMs >= SLOW_MS;
    this.#expected = isSlow ? batch + waiting : 0;
    this.#until = isSlow ? now + Math.min(Math.max(Math.round(flushMs / 8), 1), MOST_MS) : 0;
  }

  /** The milliseconds for which so many should wait for the others; 0: they begin. */
  patience(waiting: number, now: number): number {
    if (waiting >= this.#expected) return 0;
    // Never longer than was meant, even if the clock was set back.
    return Math.min(Math.max(this.#until - now, 0), MOST_MS);
  }
}
