import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { isIn } from "../messages/read-page.ts";
import { whomToReach } from "../notify/whom-to-reach.ts";
import { roomFor } from "../rooms/standing.ts";
import { visible } from "../rooms/visible.ts";
import type { Sql } from "../store/sql.ts";

const DAY = 86_400_000;
/** Of what was said in a room meanwhile, this many are looked at, the newest: what is told is told once for all of them. */
const MOST_MESSAGES = 10;
/** And of what calls somebody so many: a call stands out of what was said after it. */
const MOST_CALLS = 50;
const MOST_PEOPLE = 200;

/** A browser, and the newest message of a room that it should tell of. */
export interface Candidate {
  sessionId: string;
  userId: number;
  seq: number;
  service: string;
}

/** Which browsers are to be told of what was said in a room between two places, both included: some people at a time. */
export async function browsersToTell(
  sql: Sql,
  args: { roomId: number; from: number; to: number; after: number; now: number },
): Promise<{ candidates: Candidate[]; next: number | null }> {
  const people = await sql.all<{ user_id: number }>(
    `SELECT b.user_id FROM members b WHERE b.room_id = ? AND b.state = 'in' AND b.user_id > ?
        AND b.user_id IN (SELECT user_id FROM push_subscriptions) ORDER BY b.user_id LIMIT ${MOST_PEOPLE}`,
    args.roomId,
    args.after,
  );
  if (people.length === 0) return { candidates: [], next: null };
  const messages = await newestOf(sql, args);
  const newest = new Map<number, number>();
  for (const { id, seq } of messages) {
    const among = people.map(({ user_id }) => user_id).filter((userId) => !newest.has(userId));
    for (const { userId } of await whomToReach(sql, { messageId: id, among, now: args.now })) newest.set(userId, seq);
  }
  const candidates: Candidate[] = [];
  for (const [userId, seq] of newest) candidates.push(...(await browsersOf(sql, userId, seq, args.now)));
  const next = people.length === MOST_PEOPLE ? (people.at(-1)?.user_id ?? null) : null;
  return { candidates, next };
}

async function newestOf(
  sql: Sql,
  { roomId, from, to }: { roomId: number; from: number; to: number },
): Promise<{ id: number; seq: number }[]> {
  const said = "SELECT id, seq FROM messages WHERE room_id = ? AND seq >= ? AND seq <= ? AND deleted_at IS NULL";
  const latest = await sql.all<{ id: number; seq: number }>(
    `${said} ORDER BY seq DESC LIMIT ${MOST_MESSAGES}`,
    roomId,
    from,
    to,
  );
  const calling = await sql.all<{ id: number; seq: number }>(
    `${said} AND mentions IS NOT NULL ORDER BY seq DESC LIMIT ${MOST_CALLS}`,
    roomId,
    from,
    to,
  );
  const bySeq = new Map([...latest, ...calling].map((message) => [message.seq, message]));
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq);
}

async function browsersOf(sql: Sql, userId: number, seq: number, now: number): Promise<Candidate[]> {
  const rows = await sql.all<{ session_id: string; endpoint: string }>(
    `SELECT p.session_id, p.endpoint FROM push_subscriptions p JOIN sessions s ON s.id = p.session_id
      WHERE p.user_id = ? AND s.last_used_at > ? ORDER BY p.session_id`,
    userId,
    now - limits.sessionIdleDays * DAY,
  );
  return rows.map((row) => ({ sessionId: row.session_id, userId, seq, service: new URL(row.endpoint).host }));
}

/** All that one push needs, as it is true at this moment. */
export interface News {
  endpoint: string;
  p256dh: string;
  auth: string;
  /** Null: it is a direct talk, which has no name. */
  room: string | null;
  author: string;
  isCalled: boolean;
  /** Null: the words are not to be told. */
  words: string | null;
}

/**
 * What a browser is told of a message, asked again before each try. Null: its session has ended, the person may not see
 * the message any more, has read it, or it is gone.
 */
export async function newsFor(
  sql: Sql,
  args: { sessionId: string; roomId: number; seq: number; now: number },
): Promise<News | null> {
  const to = await sql.get<{ user_id: number; endpoint: string; p256dh: string; auth: string; words: number }>(
    `SELECT p.user_id, p.endpoint, p.p256dh, p.auth, p.words FROM push_subscriptions p
       JOIN sessions s ON s.id = p.session_id JOIN users u ON u.id = p.user_id
      WHERE p.session_id = ? AND s.last_used_at > ? AND u.deactivated_at IS NULL`,
    args.sessionId,
    args.now - limits.sessionIdleDays * DAY,
  );
  if (!to) return null;
  const message = await sql.get<{ id: number; username: string; content: string; read_seq: number }>(
    `SELECT m.id, u.username, m.content, CASE WHEN m.thread IS NULL THEN b.read_seq ELSE coalesce((SELECT f.read_seq FROM
         thread_followers f WHERE f.root_id = m.thread AND f.user_id = b.user_id AND f.following = 1), b.read_seq) END AS read_seq
       FROM messages m JOIN users u ON u.id = m.user_id
       JOIN members b ON b.room_id = m.room_id AND b.user_id = ? AND b.state = 'in'
      WHERE m.room_id = ? AND m.seq = ? AND m.deleted_at IS NULL`,
    to.user_id,
    args.roomId,
    args.seq,
  );
  if (!message || message.read_seq >= args.seq) return null;
  const room = await roomWith(sql, to.user_id, args);
  if (!room) return null;
  const [reached] = await whomToReach(sql, { messageId: message.id, among: [to.user_id], now: args.now });
  if (!reached) return null;
  const { endpoint, p256dh, auth } = to;
  return {
    endpoint,
    p256dh,
    auth,
    room: room.kind === "direct" ? null : room.name,
    author: message.username,
    isCalled: reached.call !== null,
    words: to.words === 1 && reached.words ? message.content : null,
  };
}

/** Null: the person may not read this place of it. */
async function roomWith(sql: Sql, userId: number, { roomId, seq }: { roomId: number; seq: number }) {
  try {
    const standpoint = await roomFor(sql, { userId }, roomId, "read");
    return isIn(await visible(sql, { userId }, standpoint), seq) ? standpoint.room : null;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
