import { Refusal } from "#shared/errors.ts";
import type { Role, RoomRole } from "#shared/models.ts";
import { mayHold } from "#shared/permissions.ts";
import { recordInRoom } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { roleIn } from "../users/queries.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { tellMyRoom } from "./membership.ts";
import { roomFor } from "./standing.ts";

/** Makes a member something else in the room. What they are already records nothing. */
export async function giveRole(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; userId: number; role: RoomRole; from?: string },
): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "give-roles");
  const isNew = await writeRole(tx, actor, room.id, args.userId, args.role);
  if (!isNew) return null;
  const done = { actor: actor.userId, userId: args.userId, from: args.from };
  await recordInRoom(tx, room, { act: "member.role", detail: { role: args.role }, ...done });
  return null;
}

/** Hands the room on: the other becomes its admin, and whoever hands it on a member. */
export async function transferRoom(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; userId: number; from?: string },
): Promise<null> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "give-roles");
  let isNew = await writeRole(tx, actor, room.id, args.userId, "admin");
  if (standing.place === "admin" && args.userId !== actor.userId) {
    isNew = await writeRole(tx, actor, room.id, actor.userId, "member");
  }
  if (!isNew) return null;
  const done = { actor: actor.userId, userId: args.userId, from: args.from };
  await recordInRoom(tx, room, { act: "room.handed-on", ...done });
  return null;
}

/**
 * Writes and tells what a member is, without asking who may; whether it is something else than before. `keepsAdmin`: not if
 * the room were left without one.
 */
export async function writeRole(
  tx: Tx,
  actor: Actor,
  roomId: number,
  userId: number,
  role: RoomRole,
  keepsAdmin = true,
): Promise<boolean> {
  const member = await tx.get<{ role: RoomRole; state: string; house_role: Role }>(
    `SELECT m.role, m.state, ${roleIn("u.")} AS house_role FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.user_id = ?`,
    roomId,
    userId,
  );
  if (member?.state !== "in") throw new Refusal("not_found", "That person is not a member of the room.");
  if (member.role === role) return false;
  if (!mayHold(member.house_role, role)) throw new Refusal("forbidden", "A guest leads no room.");
  if (keepsAdmin && member.role === "admin") await refuseLastAdmin(tx, roomId, userId, "stays");
  const place = await nextSeq(tx, roomId);
  await recordHappening(tx, { roomId, seq: place.seq }, actor.userId, { is: "role", people: [userId], role });
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    "UPDATE members SET role = ?, version = ? WHERE room_id = ? AND user_id = ?",
    role,
    version,
    roomId,
    userId,
  );
  await tellMyRoom(tx, userId, roomId, version);
  await tellEvent(tx, roomId, place);
  return true;
}

/**
 * Refuses to take the room's last admin away from those who stay in it and could be one. On PostgreSQL too this is asked
 * under the room's lock, so that two admins who go at once do not each count on the other.
 */
export async function refuseLastAdmin(
  tx: Tx,
  roomId: number,
  userId: number,
  admin: "stays" | "goes" = "goes",
): Promise<void> {
  const others = await tx.get<{ admins: number; members: number }>(
    `SELECT count(*) AS members, coalesce(sum(CASE WHEN m.role = 'admin' THEN 1 ELSE 0 END), 0) AS admins
       FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.user_id <> ? AND m.state = 'in' AND u.deactivated_at IS NULL AND u.guest = 0`,
    roomId,
    userId,
  );
  if (!others || others.admins > 0 || (others.members === 0 && admin === "goes")) return;
  throw new Refusal("last_admin", "The room needs an admin. Make somebody else one first.");
}
