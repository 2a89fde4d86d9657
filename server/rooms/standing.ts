import { type ErrorCode, Refusal } from "#shared/errors.ts";
import type { Role, RoomKind, RoomRole } from "#shared/models.ts";
import { may, type RoomAction, type Standing } from "#shared/permissions.ts";
import type { Actor, Sql } from "../store/sql.ts";

export interface RoomRow {
  id: number;
  kind: RoomKind;
  name: string;
  name_key: string;
  description: string;
  created_by: number | null;
  created_at: number;
  seq: number;
  n: number;
  member_count: number;
  version: number;
}

export interface Standpoint {
  readonly room: RoomRow;
  readonly standing: Standing;
}

/**
 * The one way to a room: through the actor, with what they are in it. A room that they may not see and one that does
 * not exist are the same refusal.
 */
export async function roomFor(sql: Sql, actor: Actor, roomId: number, action: RoomAction): Promise<Standpoint> {
  const found = await sql.get<RoomRow & { actor_role: Role; place: RoomRole | null; state: string | null }>(
    `SELECT r.id, r.kind, r.name, r.name_key, r.description, r.created_by, r.created_at, r.seq, r.n, r.member_count,
            r.version, u.role AS actor_role, m.role AS place, m.state
       FROM rooms r
       JOIN users u ON u.id = ?
       LEFT JOIN members m ON m.room_id = r.id AND m.user_id = u.id
      WHERE r.id = ? AND r.deleted_at IS NULL AND u.deactivated_at IS NULL`,
    actor.userId,
    roomId,
  );
  if (!found) throw new Refusal("not_found");
  const { actor_role, place, state, ...room } = found;
  const standing: Standing = { role: actor_role, kind: room.kind, place: placeOf(place, state) };
  if (!may("see", standing)) throw new Refusal("not_found");
  if (!may(action, standing)) throw new Refusal(whyNot(action, standing));
  return { room, standing };
}

export function placeOf(role: RoomRole | null, state: string | null): Standing["place"] {
  if (state === "in") return role;
  return state === "removed" ? "removed" : null;
}

function whyNot(action: RoomAction, standing: Standing): ErrorCode {
  if (standing.place === "removed") return "removed";
  return action === "send" ? "not_member" : "forbidden";
}
