import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Told } from "../notify/note-told.ts";
import type { Candidate } from "./news.ts";
import type { Outcome, PushTo } from "./send-push.ts";

export interface QueueParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Who of these does something at this moment, wherever. */
  readonly attentive: (userIds: readonly number[]) => Promise<ReadonlySet<number>>;
  readonly send: (to: PushTo) => Promise<Outcome>;
  readonly note: (told: Told) => void;
}

interface Job extends PushTo {
  readonly userId: number;
  readonly service: string;
  readonly until: number;
  due: number;
  tries: number;
}

const MOST_WAITING = 10_000;
/** Of one room: the newest that is still unread is told. */
const MOST_SEQS = 20;
const AT_ONCE = 16;
/** One service that hangs leaves room for the others. */
const AT_ONCE_EACH = 4;
const GOOD_FOR = 3_600_000;
const MOST_TRIES = 6;
const FIRST_PAUSE = 5_000;
const LONGEST_PAUSE = 900_000;
const LOOK_AGAIN = 20_000;

/**
 * What is still to be told to browsers: for each one and each room the newest messages, one of which is, for an hour at most. It is kept
 * in memory alone: what a server that ends had not told yet is unread all the same when the browser is opened.
 */
export class PushQueue {
  readonly #parts: QueueParts;
  readonly #waiting = new Map<string, Job>();
  readonly #running = new Map<string, number>();
  #runs = 0;
  #isOver = false;
  #cancel = () => {};
  #dropped = 0;

  constructor(parts: QueueParts) {
    this.#parts = parts;
  }

  add(roomId: number, candidates: readonly Candidate[]): void {
    const now = this.#parts.clock.now();
    for (const { sessionId, userId, seqs, service } of candidates) {
      const until = now + GOOD_FOR;
      this.#wait({ sessionId, roomId, seqs, bare: false, userId, service, until, due: now, tries: 0 });
    }
    this.#turn();
  }

  end(): void {
    this.#isOver = true;
    this.#cancel();
    this.#waiting.clear();
  }

  /** One a room and browser: newer messages go before older ones, and wait as long as those had to. */
  #wait(job: Job): void {
    const key = `${job.sessionId} ${job.roomId}`;
    const other = this.#waiting.get(key);
    if (other) {
      const newer = (job.seqs[0] ?? 0) > (other.seqs[0] ?? 0) ? job : other;
      const seqs = [...new Set([...job.seqs, ...other.seqs])].sort((a, b) => b - a).slice(0, MOST_SEQS);
      this.#waiting.set(key, {
        ...newer,
        seqs,
        due: Math.max(job.due, other.due),
        tries: Math.max(job.tries, other.tries),
      });
    } else if (this.#waiting.size < MOST_WAITING) this.#waiting.set(key, job);
    else this.#drop();
  }

  #drop(): void {
    this.#dropped += 1;
    // Once, and then at each further full queue: a line a push would fill the disk.
    if (this.#dropped % MOST_WAITING === 1) this.#parts.log.warn("too many pushes wait: more are left out", {});
  }

  #turn(): void {
    if (this.#isOver) return;
    this.#cancel();
    const now = this.#parts.clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const [key, job] of this.#waiting) {
      if (this.#runs >= AT_ONCE) return;
      if (job.due > now) next = Math.min(next, job.due);
      else if ((this.#running.get(job.service) ?? 0) < AT_ONCE_EACH) {
        this.#waiting.delete(key);
        void this.#run(job);
      }
    }
    if (next < Number.POSITIVE_INFINITY) this.#cancel = this.#parts.clock.after(next - now, () => this.#turn());
  }

  async #run(job: Job): Promise<void> {
    this.#runs += 1;
    this.#running.set(job.service, (this.#running.get(job.service) ?? 0) + 1);
    try {
      await this.#try(job);
    } catch (error) {
      this.#parts.log.error("a push failed", { service: job.service, why: String(error) });
    } finally {
      this.#runs -= 1;
      const left = (this.#running.get(job.service) ?? 1) - 1;
      if (left > 0) this.#running.set(job.service, left);
      else this.#running.delete(job.service);
      this.#turn();
    }
  }

  async #try(job: Job): Promise<void> {
    const { log } = this.#parts;
    // Whoever is at it sees for themselves; if they leave it unread, they are told when they have turned away.
    if ((await this.#parts.attentive([job.userId])).has(job.userId)) return this.#later(job, LOOK_AGAIN, "at_device");
    const outcome = await this.#parts.send(job);
    switch (outcome.is) {
      case "told":
        return this.#note(job, "pushed", [outcome.seq]);
      case "nothing":
        return this.#note(job, "passed");
      case "gone":
        return this.#note(job, "failed");
      case "too-long":
        if (!job.bare) return this.#wait({ ...job, bare: true });
        this.#note(job, "failed");
        return log.warn("a push was refused", { service: job.service, status: 413 });
      case "refused":
        this.#note(job, "failed");
        return log.warn("a push was refused", { service: job.service, why: outcome.why });
      case "later": {
        const tries = job.tries + 1;
        if (tries >= MOST_TRIES) {
          this.#note(job, "failed");
          return log.warn("a push was given up", { service: job.service, tries });
        }
        const pause = Math.max(FIRST_PAUSE * 4 ** job.tries, (outcome.retryAfter ?? 0) * 1_000);
        return this.#later({ ...job, tries }, Math.min(pause, LONGEST_PAUSE), "failed");
      }
      default:
        return outcome satisfies never;
    }
  }

  /** `otherwise`: what became of it when its time is over by then. */
  #later(job: Job, ms: number, otherwise: Told["how"]): void {
    const due = this.#parts.clock.now() + ms;
    if (this.#isOver) return;
    if (due < job.until) this.#wait({ ...job, due });
    else this.#note(job, otherwise);
  }

  #note({ userId, roomId, seqs }: Job, how: Told["how"], which: readonly number[] = seqs): void {
    this.#parts.note({ userId, roomId, seqs: which, how });
  }
}
