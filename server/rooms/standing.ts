import { type ErrorCode, Refusal } from "#shared/errors.ts";
import type { Posting, Role, RoomKind, RoomRole } from "#shared/models.ts";
import { decide, type RoomAction, type Standing, type Why } from "#shared/permissions.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { roleIn } from "../users/queries.ts";

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
  posting: Posting;
  archived_at: number | null;
  /** The ids of two whose talk this is; null for every other room. */
  direct_key: string | null;
}

/** Every column of a `RoomRow`, of rooms that the query calls r. */
export const ROOM = `r.id, r.kind, r.name, r.name_key, r.description, r.created_by, r.created_at, r.seq, r.n,
  r.member_count, r.version, r.posting, r.archived_at, r.direct_key`;

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
    `SELECT ${ROOM}, ${roleIn("u.")} AS actor_role, m.role AS place, m.state
       FROM rooms r
       JOIN users u ON u.id = ?
       LEFT JOIN members m ON m.room_id = r.id AND m.user_id = u.id
      WHERE r.id = ? AND r.deleted_at IS NULL AND u.deactivated_at IS NULL`,
    actor.userId,
    roomId,
  );
  if (!found) throw new Refusal("not_found");
  const { actor_role, place, state, ...room } = found;
  const standing = standingIn(room, actor_role, placeOf(place, state));
  const refused = whyNot(action, standing);
  if (refused) throw new Refusal(refused);
  return { room, standing };
}

export function standingIn(
  room: Pick<RoomRow, "kind" | "posting" | "archived_at">,
  role: Role,
  place: Standing["place"],
): Standing {
  return { role, place, kind: room.kind, posting: room.posting, archived: room.archived_at !== null };
}

export function placeOf(role: RoomRole | null, state: string | null): Standing["place"] {
  if (state === "in") return role;
  return state === "removed" ? "removed" : null;
}

/** Null: they may. */
export function whyNot(action: RoomAction, standing: Standing): ErrorCode | null {
  const decided = decide(action, standing);
  return decided === "allowed" ? null : codeOf(decided);
}

export function codeOf(why: Why): ErrorCode {
  return CODES[why];
}

const CODES: Readonly<Record<Why, ErrorCode>> = {
  unseen: "not_found",
  removed: "removed",
  "not-member": "not_member",
  "not-public": "forbidden",
  archived: "archived",
  reader: "read_only",
  "moderators-write": "read_only",
  led: "forbidden",
  governed: "forbidden",
  house: "forbidden",
  direct: "forbidden",
  closed: "read_only",
};
