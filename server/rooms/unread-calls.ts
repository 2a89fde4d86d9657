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
  AND (r.kind = 'public' OR EXISTS (SELECT 1 FROM visible_ranges v WHERE v.room_id = c.room_id AND v.user_id = b.user_id
    AND v.from_seq <= c.seq AND (v.to_seq IS NULL OR v.to_seq >= c.seq)))`;
const IS_FOLLOWED = `EXISTS (SELECT 1 FROM thread_followers f
  WHERE f.root_id = c.thread AND f.user_id = b.user_id AND f.following = 1)`;
const UNREAD_THREAD = `JOIN thread_followers f ON f.user_id = b.user_id AND f.room_id = b.room_id AND f.following = 1
  JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n`;
/** Each of the four walks begins at a cursor and ends at what is ever listed. */
const called = (
  order: "ASC" | "DESC",
) => `WITH b AS (SELECT user_id, room_id, read_seq FROM members WHERE user_id = ? AND room_id = ?),
  named AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN mentions c ON c.user_id = b.user_id AND c.room_id = b.room_id
     AND c.seq > b.read_seq WHERE NOT ${IS_FOLLOWED} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  named_in_thread AS (SELECT c.message_id, c.seq, c.thread FROM b ${UNREAD_THREAD}
     JOIN mentions c ON c.user_id = f.user_id AND c.thread = f.root_id AND c.seq > f.read_seq ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  many AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN rooms r ON r.id = b.room_id
     JOIN calls c ON c.room_id = b.room_id AND c.seq > b.read_seq WHERE NOT ${IS_FOLLOWED} AND ${FOR_ME} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  many_in_thread AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN rooms r ON r.id = b.room_id ${UNREAD_THREAD}
     JOIN calls c ON c.thread = f.root_id AND c.seq > f.read_seq WHERE ${FOR_ME} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted})
  SELECT found.message_id AS id, found.seq, w.user_id AS by, found.thread FROM (SELECT * FROM named UNION SELECT * FROM many
     UNION SELECT * FROM named_in_thread UNION SELECT * FROM many_in_thread) AS found
   JOIN messages w ON w.id = found.message_id ORDER BY found.seq ${order} LIMIT ${limits.calledCounted}`;

const CALLED = called("ASC");
const CALLED_LAST = called("DESC");

/** The first unread messages of a room that call the person. */
export async function calledFrom(sql: Sql, userId: number, row: { id: number; calls: number }): Promise<Called> {
  if (row.calls === 0) return [];
  const rows = await sql.all<{ id: number; seq: number; by: number; thread: number | null }>(CALLED, userId, row.id);
  return rows.map(({ thread, ...called }) => (thread === null ? called : { ...called, thread }));
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
  const found: { id: number; roomId: number }[] = [];
  for (const { id: roomId } of rooms) {
    const rows = await sql.all<{ id: number }>(CALLED_LAST, userId, roomId);
    found.push(...rows.map(({ id }) => ({ id, roomId })));
  }
  return found;
}
