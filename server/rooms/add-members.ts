import { Refusal } from "#shared/errors.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextSeq, recordEvent, tellEvent } from "./log.ts";
import { admit } from "./membership.ts";
import { roomFor } from "./standing.ts";

/** Adds people, and lets in again whom the room kept out: many at once are one event. */
export async function addMembers(tx: Tx, actor: Actor, args: { roomId: number; userIds: number[] }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "add-members");
  const wanted: number[] = [];
  // In one order: two who add the same people to two rooms would wait for each other otherwise.
  for (const userId of [...new Set(args.userIds)].sort((a, b) => a - b)) {
    const found = await tx.get<{ state: string | null }>(
      `SELECT m.state FROM users u LEFT JOIN members m ON m.user_id = u.id AND m.room_id = ?
        WHERE u.id = ? AND u.deactivated_at IS NULL`,
      room.id,
      userId,
    );
    if (!found) throw new Refusal("not_found", `There is no person with the id ${userId}.`, { field: "user_ids" });
    if (found.state !== "in") wanted.push(userId);
  }
  if (wanted.length === 0) return null;
  const place = await nextSeq(tx, room.id);
  await recordEvent(tx, { roomId: room.id, seq: place.seq }, "members.added", null, actor.userId);
  for (const userId of wanted) await admit(tx, room.id, room.kind, userId, "member", place);
  await tellEvent(tx, room.id, place);
  return null;
}
