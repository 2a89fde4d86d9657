import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { tellMyRoom } from "./membership.ts";
import { roomFor } from "./standing.ts";

/** Moves the actor's read cursor forward, never back and never past what is there, and tells their other devices. */
export async function markRead(tx: Tx, actor: Actor, args: { roomId: number; seq: number }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "mark-read");
  const seq = Math.min(args.seq, room.seq);
  const member = await tx.get<{ read_seq: number }>(
    "SELECT read_seq FROM members WHERE room_id = ? AND user_id = ?",
    room.id,
    actor.userId,
  );
  if (!member || seq <= member.read_seq) return null;
  await moveCursor(tx, actor, room.id, seq);
  return null;
}

export async function moveCursor(tx: Tx, actor: Actor, roomId: number, seq: number): Promise<void> {
  const version = await nextPersonVersion(tx, actor.userId);
  // At the end of the room its own count says it: there may be any number of replies in threads after its last message.
  await tx.run(
    `UPDATE members SET read_seq = ?, version = ?,
       read_n = coalesce((SELECT n FROM rooms WHERE id = ? AND seq <= ?),
         (SELECT n FROM messages WHERE room_id = ? AND thread IS NULL AND seq <= ? ORDER BY seq DESC LIMIT 1), 0)
      WHERE room_id = ? AND user_id = ?`,
    seq,
    version,
    roomId,
    seq,
    roomId,
    seq,
    roomId,
    actor.userId,
  );
  await tellMyRoom(tx, actor.userId, roomId, version);
}
