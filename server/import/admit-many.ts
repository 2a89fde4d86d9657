import { nextSeq } from "../rooms/log.ts";
import type { Tx } from "../store/sql.ts";
import { insertRows } from "./insert-rows.ts";

const AT_ONCE = 500;

/** Who comes into a room. */
export interface Admission {
  readonly roomId: number;
  readonly userIds: readonly number[];
  readonly admin: number | null;
  readonly at: number;
}

/**
 * Writes people into a room as one event. Whoever has been in it, and left or was removed here, stays out. Nobody is
 * told: no server runs.
 */
export async function admitMany(tx: Tx, { roomId, userIds, admin, at }: Admission): Promise<void> {
  const known = await tx.all<{ user_id: number }>("SELECT user_id FROM members WHERE room_id = ?", roomId);
  const here = new Set(known.map(({ user_id }) => user_id));
  const wanted = [...new Set(userIds)].filter((id) => !here.has(id));
  const [first] = wanted;
  if (first === undefined) return;
  const room = await tx.get<{ kind: string }>("SELECT kind FROM rooms WHERE id = ?", roomId);
  const place = await nextSeq(tx, roomId);
  const log = [roomId, place.seq, "members.added", null, admin ?? first, at];
  await insertRows(tx, "log", ["room_id", "seq", "kind", "subject", "actor", "at"], [log]);
  const versions = await nextPersonVersions(tx, wanted);
  await insertRows(
    tx,
    "members",
    ["room_id", "user_id", "role", "state", "joined_seq", "read_seq", "read_n", "version"],
    wanted.map((id) => {
      const role = id === admin ? "admin" : "member";
      return [roomId, id, role, "in", place.seq, place.seq, place.n, versions.get(id) ?? 1];
    }),
  );
  await tx.run("UPDATE rooms SET member_count = member_count + ? WHERE id = ?", wanted.length, roomId);
  if (room?.kind !== "private") return;
  const ranges = wanted.map((id) => [roomId, id, place.seq, null]);
  await insertRows(tx, "visible_ranges", ["room_id", "user_id", "from_seq", "to_seq"], ranges);
}

async function nextPersonVersions(tx: Tx, userIds: readonly number[]): Promise<Map<number, number>> {
  const versions = new Map<number, number>();
  for (let from = 0; from < userIds.length; from += AT_ONCE) {
    const ids = userIds.slice(from, from + AT_ONCE);
    const rows = await tx.all<{ id: number; me_version: number }>(
      `UPDATE users SET me_version = me_version + 1 WHERE id IN (SELECT CAST(value AS bigint) FROM ${tx.listed}) RETURNING id, me_version`,
      JSON.stringify(ids),
    );
    for (const { id, me_version } of rows) versions.set(id, me_version);
  }
  return versions;
}

/** What was said elsewhere is history and not unread: everybody has read all of the rooms that were brought. */
export async function finishReading(tx: Tx, importId: number): Promise<void> {
  await tx.run(
    `UPDATE users SET me_version = me_version + 1 WHERE id IN
       (SELECT user_id FROM members WHERE state = 'in' AND room_id IN (${ROOMS}))`,
    importId,
  );
  await tx.run(
    `UPDATE members SET read_seq = (SELECT seq FROM rooms WHERE rooms.id = members.room_id),
       read_n = (SELECT n FROM rooms WHERE rooms.id = members.room_id),
       version = (SELECT me_version FROM users WHERE users.id = members.user_id)
      WHERE state = 'in' AND room_id IN (${ROOMS})`,
    importId,
  );
}

/**
 * A later run brings history into a room in which people have talked since: whoever had read all that was there has read
 * what comes as well. Asked before the room has its new place, and after its messages are there.
 */
export async function readOn(tx: Tx, roomId: number, to: { seq: number; n: number }): Promise<void> {
  const done = await tx.all<{ user_id: number }>(
    `SELECT b.user_id FROM members b JOIN rooms r ON r.id = b.room_id
      WHERE b.room_id = ? AND b.state = 'in' AND NOT EXISTS (SELECT 1 FROM messages m
        WHERE m.room_id = r.id AND m.thread IS NULL AND m.seq > b.read_seq AND m.seq <= r.seq
          AND m.user_id <> b.user_id AND m.deleted_at IS NULL)`,
    roomId,
  );
  const versions = await nextPersonVersions(
    tx,
    done.map(({ user_id }) => user_id),
  );
  for (const [userId, version] of versions) {
    await tx.run(
      "UPDATE members SET read_seq = ?, read_n = ?, version = ? WHERE room_id = ? AND user_id = ?",
      to.seq,
      to.n,
      version,
      roomId,
      userId,
    );
  }
}

const ROOMS = "SELECT own_id FROM imported WHERE import_id = ? AND kind = 'room'";
