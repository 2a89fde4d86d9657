import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { roleOf } from "../users/queries.ts";
import { inviteRow } from "./queries.ts";

/** Takes an invite back: by its maker, an admin of the house, or an admin of a room that it leads into. */
export async function revokeInvite(tx: Tx, actor: Actor, args: { id: number; from?: string }): Promise<null> {
  const row = await inviteRow(tx, args.id);
  if (!row || row.revoked_at !== null || !(await mayRevoke(tx, actor, row))) throw new Refusal("not_found");
  await tx.run("UPDATE invites SET revoked_at = ? WHERE id = ?", tx.now, row.id);
  const done = { actor: actor.userId, userId: row.made_by, from: args.from };
  await recordAct(tx, { act: "invite.revoked", detail: { invite: String(row.id) }, ...done });
  return null;
}

async function mayRevoke(tx: Tx, actor: Actor, row: { id: number; made_by: number }): Promise<boolean> {
  if (row.made_by === actor.userId || (await roleOf(tx, actor)) === "admin") return true;
  const rooms = await tx.all<{ room_id: number }>("SELECT room_id FROM invite_rooms WHERE invite_id = ?", row.id);
  for (const { room_id } of rooms) {
    try {
      await roomFor(tx, actor, room_id, "change");
      return true;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return false;
}
