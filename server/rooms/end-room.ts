import type { MyRooms } from "#shared/frames.ts";
import type { RoomKind } from "#shared/models.ts";
import { type DraftRow, presentDraft } from "../drafts/drafts.ts";
import type { Tx } from "../store/sql.ts";
import { nextHouseVersion } from "../store/streams.ts";

/**
 * Takes a room from everybody, without asking who may. Those who are in it are told that it is gone, and those who had
 * something begun there that it is thrown away: in as many statements for a thousand people as for one.
 */
export async function endRoom(tx: Tx, room: { id: number; kind: RoomKind }): Promise<void> {
  const version = room.kind === "public" ? await nextHouseVersion(tx) : null;
  await tx.run(
    `UPDATE rooms SET deleted_at = ?, version = coalesce(?, version + 1), name = '', name_key = '', description = ''
      WHERE id = ?`,
    tx.now,
    version,
    room.id,
  );
  await tx.run("DELETE FROM bans WHERE room_id = ?", room.id);
  tx.tell({ to: "ears", userId: "everyone", roomId: room.id, code: "not_found" });
  await tellGone(tx, room.id);
  if (version !== null) {
    tx.tell({ to: "house", frame: { type: "house", version, reset: false, rooms: [], gone: [room.id] } });
  }
}

/**
 * Takes a room that is not public when nobody who could come back to it is in it any more: who was erased stays in direct
 * talks, and nobody lets anybody in again. It is no act of an admin, and the house is not told who was in it.
 */
export async function endDeserted(tx: Tx, room: { id: number; kind: RoomKind }): Promise<void> {
  if (room.kind === "public") return;
  const left = await tx.get(
    `SELECT 1 AS one FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.state = 'in' AND u.erased_at IS NULL LIMIT 1`,
    room.id,
  );
  if (left === null) await endRoom(tx, room);
}

async function tellGone(tx: Tx, roomId: number): Promise<void> {
  await tx.run(
    `UPDATE users SET me_version = me_version + 1 WHERE id IN (
       SELECT user_id FROM members WHERE room_id = ? AND state = 'in'
       UNION SELECT user_id FROM drafts WHERE room_id = ? AND content <> '')`,
    roomId,
    roomId,
  );
  const members = await tx.all<{ user_id: number; version: number }>(
    `UPDATE members SET version = (SELECT me_version FROM users WHERE users.id = members.user_id)
      WHERE room_id = ? AND state = 'in' RETURNING user_id, version`,
    roomId,
  );
  const drafts = await tx.all<DraftRow & { user_id: number }>(
    `UPDATE drafts SET content = '', bytes = 0, version = (SELECT me_version FROM users WHERE users.id = drafts.user_id)
      WHERE room_id = ? AND content <> '' RETURNING user_id, room_id, content, written_at, version`,
    roomId,
  );
  const frames = new Map<number, MyRooms>();
  for (const { user_id, version } of members) {
    frames.set(user_id, { type: "me", version, reset: false, rooms: [], gone: [roomId] });
  }
  for (const { user_id, ...draft } of drafts) {
    const { version } = draft;
    const frame: MyRooms = frames.get(user_id) ?? { type: "me", version, reset: false, rooms: [], gone: [] };
    frames.set(user_id, { ...frame, drafts: [...(frame.drafts ?? []), presentDraft(draft)] });
  }
  for (const [userId, frame] of frames) tx.tell({ to: "person", userId, frame });
}
