import { Refusal } from "#shared/errors.ts";

/** Whom it is done for. */
export interface For {
  /** Who share one place in the turns: all of an address, or one person or known browser. */
  readonly whose: string;
  /** A browser or an address that has logged in to the account. */
  readonly isKnown: boolean;
}

interface Waiting extends For {
  readonly turn: number;
  go(): void;
  fail(refusal: Refusal): void;
}

export const STRANGERS = 64;
/** Room that strangers cannot fill. */
export const KEPT_FOR_KNOWN = 16;

/**
 * Does so many things at once and lets others wait, in turns among those who ask: however much one of them asks for,
 * the next in turn is another. Where the line is full, whoever takes most of it gives way to who takes less.
 */
export class HashLine {
  readonly #atOnce: number;
  #running = 0;
  #turn = 0;
  #waiting: Waiting[] = [];

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async inTurn<Result>(asks: For, work: () => Promise<Result>): Promise<Result> {
    if (this.#running >= this.#atOnce) await this.#wait(asks);
    else this.#running += 1;
    try {
      return await work();
    } finally {
      this.#next();
    }
  }

  #wait(asks: For): Promise<void> {
    if (this.#isFullFor(asks)) this.#makeRoom(asks);
    const own = this.#waiting.filter(({ whose }) => whose === asks.whose).map(({ turn }) => turn);
    const turn = Math.max(this.#turn, ...own) + 1;
    return new Promise((go, fail) => this.#waiting.push({ ...asks, turn, go, fail }));
  }

  #next(): void {
    const next = this.#waiting.reduce<Waiting | null>(
      (first, one) => (first && first.turn <= one.turn ? first : one),
      null,
    );
    if (!next) {
      this.#running -= 1;
      return;
    }
    this.#waiting = this.#waiting.filter((one) => one !== next);
    this.#turn = next.turn;
    next.go();
  }

  #isFullFor({ isKnown }: For): boolean {
    if (this.#waiting.length >= STRANGERS + KEPT_FOR_KNOWN) return true;
    return !isKnown && this.#waiting.filter((one) => !one.isKnown).length >= STRANGERS;
  }

  #makeRoom(asks: For): void {
    const counts = new Map<string, number>([[asks.whose, 1]]);
    for (const { whose } of this.#waiting) counts.set(whose, (counts.get(whose) ?? 0) + 1);
    const own = counts.get(asks.whose) ?? 1;
    const most = this.#waiting
      .filter((one) => asks.isKnown || !one.isKnown)
      .reduce<Waiting | null>(
        (found, one) => (found && (counts.get(found.whose) ?? 0) > (counts.get(one.whose) ?? 0) ? found : one),
        null,
      );
    if (!most || (counts.get(most.whose) ?? 0) <= own) throw tooManyAtOnce();
    this.#waiting = this.#waiting.filter((one) => one !== most);
    most.fail(tooManyAtOnce());
  }
}

function tooManyAtOnce(): Refusal {
  return new Refusal("rate_limited", "Too many logins at once. Try again shortly.", { retryAfter: 5 });
}
