import type { HouseMay } from "#shared/contract/house.ts";
import { Refusal } from "#shared/errors.ts";
import type { Role, RoomRole } from "#shared/models.ts";
import { decide, type RoomAction } from "#shared/permissions.ts";
import { ACTION_NAMES, reasonOf } from "#shared/reasons.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { mayGovern, roleIn } from "../users/queries.ts";
import { presentForHouse } from "./present.ts";
import { placeOf, ROOM, type RoomRow, standingIn } from "./standing.ts";

interface Asked extends RoomRow {
  username: string;
  role: Role;
  deactivated_at: number | null;
  place: RoomRole | null;
  state: string | null;
  own_place: string | null;
}

/**
 * What a person may do in a room and why not, for admins: what is decided here is what every write and read decides. Of a
 * private room that the admin is not in they learn nothing about who is in it, and of a direct talk not that there is one.
 */
export async function explainMay(sql: Sql, actor: Actor, args: { userId: number; roomId: number }): Promise<HouseMay> {
  await mayGovern(sql, actor);
  const found = await sql.get<Asked>(
    `SELECT ${ROOM}, u.username, ${roleIn("u.")} AS role, u.deactivated_at, m.role AS place, m.state, own.role AS own_place
       FROM rooms r
       JOIN users u ON u.id = ? AND u.erased_at IS NULL
       LEFT JOIN members m ON m.room_id = r.id AND m.user_id = u.id
       LEFT JOIN members own ON own.room_id = r.id AND own.user_id = ? AND own.state = 'in'
      WHERE r.id = ? AND r.deleted_at IS NULL AND r.kind <> 'direct'`,
    args.userId,
    actor.userId,
    args.roomId,
  );
  if (!found) throw new Refusal("not_found");
  const isOpen = found.kind === "public" || found.own_place !== null;
  const about = { user: { id: args.userId, name: found.username }, room: presentForHouse(found, isOpen) };
  if (!isOpen) return { ...about, place: null, answers: null };
  const place = placeOf(found.place, found.state);
  return { ...about, place, answers: answersOf(found, place) };
}

function answersOf(found: Asked, place: ReturnType<typeof placeOf>): HouseMay["answers"] {
  const standing = standingIn(found, found.role, place);
  const actions = Object.entries(ACTION_NAMES) as [RoomAction, string][];
  return actions.map(([action, label]) => {
    const decided = decide(action, standing);
    if (found.deactivated_at !== null) return { action, label, allowed: false, why: DEACTIVATED };
    if (decided === "allowed") return { action, label, allowed: true, why: null };
    return { action, label, allowed: false, why: reasonOf(decided, found.username, found.kind) };
  });
}

const DEACTIVATED = "The account is deactivated. An admin of the server can let it in again.";
