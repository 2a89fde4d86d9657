import { limits } from "#shared/limits.ts";
import type { Tx } from "./sql.ts";

/** The next version of the house's stream. Whoever takes it writes it into the row that changed. */
export async function nextHouseVersion(tx: Tx): Promise<number> {
  const row = await tx.get<{ version: number }>(
    "UPDATE house SET version = version + 1 WHERE one = 1 RETURNING version",
  );
  if (!row) throw new Error("The house has no row.");
  return row.version;
}

/** The next version of one person's stream. */
export async function nextPersonVersion(tx: Tx, userId: number): Promise<number> {
  const row = await tx.get<{ me_version: number }>(
    "UPDATE users SET me_version = me_version + 1 WHERE id = ? RETURNING me_version",
    userId,
  );
  if (!row) throw new Error("A stream was asked for that nobody has.");
  return row.me_version;
}

/** One chunk of a stream, and the row from which the next one goes on; null: this was the last. */
export interface StreamChunk<Frame> {
  frame: Frame;
  next: number | null;
}

/** Null: there were fewer rows than a chunk takes. */
export function nextFrom(rows: readonly { id: number }[]): number | null {
  return rows.length < limits.streamChunk ? null : (rows.at(-1)?.id ?? null);
}
