import type { Invite } from "#shared/contract/invites.ts";
import type { Page } from "../rooms/queries.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { roleOf } from "../users/queries.ts";

export interface InviteRow {
  id: number;
  made_by: number;
  username: string;
  made_at: number;
  expires_at: number | null;
  uses: number;
  uses_most: number | null;
  guest: number;
  revoked_at: number | null;
}

const INVITE = `SELECT i.id, i.made_by, u.username, i.made_at, i.expires_at, i.uses, i.uses_most, i.guest, i.revoked_at
  FROM invites i JOIN users u ON u.id = i.made_by`;

export async function inviteRow(sql: Sql, id: number): Promise<InviteRow | null> {
  return sql.get<InviteRow>(`${INVITE} WHERE i.id = ?`, id);
}

/** Of invites that the query calls i, those that were not taken back, are not used up and not too old at a time. */
export const IS_LIVE = `i.revoked_at IS NULL AND (i.expires_at IS NULL OR i.expires_at > ?)
  AND (i.uses_most IS NULL OR i.uses < i.uses_most)`;

/** Invites that can be used: those into a room, for who may bring people there; else one's own, or all for admins. */
export async function listInvites(
  sql: Sql,
  actor: Actor,
  args: { roomId: number | null; after: number; limit: number; now: number },
): Promise<Page<Invite>> {
  const isAll = args.roomId === null && (await roleOf(sql, actor)) === "admin";
  if (args.roomId !== null) await roomFor(sql, actor, args.roomId, "add-members");
  const rows = await sql.all<InviteRow>(
    `${INVITE} WHERE i.id > ? AND ${IS_LIVE} AND (? = 1 OR i.made_by = ? OR ? > 0)
        AND (? = 0 OR EXISTS (SELECT 1 FROM invite_rooms r WHERE r.invite_id = i.id AND r.room_id = ?))
      ORDER BY i.id LIMIT ?`,
    args.after,
    args.now,
    isAll ? 1 : 0,
    actor.userId,
    args.roomId ?? 0,
    args.roomId ?? 0,
    args.roomId ?? 0,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const items: Invite[] = [];
  for (const row of kept) items.push(await presentInvite(sql, row, isAll ? "all" : actor, args.roomId));
  const last = kept.at(-1);
  return { items, next: rows.length > args.limit && last ? String(last.id) : null };
}

/**
 * With the rooms that it leads into and its reader may see: whoever left one they made an invite into is not told its name
 * for ever. `onlyRoom`: who asks by a room is told of no other.
 */
export async function presentInvite(
  sql: Sql,
  row: InviteRow,
  reader: Actor | "all",
  onlyRoom: number | null = null,
): Promise<Invite> {
  const readerId = reader === "all" ? 0 : reader.userId;
  const rooms = await sql.all<{ id: number; name: string }>(
    `SELECT r.id, r.name FROM invite_rooms i JOIN rooms r ON r.id = i.room_id
      WHERE i.invite_id = ? AND r.deleted_at IS NULL AND (? = 0
        OR EXISTS (SELECT 1 FROM members m WHERE m.room_id = r.id AND m.user_id = ? AND m.state = 'in')
        OR (r.kind = 'public' AND EXISTS (SELECT 1 FROM users u WHERE u.id = ? AND u.guest = 0))) ORDER BY r.id`,
    row.id,
    readerId,
    readerId,
    readerId,
  );
  return {
    id: row.id,
    rooms: rooms.filter((room) => onlyRoom === null || room.id === onlyRoom),
    made_by: { id: row.made_by, username: row.username },
    made_at: new Date(row.made_at).toISOString(),
    expires_at: row.expires_at === null ? null : new Date(row.expires_at).toISOString(),
    uses: row.uses,
    uses_most: row.uses_most,
    guest: row.guest === 1,
  };
}
