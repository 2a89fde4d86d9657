import { Refusal } from "#shared/errors.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Sql } from "../store/sql.ts";
import { IS_LIVE } from "./queries.ts";

/** An invite that can be used now. */
export interface LiveInvite {
  id: number;
  madeBy: number;
  by: string;
  /** Whether its maker may let people into the house: an admin of it, as things stand now. */
  byAdmin: boolean;
  /** Those into which its maker may still bring people. */
  rooms: { id: number; name: string }[];
  /** Whoever makes an account with it is a guest. */
  guest: boolean;
}

/** Null when it was taken back, used up, is too old or never was one, or when its maker is gone. */
export async function findInvite(sql: Sql, args: { tokenHash: string; now: number }): Promise<LiveInvite | null> {
  const row = await sql.get<{ id: number; made_by: number; username: string; role: string; guest: number }>(
    `SELECT i.id, i.made_by, u.username, u.role, i.guest FROM invites i JOIN users u ON u.id = i.made_by
      WHERE i.token_hash = ? AND ${IS_LIVE} AND u.deactivated_at IS NULL`,
    args.tokenHash,
    args.now,
  );
  if (!row) return null;
  const named = await sql.all<{ room_id: number }>(
    "SELECT room_id FROM invite_rooms WHERE invite_id = ? ORDER BY room_id",
    row.id,
  );
  const rooms: { id: number; name: string }[] = [];
  for (const { room_id } of named) {
    const room = await openRoom(sql, row.made_by, room_id);
    if (room) rooms.push(room);
  }
  const byAdmin = row.role === "admin";
  const guest = row.guest === 1;
  // A guest without a room would be nowhere.
  if (rooms.length === 0 && (!byAdmin || guest)) return null;
  return { id: row.id, madeBy: row.made_by, by: row.username, byAdmin, rooms, guest };
}

async function openRoom(sql: Sql, madeBy: number, roomId: number): Promise<{ id: number; name: string } | null> {
  try {
    const { room } = await roomFor(sql, { userId: madeBy }, roomId, "add-members");
    return { id: room.id, name: room.name };
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

export function inviteIsOver(): Refusal {
  return new Refusal("not_found", "This invite was taken back, is used up or too old. Ask for a new one.");
}
