import type { RoomKind, RoomRole } from "#shared/models.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { writeRole } from "./give-role.ts";

/** What somebody is in one of their rooms. */
export interface Place {
  roomId: number;
  kind: RoomKind;
  role: RoomRole;
}

/** Does something in each room that somebody is in, direct talks apart, which have no admin. */
export async function inEachRoom(tx: Tx, userId: number, run: (place: Place) => Promise<void>): Promise<void> {
  const rooms = await tx.all<{ id: number }>(
    `SELECT r.id FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.user_id = ? AND m.state = 'in' AND r.deleted_at IS NULL AND r.kind <> 'direct' ORDER BY r.id`,
    userId,
  );
  for (const { id } of rooms) {
    // The room's row first: on PostgreSQL somebody may be making them its admin, or taking them out.
    await tx.run("UPDATE rooms SET version = version WHERE id = ?", id);
    const place = await tx.get<{ kind: RoomKind; role: RoomRole }>(
      `SELECT r.kind, m.role FROM members m JOIN rooms r ON r.id = m.room_id
        WHERE m.room_id = ? AND m.user_id = ? AND m.state = 'in' AND r.deleted_at IS NULL`,
      id,
      userId,
    );
    if (place) await run({ roomId: id, ...place });
  }
}

/**
 * A room whose only admin goes is led by a moderator, or by whoever has been in it longest: by one who only reads there if
 * there is nobody else. `goes` is null where nobody goes, and the room may have had nobody to lead it.
 */
export async function nameSuccessor(tx: Tx, actor: Actor, roomId: number, goes: number | null): Promise<void> {
  const next = await tx.get<{ user_id: number; role: RoomRole }>(
    `SELECT m.user_id, m.role FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.user_id <> ? AND m.state = 'in' AND u.deactivated_at IS NULL AND u.guest = 0
      ORDER BY CASE m.role WHEN 'admin' THEN 0 WHEN 'moderator' THEN 1 WHEN 'member' THEN 2 ELSE 3 END,
        m.joined_seq, m.user_id LIMIT 1`,
    roomId,
    goes ?? 0,
  );
  if (next && next.role !== "admin") await writeRole(tx, actor, roomId, next.user_id, "admin");
}
