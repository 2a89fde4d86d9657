import type { HowTold } from "#shared/contract/notify.ts";
import type { Sql, Tx } from "../store/sql.ts";

/** Of each person so much is kept, the newest. */
const KEPT = 200;

export interface Told {
  userId: number;
  roomId: number;
  seqs: readonly number[];
  how: HowTold;
}

/** Keeps what became of telling people outside of their open pages, so that they can ask. */
export async function noteTold(tx: Tx, args: { told: readonly Told[] }): Promise<null> {
  for (const { userId, roomId, seqs, how } of args.told) {
    for (const seq of seqs) {
      await tx.run("INSERT INTO told VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", userId, roomId, seq, how, tx.now);
    }
  }
  for (const userId of new Set(args.told.map((each) => each.userId))) {
    await tx.run(
      `DELETE FROM told WHERE user_id = ? AND at < (SELECT at FROM told WHERE user_id = ? ORDER BY at DESC LIMIT 1 OFFSET ${KEPT})`,
      userId,
      userId,
    );
  }
  return null;
}

/** What became of a message; `with_newer`: a newer one of the room was pushed in its place. */
export async function toldOf(
  sql: Sql,
  { userId, roomId, seq, until }: { userId: number; roomId: number; seq: number; until: number },
): Promise<{ how: HowTold | "with_newer"; at: number }[]> {
  const rows = await sql.all<{ how: HowTold; at: number }>(
    "SELECT how, at FROM told WHERE user_id = ? AND room_id = ? AND seq = ? ORDER BY at, how",
    userId,
    roomId,
    seq,
  );
  if (rows.some(({ how }) => how !== "letter")) return rows;
  const newer = await sql.get<{ at: number }>(
    "SELECT at FROM told WHERE user_id = ? AND room_id = ? AND seq > ? AND how = 'pushed' AND at <= ? ORDER BY seq LIMIT 1",
    userId,
    roomId,
    seq,
    until,
  );
  return newer ? [{ how: "with_newer" as const, at: newer.at }, ...rows] : rows;
}
