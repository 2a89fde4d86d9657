import { Refusal } from "#shared/errors.ts";
import { may } from "#shared/permissions.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { endDeserted } from "./end-room.ts";
import { refuseLastAdmin } from "./give-role.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { letGo, tellMembers } from "./membership.ts";
import { roomFor } from "./standing.ts";

/**
 * Leaves of one's own will: a public room stays open to read and to join again, any other is gone with its last member.
 * Leaving twice changes nothing.
 */
export async function leaveRoom(tx: Tx, actor: Actor, args: { roomId: number }): Promise<null> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "see");
  if (!may("leave", standing)) return null;
  if (room.direct_key !== null)
    throw new Refusal("forbidden", "A talk of two is not left: the other would be alone in it.");
  const place = await nextSeq(tx, room.id);
  if (standing.place === "admin") await refuseLastAdmin(tx, room.id, actor.userId);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "left", people: [actor.userId] });
  if (room.kind !== "public" || standing.role === "guest") {
    tx.tell({ to: "ears", userId: actor.userId, roomId: room.id, from: place.seq, code: "not_found" });
  }
  await letGo(tx, room.id, actor.userId, "left", place.seq);
  if (room.kind === "direct") await tellMembers(tx, room.id);
  await tellEvent(tx, room.id, place);
  await endDeserted(tx, room);
  return null;
}
