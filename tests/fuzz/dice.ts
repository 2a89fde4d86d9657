/** Chance that can be had again: the same seed gives the same throws. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed * 2_654_435_761) >>> 0;
  }

  /** From 0 to below 1. */
  throw(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from the first to the last. */
  from(first: number, last: number): number {
    return first + Math.floor(this.throw() * (last - first + 1));
  }

  oneOf<Value>(values: readonly Value[]): Value | undefined {
    return values[Math.floor(this.throw() * values.length)];
  }

  /** One of the keys, each as often as its weight says. */
  weighed<Key extends string>(weights: Record<Key, number>): Key {
    const pairs = Object.entries(weights) as [Key, number][];
    let left = this.throw() * pairs.reduce((sum, [, weight]) => sum + weight, 0);
    for (const [key, weight] of pairs) {
      left -= weight;
      if (left < 0) return key;
    }
    return (pairs.at(-1) as [Key, number])[0];
  }
}
