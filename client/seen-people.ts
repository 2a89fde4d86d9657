import type { Seen } from "#shared/contract/people.ts";
import { limits } from "#shared/limits.ts";
import type { Api } from "./api.ts";
import { type Clock, Timer } from "./clock.ts";

interface SeenPeopleOptions {
  api: Api;
  clock: Clock;
  changed(): void;
}

/** People who are shown together are asked for together. */
const GATHER = 50;
const ASK_AGAIN = 60_000;
/** Of a longer list on the page the first ones are asked for. */
const MOST_ASKED = 3 * limits.pageMost;

/** Who of those that the page shows is connected: asked for once a minute while somebody looks, and told to nobody. */
export class SeenPeople {
  readonly #options: SeenPeopleOptions;
  /** In how many places of the page each of them stands. */
  readonly #shown = new Map<number, number>();
  readonly #seen = new Map<number, Seen>();
  readonly #timer: Timer;
  #isGathering = false;

  constructor(options: SeenPeopleOptions) {
    this.#options = options;
    this.#timer = new Timer(options.clock);
  }

  /** Null: not connected, or not known. */
  of(id: number): Seen | null {
    return this.#seen.get(id) ?? null;
  }

  /** Keeps asking for somebody until the answer is called. */
  watch(id: number): () => void {
    const places = this.#shown.get(id) ?? 0;
    this.#shown.set(id, places + 1);
    if (places === 0 && !this.#isGathering) {
      this.#isGathering = true;
      this.#timer.set(GATHER, () => void this.#ask());
    }
    return () => {
      const left = (this.#shown.get(id) ?? 1) - 1;
      if (left > 0) this.#shown.set(id, left);
      else this.#shown.delete(id);
      if (this.#shown.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#timer.clear();
    this.#isGathering = false;
  }

  async #ask(): Promise<void> {
    this.#isGathering = false;
    this.#timer.set(ASK_AGAIN, () => void this.#ask());
    const ids = [...this.#shown.keys()].slice(0, MOST_ASKED);
    for (let from = 0; from < ids.length; from += limits.pageMost) {
      await this.#askFor(ids.slice(from, from + limits.pageMost));
    }
  }

  async #askFor(ids: readonly number[]): Promise<void> {
    try {
      const { items } = await this.#options.api.seen(ids);
      const seen = new Map(items.map((item) => [item.user_id, item.seen]));
      for (const id of ids) {
        const state = seen.get(id);
        if (state === undefined) this.#seen.delete(id);
        else this.#seen.set(id, state);
      }
      this.#options.changed();
    } catch {
      // It is asked again in a minute, and nothing else waits for it.
    }
  }
}
