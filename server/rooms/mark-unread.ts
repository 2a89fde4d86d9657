import { type MessageAt, messageFor } from "../messages/message-for.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { markThreadUnread } from "../threads/follow.ts";
import { moveCursor } from "./mark-read.ts";
import { roomFor } from "./standing.ts";
import { visible } from "./visible.ts";

/**
 * Moves the actor's read cursor back to just before a message, in its thread if it stands in one, and tells their other devices. Not past a part of the
 * past that is hidden from them: what they cannot read would be counted as unread.
 */
export async function markUnread(tx: Tx, actor: Actor, args: MessageAt): Promise<null> {
  const standpoint = await roomFor(tx, actor, args.roomId, "mark-read");
  const { row } = await messageFor(tx, actor, args);
  const open = (await visible(tx, actor, standpoint)).at(-1);
  const seq = Math.max(row.seq, open?.from ?? 0) - 1;
  if (row.thread !== null) return markThreadUnread(tx, actor, { roomId: args.roomId, rootId: row.thread, seq });
  const member = await tx.get<{ read_seq: number }>(
    "SELECT read_seq FROM members WHERE room_id = ? AND user_id = ?",
    args.roomId,
    actor.userId,
  );
  if (member && seq < member.read_seq) await moveCursor(tx, actor, args.roomId, seq);
  return null;
}
