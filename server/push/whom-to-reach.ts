import type { Sql } from "../store/sql.ts";

export interface ToReach {
  readonly userId: number;
  readonly reason: "direct";
  /** What of the message calls them. */
  readonly call: null;
  readonly words: boolean;
}

/** Who of these people is to be told of a message: everybody else in a direct talk. */
export async function whomToReach(
  sql: Sql,
  args: { messageId: number; among: readonly number[]; now: number },
): Promise<ToReach[]> {
  const rows = await sql.all<{ user_id: number }>(
    `SELECT b.user_id FROM messages m JOIN rooms r ON r.id = m.room_id
       JOIN members b ON b.room_id = m.room_id AND b.user_id <> m.user_id AND b.state = 'in'
      WHERE m.id = ? AND m.deleted_at IS NULL AND r.kind = 'direct' AND r.deleted_at IS NULL ORDER BY b.user_id`,
    args.messageId,
  );
  return rows
    .filter(({ user_id }) => args.among.includes(user_id))
    .map(({ user_id }) => ({ userId: user_id, reason: "direct", call: null, words: true }));
}
