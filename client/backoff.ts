import type { Random } from "./nonce.ts";

const FIRST = 1_000;
const MOST = 30_000;

/**
 * Milliseconds to wait after so many failures in a row: anything from nothing to a bound that doubles, so that a
 * thousand clients which were cut at the same moment do not come back at the same moment.
 */
export function backoff(failures: number, random: Random): number {
  const bound = Math.min(MOST, FIRST * 2 ** failures);
  return Math.floor(fraction(random) * bound);
}

function fraction(random: Random): number {
  return random(4).reduce((sum, byte) => sum * 256 + byte, 0) / 2 ** 32;
}
