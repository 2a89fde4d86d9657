import type { SendOutcome, StoredSend } from "../../messages/send-message.ts";
import type { Actor } from "../sql.ts";
import type { WaitingSend } from "../store.ts";
import type { Tell } from "../tell.ts";
import { Fate, UNHEARD_FOR_MS } from "./fate.ts";
import { isReadOnly, isUnheard, isWorthAnotherTry, refusalOf, report, unavailable } from "./faults.ts";
import { roomStream } from "./in-order.ts";
import type { Link } from "./link.ts";
import { type ActionParts, type Done, runAction } from "./run-action.ts";
import { type BatchedSend, outcomesIn, recallBatch, sendBatch } from "./send-batch.ts";

export type Waiting =
  | { kind: "send"; send: BatchedSend; waiting: WaitingSend }
  | {
      kind: "write";
      name: string;
      actor: Actor;
      args: unknown;
      resolve: (result: unknown) => void;
      reject: (error: unknown) => void;
    };
type WaitingWrite = Extract<Waiting, { kind: "write" }>;
type QueuedSend = Extract<Waiting, { kind: "send" }>;

/** What all lanes of a store share. */
export interface LaneParts extends ActionParts {
  listen(tell: Tell): void;
  answered(): void;
  /** A part of the queue has left it. */
  left(count: number): void;
  stored(sends: number): void;
}

const BATCH_MOST = 512;
const BATCH_MOST_CHARACTERS = 1_000_000;
const TRIES = 8;

/**
 * Writes of some rooms, in the order in which they came: sends that stand together as one batch, other actions each in a
 * transaction of its own. One thing is under way at a time, and what arrives meanwhile is the next batch.
 */
export class Lane {
  readonly #link: Link;
  readonly #parts: LaneParts;
  readonly #fate = new Fate();
  #queue: Waiting[] = [];
  #scheduled = false;
  #running: Promise<void> | null = null;
  #isClosing = false;

  constructor(link: Link, parts: LaneParts) {
    this.#link = link;
    this.#parts = parts;
  }

  push(item: Waiting): void {
    this.#queue.push(item);
    if (this.#running || this.#scheduled) return;
    // At the end of the turn, so that what one turn of the event loop brought goes as one batch.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#next();
    });
  }

  /** Resolves when what is under way now is told. */
  async told(): Promise<void> {
    await this.#running;
  }

  /** Ends when nothing waits any more. */
  async finish(): Promise<void> {
    this.#isClosing = true;
    while (this.#running || this.#queue.length > 0) {
      await this.#running;
      await new Promise<void>((go) => setImmediate(go));
    }
  }

  close(): void {
    this.#link.close();
  }

  #next(): void {
    if (this.#running || this.#queue.length === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#running = promise;
    const first = this.#queue[0];
    const work = first?.kind === "write" ? this.#write(first) : this.#sends();
    void work.then((tell) => {
      // The next one first: the database works while this thread tells.
      this.#running = null;
      this.#next();
      tell();
      resolve();
    });
  }

  async #write(item: WaitingWrite): Promise<() => void> {
    this.#queue.shift();
    this.#parts.left(1);
    let done: Done;
    try {
      const keepAsking = () => {
        this.#refuseWaiting();
        return !this.#isClosing;
      };
      done = await runAction({ link: this.#link, fate: this.#fate }, this.#parts, item, keepAsking);
    } catch (error) {
      const refusal = refusalOf(error);
      return () => item.reject(refusal);
    }
    await done.before;
    return () => {
      for (const tell of done.tells) this.#parts.listen(tell);
      done.leave();
      item.resolve(done.result);
    };
  }

  async #sends(): Promise<() => void> {
    const batch = this.#take();
    const underWay = this.#parts.inOrder.begin(() => new Set(batch.map(({ send }) => roomStream(send.roomId))));
    const outcomes = await this.#store(batch);
    await underWay.answered(() => firstIn(batch, outcomes));
    return () => {
      for (let i = 0; i < batch.length; i++) batch[i]?.waiting.answer(outcomes[i] ?? "unavailable");
      this.#parts.answered();
      let stored = 0;
      for (let i = 0; i < batch.length; i++) {
        const outcome = outcomes[i];
        if (outcome === undefined || !isNew(outcome)) continue;
        stored += 1;
        batch[i]?.waiting.tell(outcome);
      }
      this.#parts.stored(stored);
      underWay.told();
    };
  }

  /** The database is away while it is not known what became of what was under way: all others are told at once. */
  #refuseWaiting(): void {
    const waiting = this.#queue;
    this.#queue = [];
    this.#parts.left(waiting.length);
    for (const item of waiting) refuse(item);
    this.#parts.answered();
  }

  /** The sends at the head of the queue. A nonce that comes twice waits for the next batch, which knows the first. */
  #take(): QueuedSend[] {
    const batch: QueuedSend[] = [];
    const nonces = new Set<string>();
    let characters = 0;
    for (const item of this.#queue) {
      if (item.kind !== "send" || batch.length >= BATCH_MOST || characters >= BATCH_MOST_CHARACTERS) break;
      const nonce = `${item.send.userId} ${item.send.nonce}`;
      if (nonces.has(nonce)) break;
      nonces.add(nonce);
      characters += item.send.content.length;
      batch.push(item);
    }
    this.#queue = this.#queue.length === batch.length ? [] : this.#queue.slice(batch.length);
    this.#parts.left(batch.length);
    return batch;
  }

  /**
   * Stores a batch. When its answer was lost it runs again, behind the first run if that still goes on, to find by the
   * nonces whether it was stored: what is refused as unavailable must not have been stored after all.
   */
  async #store(batch: readonly QueuedSend[]): Promise<SendOutcome[]> {
    const sends = batch.map((item) => item.send);
    const now = this.#parts.now();
    let unheardSince: number | null = null;
    for (let tries = 1; ; tries++) {
      let isSent = false;
      try {
        const connection = await this.#link.get();
        isSent = true;
        const text = await sendBatch(connection, sends, now).catch(async (error: unknown) => {
          // Nothing can be written by now. What was can still be read; what is not there may be on its way.
          if (unheardSince === null || !isReadOnly(error)) throw error;
          return recallBatch(await this.#link.get(), sends);
        });
        return outcomesIn(text, now, unheardSince !== null);
      } catch (error) {
        if (isSent && isUnheard(error)) unheardSince ??= performance.now();
        const again =
          unheardSince === null
            ? isWorthAnotherTry(error) && tries < TRIES
            : performance.now() - unheardSince < UNHEARD_FOR_MS && !this.#isClosing;
        if (!again) {
          report(unheardSince === null ? "a batch was not stored" : "what became of a batch is not known", error);
          return sends.map(() => (unheardSince === null ? "unavailable" : "unknown"));
        }
        if (!isSent || !isUnheard(error)) this.#refuseWaiting();
        await Bun.sleep(5 + Math.random() * 10 * Math.min(tries, 10));
      }
    }
  }
}

function refuse(item: Waiting): void {
  if (item.kind === "send") item.waiting.answer("unavailable");
  else item.reject(unavailable());
}

/** The first number that a batch has taken in each of its rooms. */
function firstIn(batch: readonly QueuedSend[], outcomes: readonly SendOutcome[]): Map<string, number> {
  const first = new Map<string, number>();
  for (const [at, { send }] of batch.entries()) {
    const outcome = outcomes[at];
    if (outcome === undefined || !isNew(outcome)) continue;
    const stream = roomStream(send.roomId);
    first.set(stream, Math.min(outcome[1], first.get(stream) ?? outcome[1]));
  }
  return first;
}

function isNew(outcome: SendOutcome): outcome is StoredSend {
  return typeof outcome !== "string" && outcome[4] === 0;
}
