import type { RoomKind, RoomRole } from "#shared/models.ts";
import type { Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { myRoom } from "./queries.ts";

/**
 * Writes one person into a room at the seq of the event that says so, and tells their own stream. Their read cursor
 * begins at what stands: what was said before they came is history, not unread.
 */
export async function admit(
  tx: Tx,
  roomId: number,
  kind: RoomKind,
  userId: number,
  role: RoomRole,
  place: { seq: number; n: number },
): Promise<void> {
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    `INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
     VALUES (?, ?, ?, 'in', ?, ?, ?, ?)
     ON CONFLICT (room_id, user_id) DO UPDATE SET role = excluded.role, state = 'in', joined_seq = excluded.joined_seq,
       read_seq = excluded.read_seq, read_n = excluded.read_n, version = excluded.version`,
    roomId,
    userId,
    role,
    place.seq,
    place.seq,
    place.n,
    version,
  );
  await tx.run("UPDATE rooms SET member_count = member_count + 1 WHERE id = ?", roomId);
  if (kind === "private") {
    await tx.run("INSERT INTO visible_ranges VALUES (?, ?, ?, NULL)", roomId, userId, place.seq);
  }
  await tellMyRoom(tx, userId, roomId, version);
}

/** Takes one person out: of their own will (`left`) or kept out from here on (`removed`). */
export async function letGo(
  tx: Tx,
  roomId: number,
  userId: number,
  state: "left" | "removed",
  seq: number,
): Promise<void> {
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    "UPDATE members SET state = ?, role = 'member', version = ? WHERE room_id = ? AND user_id = ?",
    state,
    version,
    roomId,
    userId,
  );
  await tx.run("UPDATE rooms SET member_count = member_count - 1 WHERE id = ?", roomId);
  await tx.run(
    "UPDATE visible_ranges SET to_seq = ? WHERE room_id = ? AND user_id = ? AND to_seq IS NULL",
    seq,
    roomId,
    userId,
  );
  tx.tell({ to: "person", userId, frame: { type: "me", version, reset: false, rooms: [], gone: [roomId] } });
}

/** A person's row of a room, after it changed. */
export async function tellMyRoom(tx: Tx, userId: number, roomId: number, version: number): Promise<void> {
  const row = await myRoom(tx, userId, roomId);
  if (row) tx.tell({ to: "person", userId, frame: { type: "me", version, reset: false, rooms: [row], gone: [] } });
}
