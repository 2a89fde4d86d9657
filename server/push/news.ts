import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { keywordIn } from "#shared/mentions.ts";
import { whomToReach } from "../notify/whom-to-reach.ts";
import { roomFor } from "../rooms/standing.ts";
import { isIn, visible } from "../rooms/visible.ts";
import type { Sql } from "../store/sql.ts";

const DAY = 86_400_000;
/** Of what was said in a room meanwhile, this many are looked at, the newest: what is told is told once for all of them. */
const MOST_MESSAGES = 10;
/** And so many of what calls somebody, of the threads that these people follow, and of what holds their keywords. */
const MOST_APART = 50;
/** Words are looked for in so many messages, and so many of them. */
const MOST_READ = 100;
const MOST_KEYWORDS = 1_000;
const MOST_PEOPLE = 200;
/** The newest may be read or taken back before it is told: an older one then is told in its place. */
const MOST_EACH = 5;

/** A browser, and the newest messages of a room that it should tell of, the newest first. */
export interface Candidate {
  sessionId: string;
  userId: number;
  seqs: number[];
  service: string;
}

export interface Window {
  roomId: number;
  from: number;
  to: number;
}

/** Which browsers are to be told of what was said in a room between two places, both included: some people at a time. */
export async function browsersToTell(
  sql: Sql,
  args: Window & { after: number; now: number },
): Promise<{ candidates: Candidate[]; next: number | null }> {
  const rows = await sql.all<{ user_id: number }>(
    `SELECT b.user_id FROM members b WHERE b.room_id = ? AND b.state = 'in' AND b.user_id > ?
        AND b.user_id IN (SELECT user_id FROM push_subscriptions) ORDER BY b.user_id LIMIT ${MOST_PEOPLE}`,
    args.roomId,
    args.after,
  );
  if (rows.length === 0) return { candidates: [], next: null };
  const people = rows.map(({ user_id }) => user_id);
  const toTell = new Map(people.map((userId) => [userId, [] as number[]]));
  for (const { id, seq } of await messagesFor(sql, args, people)) {
    const among = people.filter((userId) => (toTell.get(userId)?.length ?? 0) < MOST_EACH);
    for (const { userId } of await whomToReach(sql, { messageId: id, among, now: args.now }))
      toTell.get(userId)?.push(seq);
  }
  const candidates: Candidate[] = [];
  for (const [userId, seqs] of toTell) {
    if (seqs.length > 0) candidates.push(...(await browsersOf(sql, userId, seqs, args.now)));
  }
  const next = people.length === MOST_PEOPLE ? (people.at(-1) ?? null) : null;
  return { candidates, next };
}

interface Said {
  id: number;
  seq: number;
}

/** The newest, and those that stand out of what was said after them, the newest first. */
async function messagesFor(sql: Sql, window: Window, people: readonly number[]): Promise<Said[]> {
  const { roomId, from, to } = window;
  const said = (what: string, most: number) =>
    `SELECT id, seq FROM messages WHERE room_id = ? AND seq >= ? AND seq <= ? AND deleted_at IS NULL ${what}
      ORDER BY seq DESC LIMIT ${most}`;
  const latest = await sql.all<Said>(said("", MOST_MESSAGES), roomId, from, to);
  if (latest.length < MOST_MESSAGES) return latest;
  const calling = await sql.all<Said>(said("AND mentions IS NOT NULL", MOST_APART), roomId, from, to);
  const followed = `AND thread IN (SELECT root_id FROM thread_followers WHERE following = 1 AND user_id IN (SELECT CAST(value AS bigint) FROM ${sql.listed}))`;
  const replies = await sql.all<Said>(said(followed, MOST_APART), roomId, from, to, JSON.stringify(people));
  const worded = await withKeywords(sql, window, people);
  const bySeq = new Map([...latest, ...calling, ...replies, ...worded].map((message) => [message.seq, message]));
  return [...bySeq.values()].sort((a, b) => b.seq - a.seq);
}

async function withKeywords(sql: Sql, { roomId, from, to }: Window, people: readonly number[]): Promise<Said[]> {
  const rows = await sql.all<{ keywords: string }>(
    `SELECT keywords FROM preferences WHERE keywords <> '[]' AND user_id IN (SELECT CAST(value AS bigint) FROM ${sql.listed}) ORDER BY user_id`,
    JSON.stringify(people),
  );
  const keywords = [...new Set(rows.flatMap((row) => JSON.parse(row.keywords) as string[]))].slice(0, MOST_KEYWORDS);
  if (keywords.length === 0) return [];
  const messages = await sql.all<Said & { content: string }>(
    `SELECT id, seq, content FROM messages WHERE room_id = ? AND seq >= ? AND seq <= ? AND deleted_at IS NULL
      ORDER BY seq DESC LIMIT ${MOST_READ}`,
    roomId,
    from,
    to,
  );
  return messages.filter(({ content }) => keywordIn(content, keywords) !== null).slice(0, MOST_APART);
}

async function browsersOf(sql: Sql, userId: number, seqs: number[], now: number): Promise<Candidate[]> {
  const rows = await sql.all<{ session_id: string; endpoint: string }>(
    `SELECT p.session_id, p.endpoint FROM push_subscriptions p JOIN sessions s ON s.id = p.session_id
      WHERE p.user_id = ? AND s.last_used_at > ? ORDER BY p.session_id`,
    userId,
    now - limits.sessionIdleDays * DAY,
  );
  return rows.map((row) => ({ sessionId: row.session_id, userId, seqs, service: new URL(row.endpoint).host }));
}

/** All that one push needs, as it is true at this moment. */
export interface News {
  seq: number;
  message: number;
  thread: number | null;
  endpoint: string;
  p256dh: string;
  auth: string;
  /** Null: it is a direct talk, which has no name. */
  room: string | null;
  /** As they are drawn: by the name that they chose to be shown by, if they did. */
  author: string;
  isCalled: boolean;
  /** Null: the words are not to be told. */
  words: string | null;
}

/**
 * What a browser is told of the newest of these messages that there still is something to tell of, asked again before each
 * try. Null: its session has ended, the person may not see them any more, has read them, or they are gone.
 */
export async function newsFor(
  sql: Sql,
  args: { sessionId: string; roomId: number; seqs: readonly number[]; now: number },
): Promise<News | null> {
  const to = await sql.get<Receiving>(
    `SELECT p.user_id, p.endpoint, p.p256dh, p.auth, p.words FROM push_subscriptions p
       JOIN sessions s ON s.id = p.session_id JOIN users u ON u.id = p.user_id
      WHERE p.session_id = ? AND s.last_used_at > ? AND u.deactivated_at IS NULL`,
    args.sessionId,
    args.now - limits.sessionIdleDays * DAY,
  );
  if (!to) return null;
  for (const seq of args.seqs) {
    const news = await newsOf(sql, to, { roomId: args.roomId, seq, now: args.now });
    if (news) return news;
  }
  return null;
}

interface Receiving {
  user_id: number;
  endpoint: string;
  p256dh: string;
  auth: string;
  words: number;
}

async function newsOf(
  sql: Sql,
  to: Receiving,
  args: { roomId: number; seq: number; now: number },
): Promise<News | null> {
  const message = await sql.get<{
    id: number;
    thread: number | null;
    author: string;
    content: string;
    read_seq: number;
  }>(
    `SELECT m.id, m.thread, CASE u.display_name WHEN '' THEN u.username ELSE u.display_name END AS author, m.content, CASE WHEN m.thread IS NULL THEN b.read_seq ELSE coalesce((SELECT f.read_seq FROM
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
    seq: args.seq,
    message: message.id,
    thread: message.thread,
    endpoint,
    p256dh,
    auth,
    room: room.kind === "direct" ? null : room.name,
    author: message.author,
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
