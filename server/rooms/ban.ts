import type { Ban } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Role, RoomRole } from "#shared/models.ts";
import { mayRemove } from "#shared/permissions.ts";
import { isStorable } from "#shared/text.ts";
import { recordInRoom } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { knows } from "../users/people.ts";
import { roleIn } from "../users/queries.ts";
import { refuseLastAdmin } from "./give-role.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { letGo } from "./membership.ts";
import { type RoomRow, roomFor } from "./standing.ts";

/**
 * Keeps a person out of a room, whether they are in it or not, for ever or until a time, for a reason that those who may
 * let them in again can read. What they wrote stays. Again with another reason or time changes those.
 */
export async function ban(tx: Tx, actor: Actor, args: Ban & { roomId: number; from?: string }): Promise<null> {
  const { room, standing } = await roomFor(tx, actor, args.roomId, "remove-members");
  const reason = wantedReason(args.reason);
  const until = args.until == null ? null : Date.parse(args.until);
  if (until !== null && until <= tx.now) {
    throw new Refusal("invalid", "A ban ends later than now.", { field: "until" });
  }
  if (args.user_id === actor.userId) throw new Refusal("invalid", "Nobody bans themselves.", { field: "user_id" });
  const found = await tx.get<Found>(
    `SELECT u.id, ${roleIn("u.")} AS house_role, m.role, m.state, m.joined_seq FROM users u
       LEFT JOIN members m ON m.user_id = u.id AND m.room_id = ? WHERE u.id = ? AND u.erased_at IS NULL`,
    room.id,
    args.user_id,
  );
  if (!found || !(await knows(tx, actor, found.id))) throw new Refusal("not_found", "There is no such person.");
  const isIn = found.state === "in";
  if (!mayRemove(standing, isIn ? (found.role ?? "member") : "member")) {
    throw new Refusal("forbidden", "A moderator bans neither admins nor other moderators.");
  }
  if (found.state !== "removed") await putOut(tx, actor, room, found, isIn);
  await tx.run(
    `INSERT INTO bans (room_id, user_id, by_user, at, until, reason) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (room_id, user_id) DO UPDATE SET by_user = excluded.by_user, at = excluded.at, until = excluded.until,
       reason = excluded.reason`,
    room.id,
    found.id,
    actor.userId,
    tx.now,
    until,
    reason,
  );
  const detail = { until: until === null ? "undone" : new Date(until).toISOString() };
  const done = { actor: actor.userId, userId: found.id, from: args.from };
  await recordInRoom(tx, room, { act: "member.banned", detail, ...done });
  return null;
}

interface Found {
  id: number;
  house_role: Role;
  role: RoomRole | null;
  state: string | null;
  /** 0: banned before they ever came in. */
  joined_seq: number | null;
}

/** Who is not in a public room may have it open to read: the event shuts their ears on every node. */
async function putOut(tx: Tx, actor: Actor, room: RoomRow, found: Found, isIn: boolean): Promise<void> {
  if (isIn && found.role === "admin") await refuseLastAdmin(tx, room.id, found.id);
  const code = room.kind === "public" && found.house_role !== "guest" ? "removed" : "not_found";
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "removed", people: [found.id] });
  if (code === "removed" || found.joined_seq) {
    tx.tell({ to: "ears", userId: found.id, roomId: room.id, from: place.seq, code });
  }
  if (isIn) await letGo(tx, room.id, found.id, "removed", place.seq);
  else await keepOut(tx, room, found, code === "removed");
  await tellEvent(tx, room.id, place);
}

/**
 * Somebody who is not in it. Whoever never was, and may not know that there is such a room, is not told: their row has no
 * version of their stream.
 */
async function keepOut(tx: Tx, room: RoomRow, found: Found, isOpen: boolean): Promise<void> {
  const version = isOpen || found.joined_seq ? await nextPersonVersion(tx, found.id) : 0;
  await tx.run(
    `INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
     VALUES (?, ?, 'member', 'removed', 0, 0, 0, ?)
     ON CONFLICT (room_id, user_id) DO UPDATE SET state = 'removed', version = excluded.version`,
    room.id,
    found.id,
    version,
  );
  if (version === 0) return;
  const frame = { type: "me", version, reset: false, rooms: [], gone: [room.id] } as const;
  tx.tell({ to: "person", userId: found.id, frame: { ...frame, rooms: [], gone: [room.id] } });
}

function wantedReason(given: string | undefined): string {
  const reason = (given ?? "").replaceAll(/\s+/g, " ").trim();
  if (!isStorable(reason)) throw new Refusal("bad_text", undefined, { field: "reason" });
  if ([...reason].length > limits.banReasonLength) {
    throw new Refusal("invalid", `A reason may have ${limits.banReasonLength} characters.`, { field: "reason" });
  }
  return reason;
}

/** Undoes a ban, or a removal: they may come back where the room is open, and are not brought in. */
export async function unban(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; userId: number; from?: string },
): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "add-members");
  const isForgiven = await forgive(tx, room.id, args.userId);
  const done = { actor: actor.userId, userId: args.userId, from: args.from };
  if (isForgiven) await recordInRoom(tx, room, { act: "member.unbanned", ...done });
  return null;
}

async function forgive(tx: Tx, roomId: number, userId: number): Promise<boolean> {
  const changed = await tx.run(
    "UPDATE members SET state = 'left' WHERE room_id = ? AND user_id = ? AND state = 'removed'",
    roomId,
    userId,
  );
  await tx.run("DELETE FROM bans WHERE room_id = ? AND user_id = ?", roomId, userId);
  return changed > 0;
}

const LIFTED_AT_ONCE = 100;

/** Lifts bans whose time is over. Returns whether there are more. */
export async function liftBans(tx: Tx): Promise<{ more: boolean }> {
  const over = await tx.all<{ room_id: number; user_id: number }>(
    "SELECT room_id, user_id FROM bans WHERE until IS NOT NULL AND until <= ? ORDER BY until, room_id, user_id LIMIT ?",
    tx.now,
    LIFTED_AT_ONCE,
  );
  for (const { room_id, user_id } of over) {
    // The room's row first: on PostgreSQL somebody may be banning this very person anew.
    await tx.run("UPDATE rooms SET version = version WHERE id = ?", room_id);
    const still = await tx.get(
      "SELECT 1 FROM bans WHERE room_id = ? AND user_id = ? AND until IS NOT NULL AND until <= ?",
      room_id,
      user_id,
      tx.now,
    );
    if (still !== null) await forgive(tx, room_id, user_id);
  }
  return { more: over.length === LIFTED_AT_ONCE };
}
