import type { FollowedThread, FollowedThreads } from "#shared/contract/threads.ts";
import { limits } from "#shared/limits.ts";
import type { Level, MyThread } from "#shared/models.ts";
import type { Followed } from "#shared/notify.ts";
import { MESSAGE, type MessageRow, presentMessage } from "../messages/present.ts";
import { roomFor } from "../rooms/standing.ts";
import { isIn, visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";

interface MyThreadRow {
  root_id: number;
  room_id: number;
  following: number;
  n: number;
  read_seq: number;
  read_n: number;
  mine: number;
  counted_seq: number;
  notify: Level | null;
  version: number;
}

const MINE = `(SELECT count(*) FROM (SELECT user_id, deleted_at FROM messages WHERE thread = f.root_id AND seq > f.read_seq
     ORDER BY seq LIMIT ${limits.unreadCounted}) AS later WHERE later.user_id = f.user_id OR later.deleted_at IS NOT NULL)`;
const MY_THREAD = `f.root_id, f.room_id, f.following, coalesce(root.replies, 0) AS n, f.read_seq, f.read_n, ${MINE} AS mine,
  r.seq AS counted_seq, f.notify, f.version`;
/** A thread of a room that is gone is told by the room. */
const FROM = `FROM thread_followers f JOIN messages root ON root.id = f.root_id
  JOIN rooms r ON r.id = f.room_id AND r.deleted_at IS NULL`;

export async function myThread(sql: Sql, userId: number, rootId: number): Promise<MyThread | null> {
  const row = await sql.get<MyThreadRow>(
    `SELECT ${MY_THREAD} ${FROM} WHERE f.root_id = ? AND f.user_id = ?`,
    rootId,
    userId,
  );
  return row && present(row);
}

/**
 * What changed in the threads that a person follows after a version, and those with something behind the cursor: a reply
 * moves no version of those who follow.
 */
export async function myThreadsSince(sql: Sql, userId: number, since: number): Promise<MyThread[]> {
  const rows = await sql.all<MyThreadRow>(
    `SELECT ${MY_THREAD} ${FROM} WHERE f.user_id = ? AND (f.following = 1 OR ? > 0)
        AND (f.version > ? OR (f.following = 1 AND root.replies > f.read_n)) ORDER BY f.root_id`,
    userId,
    since,
    since,
  );
  return rows.map(present);
}

/** How the person has the thread; "other": they do not follow it. */
export async function followOf(sql: Sql, actor: Actor, rootId: number): Promise<Followed | "other"> {
  const row = await sql.get<Followed>(
    "SELECT notify AS level FROM thread_followers WHERE root_id = ? AND user_id = ? AND following = 1",
    rootId,
    actor.userId,
  );
  return row ?? "other";
}

/** All threads that a person follows, by what they hang on and in which room. */
export function followedBy(sql: Sql, actor: Actor): Promise<{ root_id: number; room_id: number }[]> {
  return sql.all(
    "SELECT root_id, room_id FROM thread_followers WHERE user_id = ? AND following = 1 ORDER BY root_id",
    actor.userId,
  );
}

/** The threads that one follows, the one with the newest activity first. `before` is the `next` of the page before. */
export async function listThreads(
  sql: Sql,
  actor: Actor,
  args: { before: number; limit: number },
): Promise<FollowedThreads> {
  const rows = await sql.all<MyThreadRow & { last: number }>(
    `SELECT ${MY_THREAD}, coalesce(root.last_reply, root.id) AS last ${FROM}
      WHERE f.user_id = ? AND f.following = 1 AND coalesce(root.last_reply, root.id) < ?
      ORDER BY coalesce(root.last_reply, root.id) DESC LIMIT ?`,
    actor.userId,
    args.before,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const items: FollowedThread[] = [];
  for (const row of kept) {
    const standpoint = await roomFor(sql, actor, row.room_id, "read");
    const ranges = await visible(sql, actor, standpoint);
    const root = await messageOf(sql, row.root_id);
    const last = row.last === row.root_id ? null : await messageOf(sql, row.last);
    if (!isIn(ranges, root.seq)) continue;
    items.push({
      thread: present(row),
      root: presentMessage(root),
      last: last && isIn(ranges, last.seq) ? presentMessage(last) : null,
    });
  }
  return { items, next: rows.length > args.limit ? String(kept.at(-1)?.last ?? 0) : null };
}

async function messageOf(sql: Sql, id: number): Promise<MessageRow> {
  const row = await sql.get<MessageRow>(
    `SELECT ${MESSAGE} FROM messages m JOIN users u ON u.id = m.user_id WHERE m.id = ?`,
    id,
  );
  if (!row) throw new Error("A thread hangs on a message that does not exist.");
  return row;
}

function present({ following, ...row }: MyThreadRow): MyThread {
  const { root_id, room_id, n, read_seq, read_n, mine, counted_seq, notify, version } = row;
  const own = notify === null ? {} : { notify };
  return { root_id, room_id, following: following === 1, n, read_seq, read_n, mine, counted_seq, ...own, version };
}
