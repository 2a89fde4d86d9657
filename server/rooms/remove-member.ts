import { Refusal } from "#shared/errors.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextSeq, recordEvent, tellEvent } from "./log.ts";
import { letGo } from "./membership.ts";
import { roomFor } from "./standing.ts";

/**
 * Removes a person and keeps them out until an admin of the room lets them in again. Their ears are closed before the
 * event that says so is published: nothing after it reaches them by any door.
 */
export async function removeMember(tx: Tx, actor: Actor, args: { roomId: number; userId: number }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "remove-members");
  const member = await tx.get<{ state: string }>(
    "SELECT state FROM members WHERE room_id = ? AND user_id = ?",
    room.id,
    args.userId,
  );
  if (member?.state !== "in") throw new Refusal("not_found", "That person is not a member of the room.");
  const place = await nextSeq(tx, room.id);
  await recordEvent(tx, { roomId: room.id, seq: place.seq }, "member.removed", args.userId, actor.userId);
  const code = room.kind === "private" ? "not_found" : "removed";
  tx.tell({ to: "ears", userId: args.userId, roomId: room.id, from: place.seq, code });
  await letGo(tx, room.id, args.userId, "removed", place.seq);
  await tellEvent(tx, room.id, place);
  return null;
}
