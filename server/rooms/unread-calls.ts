import { limits } from "#shared/limits.ts";
import type { MyRoom } from "#shared/models.ts";
import type { Sql } from "../store/sql.ts";

// What called many and does so no more counts: whoever was away is told that it is gone.
export const CALLS = `(EXISTS (SELECT 1 FROM calls c WHERE c.room_id = r.id AND c.seq > m.read_seq)
  OR EXISTS (SELECT 1 FROM mentions c WHERE c.user_id = m.user_id AND c.room_id = r.id AND c.seq > m.read_seq))`;
// Those of threads that one follows lie before the room's cursor as well: they are read in the thread.
export const CALLS_IN_THREADS = `EXISTS (SELECT 1 FROM thread_followers f JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n
  WHERE f.user_id = m.user_id AND f.room_id = r.id AND f.following = 1
    AND (EXISTS (SELECT 1 FROM calls c WHERE c.thread = f.root_id AND c.seq > f.read_seq)
      OR EXISTS (SELECT 1 FROM mentions c WHERE c.user_id = f.user_id AND c.thread = f.root_id AND c.seq > f.read_seq)))`;

export type Called = NonNullable<MyRoom["called"]>;

/** Whether a call of many is one of this person, and by somebody else. */
const FOR_ME = `c.ended = 0 AND c.author <> b.user_id
  AND (c.target <= 0 OR EXISTS (SELECT 1 FROM group_members g WHERE g.group_id = c.target AND g.user_id = b.user_id))
  AND (b.kind = 'public' OR EXISTS (SELECT 1 FROM visible_ranges v WHERE v.room_id = c.room_id AND v.user_id = b.user_id
    AND v.from_seq <= c.seq AND (v.to_seq IS NULL OR v.to_seq >= c.seq)))`;
const IS_FOLLOWED = `EXISTS (SELECT 1 FROM thread_followers f
  WHERE f.root_id = c.thread AND f.user_id = b.user_id AND f.following = 1)`;
const NAMED = `c.user_id = b.user_id AND c.room_id = b.room_id AND c.seq > b.read_seq AND NOT ${IS_FOLLOWED}`;
const MANY = `c.room_id = b.room_id AND c.seq > b.read_seq AND NOT ${IS_FOLLOWED} AND ${FOR_ME}`;
const NAMED_IN_THREAD = "c.user_id = b.user_id AND c.thread = b.root_id AND c.seq > b.thread_seq";
const MANY_IN_THREAD = `c.thread = b.root_id AND c.seq > b.thread_seq AND ${FOR_ME}`;

/**
 * For all rows of members that are chosen at once. Each walk begins at a cursor; where it ends, with what is ever listed,
 * is looked up before (`_end`), since a limit would be one for all rooms together.
 */
const called = (order: "ASC" | "DESC", whose: string) => {
  const end = (table: string, where: string) =>
    `(SELECT c.seq FROM ${table} c WHERE ${where} ORDER BY c.seq ${order} LIMIT 1 OFFSET ${limits.calledCounted - 1})`;
  const walk = (from: string, table: string, where: string, last: string) =>
    `SELECT b.user_id, b.room_id, c.message_id, c.seq, c.thread FROM ${from} b JOIN ${table} c ON ${where}
      AND ${order === "ASC" ? `c.seq <= coalesce(b.${last}, ${Number.MAX_SAFE_INTEGER})` : `c.seq >= coalesce(b.${last}, 0)`}`;
  return `WITH chosen AS (SELECT m.user_id, m.room_id, m.read_seq, r.kind FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE ${whose} AND m.state = 'in' AND r.deleted_at IS NULL),
    rooms_from AS MATERIALIZED (SELECT b.*, ${end("mentions", NAMED)} AS named_end, ${end("calls", MANY)} AS many_end FROM chosen b),
    followed AS (SELECT b.*, f.root_id, f.read_seq AS thread_seq FROM chosen b
      JOIN thread_followers f ON f.user_id = b.user_id AND f.room_id = b.room_id AND f.following = 1
      JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n),
    threads_from AS MATERIALIZED (SELECT b.*, ${end("mentions", NAMED_IN_THREAD)} AS named_end, ${end("calls", MANY_IN_THREAD)} AS many_end
      FROM followed b)
    SELECT found.user_id, found.room_id, found.message_id AS id, found.seq, w.user_id AS by, found.thread FROM (
      SELECT walked.*, row_number() OVER (PARTITION BY walked.user_id, walked.room_id ORDER BY walked.seq ${order}) AS place FROM (
      ${walk("rooms_from", "mentions", NAMED, "named_end")} UNION ${walk("rooms_from", "calls", MANY, "many_end")}
      UNION ${walk("threads_from", "mentions", NAMED_IN_THREAD, "named_end")}
      UNION ${walk("threads_from", "calls", MANY_IN_THREAD, "many_end")}) AS walked) AS found
    JOIN messages w ON w.id = found.message_id WHERE found.place <= ${limits.calledCounted} ORDER BY found.seq ${order}`;
};

const CALLED_OF_PERSON = called("ASC", "m.user_id = ? AND m.room_id BETWEEN ? AND ?");
const CALLED_IN_ROOM = called(
  "ASC",
  "m.room_id = ? AND (? = 0 OR m.user_id IN (SELECT id FROM users WHERE guest = 1))",
);
const CALLED_LAST = called("DESC", "m.user_id = ? AND m.room_id BETWEEN ? AND ?");

interface CalledRow {
  user_id: number;
  room_id: number;
  id: number;
  seq: number;
  by: number;
  thread: number | null;
}

/** The first unread messages that call the person, by room; of `rows`, which come in the order of their ids. */
export async function calledOf(
  sql: Sql,
  userId: number,
  rows: readonly { id: number; calls: number }[],
): Promise<Map<number, Called>> {
  const calling = rows.filter((row) => row.calls > 0);
  const [first, last] = [calling[0], calling.at(-1)];
  if (!first || !last) return new Map();
  const found = await sql.all<CalledRow>(CALLED_OF_PERSON, userId, first.id, last.id);
  return listsBy(found, (row) => row.room_id);
}

/** The first unread messages of a room that call its members, or the guests among them, by member. */
export async function calledIn(
  sql: Sql,
  { roomId, whom }: { roomId: number; whom: "all" | "guests" },
  rows: readonly { calls: number }[],
): Promise<Map<number, Called>> {
  if (!rows.some((row) => row.calls > 0)) return new Map();
  return listsBy(await sql.all<CalledRow>(CALLED_IN_ROOM, roomId, whom === "guests" ? 1 : 0), (row) => row.user_id);
}

function listsBy(rows: readonly CalledRow[], key: (row: CalledRow) => number): Map<number, Called> {
  const lists = new Map<number, Called>();
  for (const row of rows) {
    const { id, seq, by, thread } = row;
    const list = lists.get(key(row)) ?? [];
    list.push({ id, seq, by, ...(thread === null ? {} : { thread }) });
    lists.set(key(row), list);
  }
  return lists;
}

const MOST_CALLING = 50;

/** The newest unread messages that call the person, in rooms that have a name. */
export async function unreadCalls(sql: Sql, userId: number): Promise<{ id: number; roomId: number }[]> {
  const rooms = await sql.all<{ id: number }>(
    `SELECT r.id FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL AND r.kind <> 'direct'
      WHERE m.user_id = ? AND m.state = 'in' AND ((r.seq > m.read_seq AND ${CALLS}) OR ${CALLS_IN_THREADS})
      ORDER BY r.id DESC LIMIT ${MOST_CALLING}`,
    userId,
  );
  const [newest, oldest] = [rooms[0], rooms.at(-1)];
  if (!newest || !oldest) return [];
  const calling = new Set(rooms.map(({ id }) => id));
  const rows = await sql.all<CalledRow>(CALLED_LAST, userId, oldest.id, newest.id);
  return [...listsBy(rows, (row) => row.room_id)]
    .filter(([roomId]) => calling.has(roomId))
    .flatMap(([roomId, list]) => list.map(({ id }) => ({ id, roomId })));
}
