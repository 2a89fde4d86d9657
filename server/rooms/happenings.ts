import { limits } from "#shared/limits.ts";
import type { ActiveUser, Deed, Happened, Happening } from "#shared/models.ts";
import type { Sql, Tx } from "../store/sql.ts";
import { isIn, type Ranges } from "./visible.ts";

/** A deed as it is kept: people by their ids, since names change. */
export type KeptDeed = KeptOf<Deed>;
type KeptOf<Each> = Each extends { people: ActiveUser[] } ? Omit<Each, "people"> & { people: number[] } : Each;

interface Row {
  seq: number;
  by_user: number;
  at: number;
  /** JSON of a `KeptDeed`. */
  deed: string;
}

export async function keepHappening(
  tx: Tx,
  at: { roomId: number; seq: number },
  by: number,
  deed: KeptDeed,
): Promise<void> {
  await tx.run(
    "INSERT INTO happenings (room_id, seq, by_user, at, deed) VALUES (?, ?, ?, ?, ?)",
    at.roomId,
    at.seq,
    by,
    tx.now,
    JSON.stringify(deed),
  );
}

/** What the events of `from … to` show of themselves, by seq. */
export async function happenedBetween(
  sql: Sql,
  roomId: number,
  from: number,
  to: number,
): Promise<ReadonlyMap<number, Happened>> {
  const happenings = await present(sql, await sql.all<Row>(NEWEST, roomId, from, to, to - from + 1));
  return new Map(happenings.map(({ seq, by, deed }) => [seq, { by, deed }]));
}

/** A part of a room's log, with the seqs of the messages in it, oldest first. */
export interface Stretch {
  roomId: number;
  from: number;
  to: number;
  messages: readonly number[];
}

/**
 * What happened in a stretch and lies in the ranges, oldest first, of that between two messages the newest. Where much
 * more happened than is kept, the rest is not read but stepped over.
 */
export async function happeningsIn(sql: Sql, stretch: Stretch, ranges: Ranges): Promise<Happening[]> {
  const { roomId, from, messages } = stretch;
  const kept: Row[] = [];
  let start = Number.POSITIVE_INFINITY;
  let named = 0;
  for (let upTo = stretch.to; upTo >= from; ) {
    const range = ranges.findLast((candidate) => candidate.from <= upTo);
    if (!range) break;
    const rows = await sql.all<Row>(NEWEST, roomId, from, Math.min(range.to, upTo), AT_ONCE);
    for (const row of rows) {
      if (row.seq < start) {
        start = messages.findLast((seq) => seq < row.seq) ?? from - 1;
        named = 0;
      }
      if (named > limits.namedBetween || !isIn(ranges, row.seq)) continue;
      const isFirst = named === 0;
      named += countIn(JSON.parse(row.deed) as KeptDeed);
      if (isFirst || named <= limits.namedBetween) kept.push(row);
    }
    const last = rows.at(-1);
    if (!last || rows.length < AT_ONCE) break;
    upTo = named > limits.namedBetween ? start : last.seq - 1;
  }
  return present(sql, kept);
}

const AT_ONCE = 100;
const NEWEST = `SELECT seq, by_user, at, deed FROM happenings
  WHERE room_id = ? AND seq BETWEEN ? AND ? ORDER BY seq DESC LIMIT ?`;

function countIn(deed: KeptDeed): number {
  return "people" in deed ? deed.people.length : 1;
}

/** Rows, the newest first, as they are shown, the oldest first. */
async function present(sql: Sql, rows: readonly Row[]): Promise<Happening[]> {
  if (rows.length === 0) return [];
  const parsed = rows.map(({ deed, ...row }) => ({ ...row, deed: JSON.parse(deed) as KeptDeed }));
  const ids = parsed.flatMap(({ by_user, deed }) => ("people" in deed ? [by_user, ...deed.people] : [by_user]));
  const names = await namesOf(sql, [...new Set(ids)]);
  const named = (id: number): ActiveUser => ({ id, username: names.get(id) ?? "" });
  return parsed.reverse().map(({ seq, at, by_user, deed }) => ({
    by: named(by_user),
    deed: "people" in deed ? { ...deed, people: deed.people.map(named) } : deed,
    seq,
    timestamp: new Date(at).toISOString(),
  }));
}

async function namesOf(sql: Sql, ids: readonly number[]): Promise<Map<number, string>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.all<ActiveUser>(
    `SELECT id, username FROM users WHERE id IN (SELECT CAST(value AS bigint) FROM ${sql.listed})`,
    JSON.stringify(ids),
  );
  return new Map(rows.map(({ id, username }) => [id, username]));
}
