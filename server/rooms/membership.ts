import type { RoomKind, RoomRole } from "#shared/models.ts";
import { forgetDraft } from "../drafts/drafts.ts";
import type { Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { unfollowRoom } from "../threads/follow.ts";
import { myRoom, rowsOfRoom } from "./my-rooms.ts";
import { joined, rangesOf } from "./visible.ts";

/**
 * Writes one person into a room at the seq of the event that says so, and tells their own stream. Their read cursor
 * begins at what stands: what was said before they came is history, not unread. A reader who comes back is one still, or
 * they would get the right to write by leaving.
 */
export async function admit(
  tx: Tx,
  roomId: number,
  kind: RoomKind,
  userId: number,
  role: RoomRole,
  place: { seq: number; n: number },
  /** Whose view of the past they are given; null: they see what is written from here on. */
  historyOf: number | null = null,
): Promise<void> {
  const version = await nextPersonVersion(tx, userId);
  await tx.run(
    `INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
     VALUES (?, ?, ?, 'in', ?, ?, ?, ?)
     ON CONFLICT (room_id, user_id) DO UPDATE SET
       role = CASE WHEN members.role = 'reader' THEN 'reader' ELSE excluded.role END, state = 'in',
       joined_seq = excluded.joined_seq, read_seq = excluded.read_seq, read_n = excluded.read_n,
       version = excluded.version, notify = NULL, hidden = 0`,
    roomId,
    userId,
    role,
    place.seq,
    place.seq,
    place.n,
    version,
  );
  await tx.run("UPDATE rooms SET member_count = member_count + 1 WHERE id = ?", roomId);
  if (kind !== "public") {
    await tx.run("INSERT INTO visible_ranges VALUES (?, ?, ?, NULL)", roomId, userId, place.seq);
    if (historyOf !== null) await shareHistory(tx, roomId, historyOf, userId, place.seq);
  }
  // A direct talk's row names the others: it is told when all of them are there.
  if (kind !== "direct") await tellMyRoom(tx, userId, roomId, version);
}

/**
 * Lets somebody read what whoever adds them may read there: all of it and no more, so that nobody shows by another what
 * was hidden from themselves.
 */
async function shareHistory(tx: Tx, roomId: number, byUserId: number, userId: number, before: number): Promise<void> {
  const open = (await rangesOf(tx, roomId, byUserId)).filter((range) => range.from < before);
  const shared = open.map((range) => ({ from: range.from, to: Math.min(range.to, before - 1) }));
  const ranges = joined([...(await rangesOf(tx, roomId, userId)), ...shared]);
  await tx.run("DELETE FROM visible_ranges WHERE room_id = ? AND user_id = ?", roomId, userId);
  for (const { from, to } of ranges) {
    const end = to === Number.MAX_SAFE_INTEGER ? null : to;
    await tx.run("INSERT INTO visible_ranges VALUES (?, ?, ?, ?)", roomId, userId, from, end);
  }
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
    `UPDATE members SET state = ?, role = CASE role WHEN 'reader' THEN 'reader' ELSE 'member' END, version = ?
      WHERE room_id = ? AND user_id = ?`,
    state,
    version,
    roomId,
    userId,
  );
  await unfollowRoom(tx, userId, roomId);
  await tx.run("UPDATE rooms SET member_count = member_count - 1 WHERE id = ?", roomId);
  await tx.run(
    "UPDATE visible_ranges SET to_seq = ? WHERE room_id = ? AND user_id = ? AND to_seq IS NULL",
    seq,
    roomId,
    userId,
  );
  const drafts = state === "removed" ? await forgetDraft(tx, userId, roomId, version) : [];
  const more = drafts.length === 0 ? {} : { drafts };
  tx.tell({ to: "person", userId, frame: { type: "me", version, reset: false, rooms: [], gone: [roomId], ...more } });
}

/**
 * A room that is not the house's to know is told in the stream of each member, when it or who is in it changed; a public
 * one in that of each guest, to whom the house says nothing. As many statements for a thousand members as for one.
 */
export async function tellMembers(tx: Tx, roomId: number, whom: "all" | "guests" = "all"): Promise<void> {
  const only = whom === "guests" ? 1 : 0;
  await tx.run(
    `UPDATE users SET me_version = me_version + 1 WHERE id IN (
       SELECT m.user_id FROM members m JOIN users u ON u.id = m.user_id
        WHERE m.room_id = ? AND m.state = 'in' AND (? = 0 OR u.guest = 1))`,
    roomId,
    only,
  );
  await tx.run(
    `UPDATE members SET version = (SELECT me_version FROM users WHERE users.id = members.user_id)
      WHERE room_id = ? AND state = 'in' AND (? = 0 OR user_id IN (SELECT id FROM users WHERE guest = 1))`,
    roomId,
    only,
  );
  for (const { userId, row } of await rowsOfRoom(tx, roomId, whom)) {
    const frame = { type: "me", version: row.version, reset: false, rooms: [row], gone: [] } as const;
    tx.tell({ to: "person", userId, frame: { ...frame, rooms: [row], gone: [] } });
  }
}

/** A person's row of a room, after it changed. */
export async function tellMyRoom(tx: Tx, userId: number, roomId: number, version: number): Promise<void> {
  const row = await myRoom(tx, userId, roomId);
  if (row) tx.tell({ to: "person", userId, frame: { type: "me", version, reset: false, rooms: [row], gone: [] } });
}
