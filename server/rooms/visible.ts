import type { Actor, Sql } from "../store/sql.ts";
import type { Standpoint } from "./standing.ts";

/** Seqs that a person may read, both ends included, in order, not touching each other. */
export type Ranges = readonly { from: number; to: number }[];

const EVERYTHING: Ranges = [{ from: 1, to: Number.MAX_SAFE_INTEGER }];

/**
 * What of a room's log a person may read: all of a public room, and of a private one what was written while they were
 * in it. History, resume and search ask this and nothing else. Whether they may read at all was decided by `roomFor`.
 */
export async function visible(sql: Sql, actor: Actor, { room }: Standpoint): Promise<Ranges> {
  if (room.kind === "public") return EVERYTHING;
  return rangesOf(sql, room.id, actor.userId);
}

/** What of a room that is not public is open to this person, as it is kept. */
export async function rangesOf(sql: Sql, roomId: number, userId: number): Promise<Ranges> {
  const rows = await sql.all<{ from_seq: number; to_seq: number | null }>(
    "SELECT from_seq, to_seq FROM visible_ranges WHERE room_id = ? AND user_id = ? ORDER BY from_seq",
    roomId,
    userId,
  );
  return rows.map((row) => ({ from: row.from_seq, to: row.to_seq ?? Number.MAX_SAFE_INTEGER }));
}

export function isIn(ranges: Ranges, seq: number): boolean {
  return ranges.some((range) => range.from <= seq && seq <= range.to);
}

/** All that lies in any of them. */
export function joined(ranges: Ranges): Ranges {
  const all: { from: number; to: number }[] = [];
  for (const { from, to } of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last && from <= last.to + 1) last.to = Math.max(last.to, to);
    else all.push({ from, to });
  }
  return all;
}

/** The parts of `from … to` that lie in the ranges, and the holes between them, in order. */
export function cut(ranges: Ranges, from: number, to: number): { from: number; to: number; hidden: boolean }[] {
  const parts: { from: number; to: number; hidden: boolean }[] = [];
  let next = from;
  for (const range of ranges) {
    const start = Math.max(range.from, next);
    const end = Math.min(range.to, to);
    if (start > end) continue;
    if (start > next) parts.push({ from: next, to: start - 1, hidden: true });
    parts.push({ from: start, to: end, hidden: false });
    next = end + 1;
  }
  if (next <= to) parts.push({ from: next, to, hidden: true });
  return parts;
}
