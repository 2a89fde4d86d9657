import { limits } from "#shared/limits.ts";
import type { Level, RoomKind } from "#shared/models.ts";
import { type Call, decide, type Reason } from "#shared/notify.ts";
import { MESSAGE, type MessageRow, mentionsIn } from "../messages/present.ts";
import type { Sql } from "../store/sql.ts";
import { type PreferencesRow, presentPreferences } from "./preferences.ts";

export interface ToReach {
  readonly userId: number;
  readonly reason: Reason;
  readonly call: Call | null;
  /** Whether the person wants the words of messages said there. */
  readonly words: boolean;
}

/**
 * Who of these people is to be told of a message outside of their open sockets: a push, an e-mail. Asked at the time of
 * telling, so that whoever was removed, muted the room or whose message was taken back since is told nothing. `among` are
 * those who can be reached at all: the first 500 of them are considered.
 */
export async function whomToReach(
  sql: Sql,
  args: { messageId: number; among: readonly number[]; now: number },
): Promise<ToReach[]> {
  const message = await sql.get<MessageRow & { kind: RoomKind }>(
    `SELECT ${MESSAGE}, r.kind FROM messages m JOIN users u ON u.id = m.user_id JOIN rooms r ON r.id = m.room_id
      WHERE m.id = ? AND r.deleted_at IS NULL`,
    args.messageId,
  );
  if (!message) return [];
  const facts = {
    author: message.user_id,
    isDeleted: message.deleted_at !== null,
    content: message.content,
    mentions: mentionsIn(message),
  };
  const reached: ToReach[] = [];
  const blockers = new Set(await blockersOf(sql, message.user_id, args.among.slice(0, limits.reachedAtOnce)));
  for (const row of await members(sql, message, args.among.slice(0, limits.reachedAtOnce))) {
    const groups = row.group_ids === null ? [] : row.group_ids.split(",").map(Number);
    const preferences = presentPreferences(row.rooms === null ? null : (row as PreferencesRow), groups);
    const person = { id: row.user_id, preferences };
    const room = { kind: message.kind, level: row.notify };
    const where = message.thread === null ? "none" : row.follows === null ? "other" : { level: row.thread_level };
    const isBlocked = blockers.has(row.user_id);
    const place = { isMember: true, sees: row.sees === 1, isConnected: false, isBlocked, thread: where } as const;
    const { notify, reason, call } = decide(facts, person, room, place, args.now);
    if (notify) reached.push({ userId: row.user_id, reason, call, words: preferences.words });
  }
  return reached;
}

/** Nobody is called away from what they do by somebody whom they block. */
async function blockersOf(sql: Sql, author: number, among: readonly number[]): Promise<number[]> {
  if (among.length === 0) return [];
  const rows = await sql.all<{ user_id: number }>(
    `SELECT user_id FROM blocks WHERE blocked_id = ? AND blocked_at IS NOT NULL
      AND user_id IN (SELECT CAST(value AS bigint) FROM ${sql.listed}) ORDER BY user_id`,
    author,
    JSON.stringify(among),
  );
  return rows.map((row) => row.user_id);
}

type MemberRow = { [Key in keyof PreferencesRow]: PreferencesRow[Key] | null } & {
  user_id: number;
  notify: Level | null;
  sees: number;
  follows: number | null;
  thread_level: Level | null;
  group_ids: string | null;
};

async function members(
  sql: Sql,
  { room_id, seq, thread }: { room_id: number; seq: number; thread: number | null },
  among: readonly number[],
): Promise<MemberRow[]> {
  if (among.length === 0) return [];
  return sql.all<MemberRow>(
    `SELECT b.user_id, b.notify, p.rooms, p.keywords, p.words, p.paused_until, p.quiet,
       CASE WHEN r.kind = 'public' OR EXISTS (SELECT 1 FROM visible_ranges v
         WHERE v.room_id = b.room_id AND v.user_id = b.user_id AND v.from_seq <= ? AND (v.to_seq IS NULL OR v.to_seq >= ?))
         THEN 1 ELSE 0 END AS sees,
       f.following AS follows, f.notify AS thread_level,
       (SELECT string_agg(CAST(g.group_id AS text), ',') FROM group_members g WHERE g.user_id = b.user_id) AS group_ids
      FROM members b JOIN rooms r ON r.id = b.room_id JOIN users u ON u.id = b.user_id
      LEFT JOIN preferences p ON p.user_id = b.user_id
      LEFT JOIN thread_followers f ON f.root_id = ? AND f.user_id = b.user_id AND f.following = 1
      WHERE b.room_id = ? AND b.state = 'in' AND u.deactivated_at IS NULL
        AND b.user_id IN (SELECT CAST(value AS bigint) FROM ${sql.listed}) ORDER BY b.user_id`,
    seq,
    seq,
    thread ?? 0,
    room_id,
    JSON.stringify(among),
  );
}
