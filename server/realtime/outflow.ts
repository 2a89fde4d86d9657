import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";
import type { NativeSocket } from "./socket.ts";

const ENOUGH = 256 * 1024;

/**
 * Resolves when the socket has little queued, so that a long answer never fills it to the limit at which it is cut. Who
 * takes nothing of the queue for long is given up: what is recorded for them meanwhile grows.
 */
export class Outflow {
  readonly #ws: Pick<NativeSocket, "getBufferedAmount">;
  readonly #clock: Clock;
  readonly #giveUp: () => void;
  #waiting: (() => void)[] = [];
  #cancel: (() => void) | null = null;

  constructor(ws: Pick<NativeSocket, "getBufferedAmount">, clock: Clock, giveUp: () => void) {
    this.#ws = ws;
    this.#clock = clock;
    this.#giveUp = giveUp;
  }

  async room(): Promise<void> {
    const queued = this.#ws.getBufferedAmount();
    if (queued <= ENOUGH) return;
    if (!this.#cancel) this.#watch(queued);
    await new Promise<void>((go) => this.#waiting.push(go));
  }

  /** The queue is empty, or the socket is gone. */
  drained(): void {
    this.#cancel?.();
    this.#cancel = null;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const go of waiting) go();
  }

  #watch(before: number): void {
    this.#cancel = this.#clock.after(limits.drainWithin, () => {
      const queued = this.#ws.getBufferedAmount();
      if (queued < before) this.#watch(queued);
      else this.#giveUp();
    });
  }
}
