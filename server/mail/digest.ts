import { whomToReach } from "../notify/whom-to-reach.ts";
import { unreadCalls } from "../rooms/unread-calls.ts";
import type { Sql } from "../store/sql.ts";

/** What somebody has not read, by place. */
export interface Digest {
  readonly userId: number;
  /** As others see it, so as the person does. */
  readonly name: string;
  readonly email: string;
  readonly sentAt: number;
  /** When the newest was written that was looked at: what is committed from here on is told by the next letter. */
  readonly until: number;
  /** The messages that it tells of. */
  readonly messages: readonly { readonly roomId: number; readonly seqs: readonly number[] }[];
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
const MOST_TALKS = 50;
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
  const counts = new Map<number, { kind: Unread["kind"]; seqs: number[] }>();
  let total = 0;
  for (const { id, roomId, kind, seq } of unread) {
    if ((await whomToReach(sql, { messageId: id, among: [userId], now })).length === 0) continue;
    counts.set(roomId, { kind, seqs: [...(counts.get(roomId)?.seqs ?? []), seq] });
    total += 1;
  }
  if (total === 0) return null;
  const listed = [...counts].slice(0, MOST_PLACES);
  const talks: Place[] = [];
  const rooms: Place[] = [];
  for (const [roomId, { kind, seqs }] of listed) {
    const count = seqs.length;
    if (kind === "direct") talks.push({ name: await peopleIn(sql, roomId, userId), count });
    else rooms.push({ name: await nameOf(sql, roomId), count });
  }
  const { name, email, sent_at: sentAt } = to;
  const until = Math.max(...unread.map(({ at }) => at));
  const messages = [...counts].map(([roomId, { seqs }]) => ({ roomId, seqs }));
  return { userId, name, email, sentAt, until, messages, total, talks, rooms, more: counts.size - listed.length };
}

interface Unread {
  id: number;
  seq: number;
  roomId: number;
  kind: "direct" | "named";
  at: number;
}

/** The newest direct messages and calls since then. Rooms in which nothing is unread cost no look at their messages. */
async function unreadOf(sql: Sql, userId: number, since: number): Promise<Unread[]> {
  const found: Unread[] = [];
  for (const { where, id, cursor, roomId } of await unreadTalks(sql, userId)) {
    const rows = await sql.all<{ id: number; seq: number; created_at: number }>(
      `SELECT id, seq, created_at FROM (SELECT m.id, m.seq, m.created_at, m.user_id, m.deleted_at FROM messages m
         WHERE ${where} AND m.seq > ? ORDER BY m.seq DESC LIMIT ${MOST_MESSAGES}) AS newest
        WHERE created_at > ? AND user_id <> ? AND deleted_at IS NULL`,
      ...(where === IN_TALK ? [id, userId] : [id]),
      cursor,
      since,
      userId,
    );
    found.push(
      ...rows.map((row) => ({ id: row.id, seq: row.seq, roomId, kind: "direct" as const, at: row.created_at })),
    );
  }
  for (const { id, roomId } of await unreadCalls(sql, userId)) {
    const row = await sql.get<{ seq: number; created_at: number }>(
      "SELECT seq, created_at FROM messages WHERE id = ?",
      id,
    );
    if (row && row.created_at > since) found.push({ id, seq: row.seq, roomId, kind: "named", at: row.created_at });
  }
  return found.sort((a, b) => b.id - a.id).slice(0, MOST_MESSAGES);
}

interface UnreadTalk {
  where: typeof IN_TALK | typeof IN_THREAD;
  id: number;
  cursor: number;
  roomId: number;
}

// A reply is read in its thread by those who follow it, and with the room by the others.
const IN_TALK = `m.room_id = ? AND NOT EXISTS (SELECT 1 FROM thread_followers f
  WHERE f.root_id = m.thread AND f.user_id = ? AND f.following = 1)`;
const IN_THREAD = "m.thread = ?";

/** Direct talks, and threads in them that the person follows, in which something came after their cursor. */
async function unreadTalks(sql: Sql, userId: number): Promise<UnreadTalk[]> {
  const talks = await sql.all<{ id: number; cursor: number }>(
    `SELECT r.id, b.read_seq AS cursor FROM members b JOIN rooms r ON r.id = b.room_id AND r.kind = 'direct'
      WHERE b.user_id = ? AND b.state = 'in' AND r.deleted_at IS NULL AND r.seq > b.read_seq
      ORDER BY r.id DESC LIMIT ${MOST_TALKS}`,
    userId,
  );
  const threads = await sql.all<{ id: number; cursor: number; roomId: number }>(
    `SELECT f.root_id AS id, f.read_seq AS cursor, r.id AS "roomId" FROM thread_followers f
       JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n
       JOIN rooms r ON r.id = f.room_id AND r.kind = 'direct' AND r.deleted_at IS NULL
      WHERE f.user_id = ? AND f.following = 1 ORDER BY f.root_id DESC LIMIT ${MOST_TALKS}`,
    userId,
  );
  return [
    ...talks.map((talk) => ({ ...talk, where: IN_TALK, roomId: talk.id }) as const),
    ...threads.map((thread) => ({ ...thread, where: IN_THREAD }) as const),
  ];
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
