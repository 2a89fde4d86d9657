import { listMentions } from "../notify/list-mentions.ts";
import { whomToReach } from "../notify/whom-to-reach.ts";
import type { Sql } from "../store/sql.ts";

/** What somebody has not read, by place. */
export interface Digest {
  readonly userId: number;
  /** As others see it, so as the person does. */
  readonly name: string;
  readonly email: string;
  readonly sentAt: number;
  readonly total: number;
  readonly talks: readonly Place[];
  readonly rooms: readonly Place[];
  /** Places that are not listed. */
  readonly more: number;
}

interface Place {
  readonly name: string;
  readonly count: number;
}

/** So long something has to lie unread. */
export const AWAY_FOR = 30 * 60_000;
const MOST_MESSAGES = 100;
const MOST_PLACES = 20;
const SHOWN = "CASE u.display_name WHEN '' THEN u.username ELSE u.display_name END";

/**
 * What is new for somebody since their last letter, asked when it is to be sent. Null: nothing has lain unread for long,
 * or they are not to be written to any more.
 */
export async function digestFor(sql: Sql, args: { userId: number; now: number }): Promise<Digest | null> {
  const { userId, now } = args;
  const to = await sql.get<{ name: string; email: string; told_until: number; sent_at: number }>(
    `SELECT ${SHOWN} AS name, u.email, d.told_until, d.sent_at FROM mail_digests d JOIN users u ON u.id = d.user_id
      WHERE d.user_id = ? AND u.email IS NOT NULL AND u.email_confirmed = 1 AND u.deactivated_at IS NULL`,
    userId,
  );
  if (!to) return null;
  const unread = await unreadOf(sql, userId, to.told_until);
  if (!unread.some(({ at }) => at <= now - AWAY_FOR)) return null;
  const counts = new Map<number, { kind: string; count: number }>();
  let total = 0;
  for (const { id, roomId, kind } of unread) {
    if ((await whomToReach(sql, { messageId: id, among: [userId], now })).length === 0) continue;
    counts.set(roomId, { kind, count: (counts.get(roomId)?.count ?? 0) + 1 });
    total += 1;
  }
  if (total === 0) return null;
  const listed = [...counts].slice(0, MOST_PLACES);
  const talks: Place[] = [];
  const rooms: Place[] = [];
  for (const [roomId, { kind, count }] of listed) {
    if (kind === "direct") talks.push({ name: await peopleIn(sql, roomId, userId), count });
    else rooms.push({ name: await nameOf(sql, roomId), count });
  }
  const { name, email, sent_at: sentAt } = to;
  return { userId, name, email, sentAt, total, talks, rooms, more: counts.size - listed.length };
}

// A reply is read in its thread by those who follow it, and with the room by the others.
const READ_SEQ = `CASE WHEN m.thread IS NULL THEN b.read_seq ELSE coalesce((SELECT f.read_seq FROM thread_followers f
    WHERE f.root_id = m.thread AND f.user_id = b.user_id AND f.following = 1), b.read_seq) END`;

interface Unread {
  id: number;
  roomId: number;
  kind: string;
  at: number;
}

/** The newest direct messages and calls, those once that are both. */
async function unreadOf(sql: Sql, userId: number, since: number): Promise<Unread[]> {
  const direct = await sql.all<{ id: number; room_id: number; created_at: number }>(
    `SELECT m.id, m.room_id, m.created_at FROM members b JOIN rooms r ON r.id = b.room_id AND r.kind = 'direct'
       JOIN messages m ON m.room_id = r.id AND m.seq > ${READ_SEQ}
      WHERE b.user_id = ? AND b.state = 'in' AND r.deleted_at IS NULL AND m.user_id <> b.user_id
        AND m.deleted_at IS NULL AND m.created_at > ? ORDER BY m.id DESC LIMIT ${MOST_MESSAGES}`,
    userId,
    since,
  );
  const found = new Map<number, Unread>();
  for (const { id, room_id, created_at } of direct)
    found.set(id, { id, roomId: room_id, kind: "direct", at: created_at });
  const { items } = await listMentions(sql, { userId }, { before: null, limit: MOST_MESSAGES });
  for (const { id, room_id, timestamp } of items) {
    const at = Date.parse(timestamp);
    if (at <= since || found.has(id)) continue;
    const place = await sql.get<{ kind: string }>(
      `SELECT r.kind FROM messages m JOIN rooms r ON r.id = m.room_id
         JOIN members b ON b.room_id = r.id AND b.user_id = ? WHERE m.id = ? AND m.seq > ${READ_SEQ}`,
      userId,
      id,
    );
    if (place) found.set(id, { id, roomId: room_id, kind: place.kind, at });
  }
  return [...found.values()].sort((a, b) => b.id - a.id);
}

async function nameOf(sql: Sql, roomId: number): Promise<string> {
  return (await sql.get<{ name: string }>("SELECT name FROM rooms WHERE id = ?", roomId))?.name ?? "";
}

async function peopleIn(sql: Sql, roomId: number, userId: number): Promise<string> {
  const others = await sql.all<{ name: string }>(
    `SELECT ${SHOWN} AS name FROM members b JOIN users u ON u.id = b.user_id
      WHERE b.room_id = ? AND b.user_id <> ? AND b.state = 'in' ORDER BY u.id LIMIT 3`,
    roomId,
    userId,
  );
  return others.map(({ name }) => name).join(", ");
}
