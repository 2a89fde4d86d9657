import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { tellMembers } from "../rooms/membership.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { knows } from "../users/people.ts";

/** Blocks somebody: nothing is written any more in the talk of the two, and none is begun. Twice is as once. */
export async function block(tx: Tx, actor: Actor, args: { userId: number }): Promise<null> {
  if (args.userId === actor.userId) throw new Refusal("invalid", "Nobody blocks themselves.", { field: "user_id" });
  const found = await tx.get("SELECT 1 AS one FROM users WHERE id = ? AND erased_at IS NULL", args.userId);
  if (!found || !(await knows(tx, actor, args.userId))) throw new Refusal("not_found");
  const own = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM blocks WHERE user_id = ? AND blocked_id <> ? AND blocked_at IS NOT NULL",
    actor.userId,
    args.userId,
  );
  if ((own?.count ?? 0) >= limits.blocks) throw new Refusal("full", `At most ${limits.blocks} people are blocked.`);
  return write(tx, actor, args.userId, tx.now);
}

export async function unblock(tx: Tx, actor: Actor, args: { userId: number }): Promise<null> {
  return write(tx, actor, args.userId, null);
}

/** A removal leaves a mark, so that a device which was away learns of it. */
async function write(tx: Tx, actor: Actor, userId: number, at: number | null): Promise<null> {
  // The talk's row before the person's, as whatever is done in the talk takes them.
  await tx.run("UPDATE rooms SET version = version WHERE direct_key = ?", pairOf(actor.userId, userId));
  const known = await tx.get<{ blocked_at: number | null }>(
    "SELECT blocked_at FROM blocks WHERE user_id = ? AND blocked_id = ?",
    actor.userId,
    userId,
  );
  if ((known?.blocked_at ?? null) === null ? at === null : at !== null) return null;
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    `INSERT INTO blocks (user_id, blocked_id, blocked_at, version) VALUES (?, ?, ?, ?)
     ON CONFLICT (user_id, blocked_id) DO UPDATE SET blocked_at = excluded.blocked_at, version = excluded.version`,
    actor.userId,
    userId,
    at,
    version,
  );
  const blocks = [{ user_id: userId, blocked: at !== null, version }];
  const frame = { type: "me", version, reset: false, rooms: [], gone: [], blocks } as const;
  tx.tell({ to: "person", userId: actor.userId, frame: { ...frame, rooms: [], gone: [], blocks } });
  await settleTalk(tx, pairOf(actor.userId, userId));
  return null;
}

export function pairOf(one: number, other: number): string {
  return [one, other].sort((a, b) => a - b).join(":");
}

/**
 * The talk of two is closed while either blocks the other. It is told to both as a room in which nobody writes: that one of
 * them is blocked, and by whom, stands in the list of the one who blocks alone.
 */
export async function settleTalk(tx: Tx, pair: string): Promise<void> {
  // The row first: two who block and unblock each other at once must not count on what the other takes back.
  const talk = await tx.get<{ id: number; posting: string }>(
    "UPDATE rooms SET version = version WHERE direct_key = ? RETURNING id, posting",
    pair,
  );
  if (!talk) return;
  const posting = (await isBlocked(tx, pair)) ? "moderators" : "members";
  if (posting === talk.posting) return;
  await tx.run("UPDATE rooms SET posting = ?, version = version + 1 WHERE id = ?", posting, talk.id);
  await tellMembers(tx, talk.id);
}

/** Who of the two blocks the other; null: neither. */
export async function isBlocked(tx: Tx, pair: string): Promise<number | null> {
  const [one = 0, other = 0] = pair.split(":").map(Number);
  const row = await tx.get<{ user_id: number }>(
    `SELECT user_id FROM blocks WHERE blocked_at IS NOT NULL
      AND ((user_id = ? AND blocked_id = ?) OR (user_id = ? AND blocked_id = ?)) ORDER BY user_id LIMIT 1`,
    one,
    other,
    other,
    one,
  );
  return row?.user_id ?? null;
}
