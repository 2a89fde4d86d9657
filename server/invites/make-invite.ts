import type { Invite, MakeInvite } from "#shared/contract/invites.ts";
import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { mayGovern } from "../users/queries.ts";
import { inviteRow, presentInvite } from "./queries.ts";

/** An invite into rooms, by somebody who may bring people into each of them; into the house alone, by its admins. */
export async function makeInvite(
  tx: Tx,
  actor: Actor,
  args: MakeInvite & { tokenHash: string; from?: string },
): Promise<Invite> {
  const roomIds = [...new Set(args.room_ids ?? [])].sort((a, b) => a - b);
  if (roomIds.length === 0) await mayGovern(tx, actor);
  if (args.guest && roomIds.length === 0) {
    throw new Refusal("invalid", "A guest comes into rooms. Name one.", { field: "room_ids" });
  }
  for (const roomId of roomIds) {
    const { room } = await roomFor(tx, actor, roomId, "add-members");
    if (room.kind === "direct") throw new Refusal("forbidden", "Nobody is invited into a direct talk by a link.");
  }
  const expiresAt = args.expires_in == null ? null : tx.now + args.expires_in * 1_000;
  const made = await tx.get<{ id: number }>(
    `INSERT INTO invites (token_hash, made_by, made_at, expires_at, uses_most, guest) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
    args.tokenHash,
    actor.userId,
    tx.now,
    expiresAt,
    args.uses ?? null,
    args.guest ? 1 : 0,
  );
  if (!made) throw new Error("An invite was made and not returned.");
  for (const roomId of roomIds) await tx.run("INSERT INTO invite_rooms VALUES (?, ?)", made.id, roomId);
  // Not into which rooms: of private ones the house's admins know no more than that they are there.
  const detail = { invite: String(made.id), rooms: String(roomIds.length), guests: args.guest ? "yes" : "no" };
  await recordAct(tx, { act: "invite.made", actor: actor.userId, detail, from: args.from });
  const row = await inviteRow(tx, made.id);
  if (!row) throw new Error("An invite was made and is gone.");
  return presentInvite(tx, row, actor);
}
