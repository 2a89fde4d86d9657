import { Refusal } from "#shared/errors.ts";
import type { RoomRole } from "#shared/models.ts";
import { mayRemove } from "#shared/permissions.ts";
import { recordInRoom } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { isGuest } from "../users/queries.ts";
import { endDeserted } from "./end-room.ts";
import { refuseLastAdmin } from "./give-role.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { letGo } from "./membership.ts";
import { roomFor } from "./standing.ts";

/**
 * Removes a person and keeps them out until an admin of the room lets them in again, or sends them out of a room that they
 * may come back to as if they had left. Their ears are closed before the
 * event that says so is published: nothing after it reaches them by any door.
 */
export async function removeMember(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; userId: number; keepOut?: boolean; from?: string },
): Promise<null> {
  const { keepOut = true } = args;
  const { room, standing } = await roomFor(tx, actor, args.roomId, "remove-members");
  if (keepOut && args.userId === actor.userId)
    throw new Refusal("invalid", "Nobody keeps themselves out. Leave the room.");
  const member = await tx.get<{ state: string; role: RoomRole }>(
    "SELECT state, role FROM members WHERE room_id = ? AND user_id = ?",
    room.id,
    args.userId,
  );
  if (member?.state !== "in") throw new Refusal("not_found", "That person is not a member of the room.");
  if (!mayRemove(standing, member.role)) {
    throw new Refusal("forbidden", "A moderator removes neither admins nor other moderators.");
  }
  if (member.role === "admin") await refuseLastAdmin(tx, room.id, args.userId);
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: keepOut ? "removed" : "left", people: [args.userId] });
  const code = room.kind === "public" && !(await isGuest(tx, args.userId)) ? "removed" : "not_found";
  // Who may come back to a public room may read it all the while.
  const readsOn = !keepOut && code === "removed";
  if (!readsOn) tx.tell({ to: "ears", userId: args.userId, roomId: room.id, from: place.seq, code });
  await letGo(tx, room.id, args.userId, keepOut ? "removed" : "left", place.seq);
  await tellEvent(tx, room.id, place);
  await endDeserted(tx, room);
  const done = { actor: actor.userId, userId: args.userId, from: args.from };
  await recordInRoom(tx, room, { act: "member.removed", detail: { kept_out: keepOut ? "yes" : "no" }, ...done });
  return null;
}
