import { Refusal } from "#shared/errors.ts";
import type { Clock } from "../clock.ts";
import type { Actor } from "./sql.ts";
import type { Store, WaitingSend } from "./store.ts";
import type { Tell } from "./tell.ts";

/** As a store is from within: names and arguments were checked where they were written. */
type Inner = Omit<Store, "write" | "read" | "readText"> & {
  write(name: string, actor: Actor, args?: unknown): Promise<never>;
  read(name: string, actor: Actor, args?: unknown): Promise<never>;
  readText(name: string, actor: Actor, args: unknown): Promise<string>;
};

/**
 * A store that a tool may hold still: writes are refused as `unavailable`, clients keep theirs and send them again, and
 * reading goes on. A pause ends by itself when whoever asked for it is not heard of any more.
 */
export class PausingStore implements Store {
  readonly #inner: Inner;
  readonly #clock: Clock;
  /** Whether what is kept here has moved elsewhere. Then no pause ends any more. */
  readonly #isMoved: () => boolean;
  #pause: string | null = null;
  #forGood = false;
  #cancel = () => {};

  constructor(inner: Store, clock: Clock, isMoved: () => boolean) {
    this.#inner = inner as unknown as Inner;
    this.#clock = clock;
    this.#isMoved = isMoved;
  }

  /** Resolves when nothing is being written any more. Says whether it was written to since this pause was asked for. */
  async pause(name: string, forMs: number): Promise<{ isNew: boolean }> {
    // One for good is of a tool that may have been killed: the same one goes on with what it began.
    if (this.#pause !== null && this.#pause !== name && !this.#forGood) {
      throw new Refusal("unavailable", "Another tool holds the server still.");
    }
    const isNew = this.#pause !== name;
    if (isNew) this.#forGood = false;
    this.#pause = name;
    this.#cancel();
    this.#cancel = this.#clock.after(forMs, () => this.resume(name));
    while (this.#inner.counts.waiting > 0) {
      // What waits begins at the end of a turn.
      await new Promise<void>((go) => setImmediate(go));
      await this.#inner.told();
    }
    await this.#inner.told();
    return { isNew };
  }

  /** Until this process ends or the same tool takes it back: what is kept here is about to move elsewhere. */
  pauseForGood(name: string): void {
    if (this.#pause !== name) throw new Refusal("unavailable", "The server was written to meanwhile.");
    this.#cancel();
    this.#forGood = true;
  }

  resume(name: string): void {
    if (this.#pause !== name) return;
    this.#cancel();
    this.#forGood = this.#isMoved();
    if (!this.#forGood) this.#pause = null;
  }

  get epoch() {
    return this.#inner.epoch;
  }

  get counts() {
    return this.#inner.counts;
  }

  send(roomId: number, userId: number, nonceJson: string | null, contentJson: string, waiting: WaitingSend): void {
    if (this.#pause !== null) waiting.answer("unavailable");
    else this.#inner.send(roomId, userId, nonceJson, contentJson, waiting);
  }

  write(name: string, actor: Actor, args?: unknown): Promise<never> {
    if (this.#pause !== null) return Promise.reject(new Refusal("unavailable", undefined, { retryAfter: 5 }));
    return this.#inner.write(name, actor, args);
  }

  read(name: string, actor: Actor, args?: unknown): Promise<never> {
    return this.#inner.read(name, actor, args);
  }

  readText(name: string, actor: Actor, args: unknown): Promise<string> {
    return this.#inner.readText(name, actor, args);
  }

  onTell(listen: (tell: Tell) => void): void {
    this.#inner.onTell(listen);
  }

  onAnswered(run: () => void): void {
    this.#inner.onAnswered(run);
  }

  told(): Promise<void> {
    return this.#inner.told();
  }

  close(): Promise<void> {
    return this.#inner.close();
  }
}
