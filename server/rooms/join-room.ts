import type { ListedRoom } from "#shared/models.ts";
import { may } from "#shared/permissions.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { admit } from "./membership.ts";
import { presentListed } from "./present.ts";
import { roomFor } from "./standing.ts";

/** Joins a public room. Joining again changes nothing. */
export async function joinRoom(tx: Tx, actor: Actor, args: { roomId: number }): Promise<ListedRoom> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "see");
  if (may("leave", standing)) return presentListed(room);
  await roomFor(tx, actor, args.roomId, "join");
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "came", people: [actor.userId] });
  await admit(tx, room.id, room.kind, actor.userId, "member", place);
  await tellEvent(tx, room.id, place);
  return presentListed({ ...room, member_count: room.member_count + 1 });
}
