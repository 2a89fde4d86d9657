import type { Subscription } from "../bus/bus.ts";
import { type SeenNow, seeing, seenHere } from "../realtime/seen.ts";
import { type NodeParts, subjectIn } from "./parts.ts";

/** `ids` are attentive; a node of a version before says of the others nothing. */
type Answer = { to: string; ask: number; ids: number[]; online?: number[]; away?: number[] };
type Hint = { from: string; ask: number; ids: number[] } | Answer;

const ANSWERS_WITHIN = 100;
const GATHERED_FOR = 20;

interface Question {
  readonly ids: Set<number>;
  readonly answer: Promise<ReadonlyMap<number, SeenNow>>;
}

/** Who was seen when, on whatever node. A node that is not heard has nobody: that tells one time too often. */
export class Attention {
  readonly #parts: NodeParts;
  readonly #subscription: Subscription;
  readonly #asked = new Map<number, Map<number, SeenNow>>();
  #next: Question | null = null;
  #count = 0;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#subscription = parts.bus.subscribe(subjectIn(parts.store, "attention"), (text) => this.#hear(text));
  }

  /** Questions that come close together go out as one. */
  of(userIds: readonly number[]): Promise<ReadonlyMap<number, SeenNow>> {
    this.#next ??= this.#gather();
    for (const userId of userIds) this.#next.ids.add(userId);
    return this.#next.answer;
  }

  end(): void {
    this.#subscription.end();
  }

  #gather(): Question {
    const ids = new Set<number>();
    return { ids, answer: this.#ask(ids) };
  }

  async #ask(ids: Set<number>): Promise<ReadonlyMap<number, SeenNow>> {
    const { clock, hub, node } = this.#parts;
    await new Promise<void>((go) => clock.after(GATHERED_FOR, go));
    this.#next = null;
    this.#count += 1;
    const ask = this.#count;
    const found = seenHere(hub, ids, clock.now());
    this.#asked.set(ask, found);
    this.#say({ from: node, ask, ids: [...ids].filter((id) => found.get(id) !== "attentive") });
    await new Promise<void>((go) => clock.after(ANSWERS_WITHIN, go));
    this.#asked.delete(ask);
    return found;
  }

  #hear(text: string): void {
    const { clock, hub, node } = this.#parts;
    const hint = JSON.parse(text) as Hint;
    if ("to" in hint) {
      const found = hint.to === node ? this.#asked.get(hint.ask) : undefined;
      if (found) heed(found, hint);
      return;
    }
    if (hint.from === node) return;
    const seen = seenHere(hub, hint.ids, clock.now());
    const those = (wanted: SeenNow) => [...seen].filter(([, each]) => each === wanted).map(([id]) => id);
    if (seen.size === 0) return;
    this.#say({ to: hint.from, ask: hint.ask, ids: those("attentive"), online: those("online"), away: those("away") });
  }

  #say(hint: Hint): void {
    this.#parts.bus.publish(subjectIn(this.#parts.store, "attention"), JSON.stringify(hint));
  }
}

function heed(found: Map<number, SeenNow>, { ids, online = [], away = [] }: Answer): void {
  for (const id of ids) seeing(found, id, "attentive");
  for (const id of online) seeing(found, id, "online");
  for (const id of away) seeing(found, id, "away");
}
