import { Refusal } from "#shared/errors.ts";
import type { HouseRoom, KeptOut, ListedRoom, Member, Room } from "#shared/models.ts";
import { namePart } from "#shared/names.ts";
import { decideSpeaking, type RoomAction } from "#shared/permissions.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { holding, isGuest, mayGovern } from "../users/queries.ts";
import {
  type KeptOutRow,
  MEMBER,
  type MemberRow,
  presentForHouse,
  presentKeptOut,
  presentListed,
  presentMember,
  presentRoom,
} from "./present.ts";
import { codeOf, ROOM, type RoomRow, roomFor } from "./standing.ts";

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Rooms that the actor may see, by id; `named`: without their direct talks, which have no name. */
export async function listRooms(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number; mine: boolean; named?: boolean },
): Promise<Page<ListedRoom>> {
  const isMine = args.mine || (await isGuest(sql, actor.userId));
  const rows = await sql.all<RoomRow>(
    `SELECT ${ROOM} FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.id > ? AND r.deleted_at IS NULL AND (m.user_id IS NOT NULL OR (r.kind = 'public' AND ? = 0))
        AND (? = 0 OR r.kind <> 'direct') ORDER BY r.id LIMIT ?`,
    actor.userId,
    args.after,
    isMine ? 1 : 0,
    args.named ? 1 : 0,
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.id, presentListed);
}

export async function getRoom(sql: Sql, actor: Actor, args: { roomId: number }): Promise<ListedRoom> {
  const { room } = await roomFor(sql, actor, args.roomId, "see");
  return presentListed(room);
}

/** Who is in a room, or of them those whose user name or display name holds what is looked for. */
export async function listMembers(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; after: number; limit: number; name?: string | undefined },
): Promise<Page<Member>> {
  await roomFor(sql, actor, args.roomId, "read");
  const part = namePart(args.name ?? "");
  if (part === null) return { items: [], next: null };
  const rows = await sql.all<MemberRow>(
    `SELECT ${MEMBER} FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.user_id > ? AND m.state = 'in'
        AND (u.username_key LIKE ? ESCAPE '!' OR u.display_key LIKE ? ESCAPE '!') ORDER BY m.user_id LIMIT ?`,
    args.roomId,
    args.after,
    holding(part),
    holding(part),
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.user_id, presentMember);
}

/** Whom the room keeps out, for those who may let them in again. */
export async function listKeptOut(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; after: number; limit: number },
): Promise<Page<KeptOut>> {
  await roomFor(sql, actor, args.roomId, "add-members");
  const rows = await sql.all<KeptOutRow>(
    `SELECT m.user_id, u.username, b.by_user, who.username AS by_name, b.at, b.until, b.reason
       FROM members m JOIN users u ON u.id = m.user_id
       LEFT JOIN bans b ON b.room_id = m.room_id AND b.user_id = m.user_id LEFT JOIN users who ON who.id = b.by_user
      WHERE m.room_id = ? AND m.user_id > ? AND m.state = 'removed' AND u.deactivated_at IS NULL
      ORDER BY m.user_id LIMIT ?`,
    args.roomId,
    args.after,
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.user_id, presentKeptOut);
}

/** The room, refused to whoever may not read it. */
export async function mayRead(sql: Sql, actor: Actor, args: { roomId: number }): Promise<Room> {
  const { room } = await roomFor(sql, actor, args.roomId, "read");
  return presentRoom(room);
}

/** Refuses whoever may not do this in the room. */
export async function mayIn(sql: Sql, actor: Actor, args: { roomId: number; action: RoomAction }): Promise<null> {
  await roomFor(sql, actor, args.roomId, args.action);
  return null;
}

/** Refuses whoever may not send by a door that knows no joining. */
export async function maySpeak(sql: Sql, actor: Actor, args: { roomId: number }): Promise<null> {
  const { standing } = await roomFor(sql, actor, args.roomId, "see");
  const decided = decideSpeaking(standing);
  if (decided !== "allowed") throw new Refusal(codeOf(decided));
  return null;
}

/** Every room there is, for admins. Of private ones that they are not in they learn name and size; of direct talks nothing. */
export async function listHouseRooms(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number },
): Promise<Page<HouseRoom>> {
  await mayGovern(sql, actor);
  const rows = await sql.all<RoomRow & { place: string | null }>(
    `SELECT ${ROOM}, m.role AS place FROM rooms r
       LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.id > ? AND r.deleted_at IS NULL AND r.kind <> 'direct' ORDER BY r.id LIMIT ?`,
    actor.userId,
    args.after,
    args.limit + 1,
  );
  return page(
    rows,
    args.limit,
    (row) => row.id,
    (row) => presentForHouse(row, row.kind === "public" || row.place !== null),
  );
}

/** What `/ws/{name}` means to this person: their own private rooms of that name first, then the public one. */
export async function roomsNamed(
  sql: Sql,
  actor: Actor,
  args: { key: string },
): Promise<{ id: number; kind: string }[]> {
  const onlyOwn = await isGuest(sql, actor.userId);
  return sql.all(
    `SELECT r.id, r.kind FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.name_key = ? AND r.deleted_at IS NULL AND r.kind <> 'direct' AND ((r.kind = 'public' AND ? = 0) OR m.user_id IS NOT NULL)
      ORDER BY CASE r.kind WHEN 'private' THEN 0 ELSE 1 END, r.id LIMIT 3`,
    actor.userId,
    args.key,
    onlyOwn ? 1 : 0,
  );
}

function page<Row, Item>(
  rows: Row[],
  limit: number,
  key: (row: Row) => number,
  present: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(present), next: rows.length > limit && last !== undefined ? String(key(last)) : null };
}
