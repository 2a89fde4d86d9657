import type { GivenHistory } from "#shared/contract/rooms.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { recordInRoom } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { knows } from "../users/people.ts";
import { nextSeq, recordHappening, tellEvent } from "./log.ts";
import { admit, tellMembers } from "./membership.ts";
import { refuseBlocked } from "./open-direct.ts";
import { type RoomRow, roomFor } from "./standing.ts";

export interface AddMembersArgs {
  roomId: number;
  userIds: number[];
  history?: GivenHistory | undefined;
  from?: string;
}

/** Adds people, and lets in again whom the room kept out: many at once are one event. */
export async function addMembers(tx: Tx, actor: Actor, args: AddMembersArgs): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "add-members");
  const wanted: number[] = [];
  const forgiven: number[] = [];
  // In one order: two who add the same people to two rooms would wait for each other otherwise.
  for (const userId of [...new Set(args.userIds)].sort((a, b) => a - b)) {
    const found = await tx.get<{ state: string | null }>(
      `SELECT m.state FROM users u LEFT JOIN members m ON m.user_id = u.id AND m.room_id = ?
        WHERE u.id = ? AND u.deactivated_at IS NULL`,
      room.id,
      userId,
    );
    if (!found || !(await knows(tx, actor, userId)))
      throw new Refusal("not_found", `There is no person with the id ${userId}.`, { field: "user_ids" });
    if (found.state !== "in") wanted.push(userId);
    if (found.state === "removed") forgiven.push(userId);
  }
  if (wanted.length === 0) return null;
  if (room.kind !== "public") await refuseBlocked(tx, actor, wanted, "add");
  if (room.kind === "direct") await widenTalk(tx, room, wanted.length);
  const place = await nextSeq(tx, room.id);
  const at = { roomId: room.id, seq: place.seq };
  await recordHappening(tx, at, actor.userId, { is: "came", people: wanted });
  for (const userId of wanted) {
    await tx.run("DELETE FROM bans WHERE room_id = ? AND user_id = ?", room.id, userId);
    await admit(tx, room.id, room.kind, userId, "member", place, args.history === "all" ? actor.userId : null);
  }
  if (room.kind === "direct") await tellMembers(tx, room.id);
  await tellEvent(tx, room.id, place);
  for (const userId of forgiven) {
    await recordInRoom(tx, room, { act: "member.unbanned", actor: actor.userId, userId, from: args.from });
  }
  return null;
}

/** The talk goes on with more people, and is not that of the two any more: they get another one when they begin it. */
async function widenTalk(tx: Tx, room: RoomRow, more: number): Promise<void> {
  if (room.member_count + more > limits.directPeople) {
    throw new Refusal("invalid", `A direct talk has ${limits.directPeople} people at most. Make a private room.`, {
      field: "user_ids",
    });
  }
  await tx.run("UPDATE rooms SET direct_key = NULL WHERE id = ?", room.id);
}
