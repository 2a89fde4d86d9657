import type { Subscription } from "../bus/bus.ts";
import { attentiveHere } from "../realtime/attentive.ts";
import { type NodeParts, subjectIn } from "./parts.ts";

type Hint = { from: string; ask: number; ids: number[] } | { to: string; ask: number; ids: number[] };

const ANSWERS_WITHIN = 100;
const GATHERED_FOR = 20;

interface Question {
  readonly ids: Set<number>;
  readonly answer: Promise<ReadonlySet<number>>;
}

/** Who does something at this moment on whatever node. A node that is not heard has nobody: that tells one time too often. */
export class Attention {
  readonly #parts: NodeParts;
  readonly #subscription: Subscription;
  readonly #asked = new Map<number, Set<number>>();
  #next: Question | null = null;
  #count = 0;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.#subscription = parts.bus.subscribe(subjectIn(parts.store, "attention"), (text) => this.#hear(text));
  }

  /** Questions that come close together go out as one. */
  of(userIds: readonly number[]): Promise<ReadonlySet<number>> {
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

  async #ask(ids: Set<number>): Promise<ReadonlySet<number>> {
    const { clock, hub, node } = this.#parts;
    await new Promise<void>((go) => clock.after(GATHERED_FOR, go));
    this.#next = null;
    this.#count += 1;
    const ask = this.#count;
    const found = attentiveHere(hub, [...ids], clock.now());
    this.#asked.set(ask, found);
    this.#say({ from: node, ask, ids: [...ids].filter((id) => !found.has(id)) });
    await new Promise<void>((go) => clock.after(ANSWERS_WITHIN, go));
    this.#asked.delete(ask);
    return found;
  }

  #hear(text: string): void {
    const { clock, hub, node } = this.#parts;
    const hint = JSON.parse(text) as Hint;
    if ("to" in hint) {
      if (hint.to === node) for (const id of hint.ids) this.#asked.get(hint.ask)?.add(id);
      return;
    }
    if (hint.from === node) return;
    const ids = [...attentiveHere(hub, hint.ids, clock.now())];
    if (ids.length > 0) this.#say({ to: hint.from, ask: hint.ask, ids });
  }

  #say(hint: Hint): void {
    this.#parts.bus.publish(subjectIn(this.#parts.store, "attention"), JSON.stringify(hint));
  }
}
