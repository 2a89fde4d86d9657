import type { InviteUsed } from "#shared/contract/invites.ts";
import { nextSeq, recordHappening, tellEvent } from "../rooms/log.ts";
import { admit } from "../rooms/membership.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { getAccount } from "../users/queries.ts";
import { findInvite, inviteIsOver, type LiveInvite } from "./find-invite.ts";

/** Comes into the rooms of an invite. Using it again changes nothing and counts for nothing. */
export async function useInvite(tx: Tx, actor: Actor, args: { tokenHash: string }): Promise<InviteUsed> {
  await getAccount(tx, actor);
  const invite = await findInvite(tx, { tokenHash: args.tokenHash, now: tx.now });
  if (invite === null) throw inviteIsOver();
  return enterRooms(tx, actor.userId, invite, false);
}

/** `isNew`: an account was made with it, which is a use whatever rooms there are. */
export async function enterRooms(tx: Tx, userId: number, invite: LiveInvite, isNew: boolean): Promise<InviteUsed> {
  const inside: number[] = [];
  let came = 0;
  for (const { id } of invite.rooms) {
    const state = await enter(tx, userId, id, invite.madeBy);
    if (state !== "removed") inside.push(id);
    if (state === "came") came += 1;
  }
  if (came > 0 || isNew) await tx.run("UPDATE invites SET uses = uses + 1 WHERE id = ?", invite.id);
  return { room_ids: inside };
}

/** No link lets in again whom a room keeps out. */
async function enter(tx: Tx, userId: number, roomId: number, madeBy: number): Promise<"came" | "in" | "removed"> {
  // The room's row first: on PostgreSQL somebody may be removing this very person.
  const room = await tx.get<{ kind: "public" | "private" }>(
    "UPDATE rooms SET version = version WHERE id = ? RETURNING kind",
    roomId,
  );
  if (!room) throw new Error("An invite leads into a room that does not exist.");
  const member = await tx.get<{ state: string }>(
    "SELECT state FROM members WHERE room_id = ? AND user_id = ?",
    roomId,
    userId,
  );
  if (member?.state === "in" || member?.state === "removed") return member.state;
  const place = await nextSeq(tx, roomId);
  await recordHappening(tx, { roomId, seq: place.seq }, madeBy, { is: "came", people: [userId], invited: true });
  await admit(tx, roomId, room.kind, userId, "member", place);
  await tellEvent(tx, roomId, place);
  return "came";
}
