import type { Actor, Tx } from "../store/sql.ts";
import { nextSeq, recordEvent, tellEvent } from "./log.ts";
import { letGo } from "./membership.ts";
import { roomFor } from "./standing.ts";

/** Leaves of one's own will: a public room stays open to read and to join again. Leaving twice changes nothing. */
export async function leaveRoom(tx: Tx, actor: Actor, args: { roomId: number }): Promise<null> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "see");
  if (standing.place !== "admin" && standing.place !== "member") return null;
  const place = await nextSeq(tx, room.id);
  await recordEvent(tx, { roomId: room.id, seq: place.seq }, "member.left", actor.userId, actor.userId);
  if (room.kind === "private") {
    tx.tell({ to: "ears", userId: actor.userId, roomId: room.id, from: place.seq, code: "not_found" });
  }
  await letGo(tx, room.id, actor.userId, "left", place.seq);
  await tellEvent(tx, room.id, place);
  return null;
}
