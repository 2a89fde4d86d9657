import { lookOf } from "#shared/apply-event.ts";
import type { Face, HouseRoom, KeptOut, Level, ListedRoom, Member, MyRoom, Room, RoomRole } from "#shared/models.ts";
import type { RoomRow } from "./standing.ts";

/** Rows on their way out. Nothing else turns a room into JSON. */
export function presentRoom(row: Omit<RoomRow, "name_key" | "seq" | "n" | "member_count">): Room {
  return {
    id: row.id,
    kind: row.kind,
    name: row.name,
    description: row.description,
    posting: row.posting,
    archived: row.archived_at !== null,
    ...(row.direct_key === null ? {} : { pair: true as const }),
    created_by: row.created_by,
    created_at: new Date(row.created_at).toISOString(),
    version: row.version,
  };
}

export function presentListed(row: RoomRow): ListedRoom {
  return { ...presentRoom(row), member_count: row.member_count };
}

export function presentForHouse(row: RoomRow, isOpen: boolean): HouseRoom {
  const { id, kind, name, member_count } = row;
  const outline = { id, kind, name, member_count };
  if (!isOpen) return { ...outline, description: null, created_by: null, created_at: null };
  const { description, created_by, created_at } = presentRoom(row);
  return { ...outline, description, created_by, created_at };
}

export interface LookRow {
  username: string;
  display_name: string;
  hue: number | null;
  guest: number;
  deactivated_at: number | null;
}

export interface MemberRow extends LookRow {
  user_id: number;
  role: RoomRole;
}

/** Every column of a `MemberRow`, of members that the query calls m and their users u. */
export const MEMBER = "m.user_id, u.username, m.role, u.display_name, u.hue, u.guest, u.deactivated_at";

export function presentMember({ user_id, username, role, ...look }: MemberRow): Member {
  return { user_id, username, role, ...lookOf(look) };
}

export function presentFace({ id, username, ...look }: LookRow & { id: number }): Face {
  return { id, username, ...lookOf(look) };
}

export interface KeptOutRow {
  user_id: number;
  username: string;
  by_user: number | null;
  by_name: string | null;
  at: number | null;
  until: number | null;
  reason: string | null;
}

export function presentKeptOut({ user_id, username, by_user, by_name, at, until, reason }: KeptOutRow): KeptOut {
  if (by_user === null || at === null) return { user_id, username, ban: null };
  const ban = {
    by: { id: by_user, username: by_name ?? "" },
    at: new Date(at).toISOString(),
    until: until === null ? null : new Date(until).toISOString(),
    reason: reason ?? "",
  };
  return { user_id, username, ban };
}

export interface MyRoomRow extends RoomRow {
  role: RoomRole;
  joined_seq: number;
  read_seq: number;
  read_n: number;
  member_version: number;
  favourite: number;
  hidden: number;
  mine: number;
  last_at: number | null;
  notify: Level | null;
  /** Whether anything unread calls somebody here. */
  calls: number;
}

export function presentMyRoom(row: MyRoomRow, people: Face[], called: NonNullable<MyRoom["called"]>): MyRoom {
  return {
    room: presentRoom(row),
    role: row.role,
    people,
    joined_seq: row.joined_seq,
    read_seq: row.read_seq,
    read_n: row.read_n,
    mine: row.mine,
    counted_n: row.n,
    counted_seq: row.seq,
    ...(row.last_at === null ? {} : { last_at: new Date(row.last_at).toISOString() }),
    ...(called.length === 0 ? {} : { called }),
    ...(row.notify === null ? {} : { notify: row.notify }),
    ...(row.favourite ? { favourite: true } : {}),
    ...(row.hidden ? { hidden: true } : {}),
    version: row.member_version,
  };
}
