import { Refusal } from "#shared/errors.ts";
import type { Tx } from "../store/sql.ts";

/** One budget of guesses at an account, with its size and the time in which it fills again. */
export interface GuessArgs {
  whose: string;
  size: number;
  refill: number;
}

/** Takes one for whichever node it is tried on, or refuses with the time to wait. */
export async function takeGuess(tx: Tx, args: GuessArgs): Promise<null> {
  await tx.run("DELETE FROM guesses WHERE at < ?", tx.now - args.refill);
  const left = await leftOf(tx, args);
  if (left < 1_000) {
    const wait = Math.ceil(((1_000 - left) * args.refill) / args.size / 1_000_000);
    throw new Refusal("rate_limited", `Too many tries. Wait ${wait} seconds and try again.`, { retryAfter: wait });
  }
  return keep(tx, args, left - 1_000);
}

/** Undoes one: the try was not a wrong one. */
export async function giveGuessBack(tx: Tx, args: GuessArgs): Promise<null> {
  return keep(tx, args, Math.min(args.size * 1_000, (await leftOf(tx, args)) + 1_000));
}

async function leftOf(tx: Tx, { whose, size, refill }: GuessArgs): Promise<number> {
  const known = await tx.get<{ thousandths_left: number; at: number }>(
    "SELECT thousandths_left, at FROM guesses WHERE whose = ?",
    whose,
  );
  if (!known) return size * 1_000;
  const since = Math.max(0, tx.now - known.at);
  return Math.min(size * 1_000, known.thousandths_left + Math.floor((since / refill) * size * 1_000));
}

async function keep(tx: Tx, { whose }: GuessArgs, left: number): Promise<null> {
  await tx.run(
    `INSERT INTO guesses VALUES (?, ?, ?)
     ON CONFLICT (whose) DO UPDATE SET thousandths_left = excluded.thousandths_left, at = excluded.at`,
    whose,
    left,
    tx.now,
  );
  return null;
}
