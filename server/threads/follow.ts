import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Level } from "#shared/models.ts";
import type { MessageRow } from "../messages/present.ts";
import { moveRows } from "../notify/call-people.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { whyNot } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { myThread } from "./my-threads.ts";
import { rootFor, type ThreadAt } from "./root-for.ts";

/** Follows a thread from here on, or no more. What is so already records nothing. */
export async function follow(tx: Tx, actor: Actor, args: ThreadAt & { on: boolean }): Promise<null> {
  const row = await ownRow(tx, actor, args);
  if (row?.following === 1 && !args.on) {
    await end(tx, actor.userId, args);
    return null;
  }
  const { root } = await followed(tx, actor, args);
  if ((row?.following === 1) === args.on) return null;
  const last = await lastReply(tx, root.id, Number.MAX_SAFE_INTEGER);
  await begin(tx, actor.userId, root, last);
  return null;
}

/** Chooses which replies one is told of; whoever does not follow the thread does from here on. null: as for any thread. */
export async function setThreadLevel(tx: Tx, actor: Actor, args: ThreadAt & { level: Level | null }): Promise<null> {
  const row = await ownRow(tx, actor, args);
  if (row?.following !== 1) await follow(tx, actor, { ...args, on: true });
  await write(tx, actor.userId, args.rootId, "notify = ?", args.level);
  return null;
}

/** Moves one's cursor in a thread forward. Who does not follow it has none to move. */
export async function markThreadRead(tx: Tx, actor: Actor, args: ThreadAt & { seq: number }): Promise<null> {
  const row = await ownRow(tx, actor, args);
  if (row?.following !== 1) {
    await followed(tx, actor, args);
    return null;
  }
  const { seq, n } = await lastReply(tx, args.rootId, args.seq);
  if (n > row.read_n) await write(tx, actor.userId, args.rootId, "read_seq = ?, read_n = ?", seq, n);
  return null;
}

/** Moves the cursor back, to the last reply up to a seq. Of a thread that one does not follow nothing is unread. */
export async function markThreadUnread(tx: Tx, actor: Actor, args: ThreadAt & { seq: number }): Promise<null> {
  const row = await ownRow(tx, actor, args);
  if (row?.following !== 1) throw new Refusal("invalid", "You do not follow this thread.");
  const { seq, n } = await lastReply(tx, args.rootId, args.seq);
  if (n < row.read_n) await write(tx, actor.userId, args.rootId, "read_seq = ?, read_n = ?", seq, n);
  return null;
}

/**
 * Whoever replies follows from their reply on, and who wrote what is replied to from the first reply on, unless they
 * have said that they do not, or were let in again and may not see what they wrote: two people at most, however many
 * follow.
 */
export async function followByReply(
  tx: Tx,
  root: MessageRow,
  reply: { seq: number; n: number; userId: number },
): Promise<void> {
  const own = await followerOf(tx, root.id, reply.userId);
  const author = root.user_id === reply.userId ? null : await followerOf(tx, root.id, root.user_id);
  const begins: { userId: number; from: { seq: number; n: number } }[] = [];
  if (own?.following !== 1) begins.push({ userId: reply.userId, from: reply });
  if (root.user_id !== reply.userId && author === null && (await maySee(tx, root, root.user_id))) {
    begins.push({ userId: root.user_id, from: { seq: reply.seq - 1, n: reply.n - 1 } });
  }
  // In one order, so that two who reply at once do not wait for each other.
  for (const { userId, from } of begins.sort((a, b) => a.userId - b.userId)) await begin(tx, userId, root, from);
}

/** Who is in a room no more follows none of its threads. Their stream says so by the room. */
export async function unfollowRoom(tx: Tx, userId: number, roomId: number): Promise<void> {
  await tx.run("DELETE FROM thread_followers WHERE user_id = ? AND room_id = ?", userId, roomId);
}

async function followed(tx: Tx, actor: Actor, at: ThreadAt): Promise<{ root: MessageRow }> {
  const { root, standing } = await rootFor(tx, actor, at);
  const refused = whyNot("follow", standing);
  if (refused) throw new Refusal(refused);
  return { root };
}

interface Follower {
  following: number;
  read_n: number;
}

/** What is one's own is found without what it hangs on, or whoever may not see that had it for ever. */
function ownRow(tx: Tx, actor: Actor, { roomId, rootId }: ThreadAt): Promise<Follower | null> {
  return tx.get(
    "SELECT following, read_n FROM thread_followers WHERE root_id = ? AND user_id = ? AND room_id = ?",
    rootId,
    actor.userId,
    roomId,
  );
}

function followerOf(tx: Tx, rootId: number, userId: number): Promise<Follower | null> {
  return tx.get("SELECT following, read_n FROM thread_followers WHERE root_id = ? AND user_id = ?", rootId, userId);
}

async function lastReply(tx: Tx, rootId: number, upTo: number): Promise<{ seq: number; n: number }> {
  const row = await tx.get<{ seq: number; n: number }>(
    "SELECT seq, n FROM messages WHERE thread = ? AND seq <= ? ORDER BY seq DESC LIMIT 1",
    rootId,
    upTo,
  );
  return row ?? { seq: 0, n: 0 };
}

async function maySee(tx: Tx, root: MessageRow, userId: number): Promise<boolean> {
  const row = await tx.get(
    `SELECT 1 AS one FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.room_id = ? AND m.user_id = ? AND m.state = 'in' AND (r.kind = 'public' OR EXISTS (
        SELECT 1 FROM visible_ranges v WHERE v.room_id = m.room_id AND v.user_id = m.user_id
          AND v.from_seq <= ? AND (v.to_seq IS NULL OR v.to_seq >= ?)))`,
    root.room_id,
    userId,
    root.seq,
    root.seq,
  );
  return row !== null;
}

async function begin(tx: Tx, userId: number, root: MessageRow, from: { seq: number; n: number }): Promise<void> {
  await letGoOfQuietest(tx, userId);
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    `INSERT INTO thread_followers (root_id, user_id, room_id, following, read_seq, read_n, version)
      VALUES (?, ?, ?, 1, ?, ?, ?) ON CONFLICT (root_id, user_id) DO UPDATE SET following = 1, notify = NULL,
        read_seq = excluded.read_seq, read_n = excluded.read_n, version = excluded.version`,
    root.id,
    userId,
    root.room_id,
    from.seq,
    from.n,
    version,
  );
  await tellMyThread(tx, userId, root.id, version);
}

async function letGoOfQuietest(tx: Tx, userId: number): Promise<void> {
  const row = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM thread_followers WHERE user_id = ? AND following = 1",
    userId,
  );
  if ((row?.count ?? 0) < limits.followedThreads) return;
  const quiet = await tx.get<ThreadAt>(
    `SELECT f.root_id AS "rootId", f.room_id AS "roomId" FROM thread_followers f JOIN messages m ON m.id = f.root_id
      WHERE f.user_id = ? AND f.following = 1 ORDER BY coalesce(m.last_reply, m.id) LIMIT 1`,
    userId,
  );
  if (quiet) await end(tx, userId, quiet);
}

/** What was read in the thread and calls the person counts by the room's cursor from now on: their row of the room says so. */
async function end(tx: Tx, userId: number, { roomId, rootId }: ThreadAt): Promise<void> {
  await write(tx, userId, rootId, "following = 0");
  for (const [, version] of await moveRows(tx, roomId, [userId])) await tellMyRoom(tx, userId, roomId, version);
}

async function write(
  tx: Tx,
  userId: number,
  rootId: number,
  what: string,
  ...values: (number | string | null)[]
): Promise<void> {
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    `UPDATE thread_followers SET ${what}, version = ? WHERE root_id = ? AND user_id = ?`,
    ...values,
    version,
    rootId,
    userId,
  );
  await tellMyThread(tx, userId, rootId, version);
}

async function tellMyThread(tx: Tx, userId: number, rootId: number, version: number): Promise<void> {
  const thread = await myThread(tx, userId, rootId);
  const frame = { type: "me" as const, version, reset: false, rooms: [], gone: [], threads: thread ? [thread] : [] };
  tx.tell({ to: "person", userId, frame });
}
