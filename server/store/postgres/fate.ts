import { Refusal } from "#shared/errors.ts";
import { type Connection, PostgresFault } from "./connection.ts";
import { report } from "./faults.ts";
import type { Link } from "./link.ts";

/** How long an answer that was lost is asked for. Beyond it the asker is told to try again, and may with its nonce. */
export const UNHEARD_FOR_MS = 60_000;

/**
 * Whether a transaction whose COMMIT was not answered is there. It wrote a token of its own when it began; whoever writes
 * the same one finds it, or waits for who has written it, or learns that it is not there and never will be. The number of
 * the transaction would not do: a database that crashed gives it to another. One for each lane, which does one at a time.
 */
export class Fate {
  #token = "";
  /** That of the last one which is there: the next one takes it away. */
  #former: string | null = null;

  /** What a transaction begins with. */
  begin(): string {
    this.#token = Bun.randomUUIDv7();
    const former = this.#former === null ? "" : `DELETE FROM parlour.commits WHERE token = '${this.#former}'; `;
    return `${former}INSERT INTO parlour.commits VALUES ('${this.#token}', ${NOW})`;
  }

  committed(): void {
    this.#former = this.#token;
  }

  async isCommitted(link: Link, keepAsking: () => boolean): Promise<boolean> {
    for (const until = performance.now() + UNHEARD_FOR_MS; performance.now() < until; await Bun.sleep(50)) {
      try {
        return await isThere(link, this.#token);
      } catch {
        if (!keepAsking()) break;
      }
    }
    report("what became of an action is not known", new PostgresFault(null, "The database did not come back."));
    throw new Refusal("unknown");
  }
}

const NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

async function isThere(link: Link, token: string): Promise<boolean> {
  const connection = await link.get();
  try {
    await connection.script(BEGIN);
    const { count } = await connection.query("INSERT INTO parlour.commits VALUES ($1, 0) ON CONFLICT DO NOTHING", [
      token,
    ]);
    await connection.query("ROLLBACK");
    return count === 0;
  } catch (error) {
    if (!(error instanceof PostgresFault) || error.state === null) throw error;
    // Nothing can be written by now, perhaps. What was can still be read; what is not there may be on its way.
    const again = await link.get();
    await again.query("ROLLBACK");
    const { rows } = await again.query("SELECT 1 FROM parlour.commits WHERE token = $1", [token]);
    if (rows.length > 0) return true;
    throw error;
  }
}

const BEGIN =
  "BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = '15s'; SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '20s'";

/** Of lanes that are no more. Nobody asks about any so old. */
export async function sweepCommits(connection: Connection): Promise<void> {
  await connection.query(`DELETE FROM parlour.commits WHERE at < ${NOW} - 3600000`);
}
