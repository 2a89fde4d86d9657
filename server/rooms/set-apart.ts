import type { SetApart } from "#shared/contract/rooms.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { tellMyRoom } from "./membership.ts";
import { roomFor } from "./standing.ts";

/** Sets a room apart in one's own list, for one's own devices alone: on top as a favourite, or hidden while it is quiet. */
export async function setApart(tx: Tx, actor: Actor, args: SetApart & { roomId: number }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "mark-read");
  const row = await tx.get<{ favourite: number; hidden: number }>(
    "SELECT favourite, hidden FROM members WHERE room_id = ? AND user_id = ?",
    room.id,
    actor.userId,
  );
  if (!row) return null;
  // What is a favourite is not hidden, whichever was chosen last.
  const favourite = args.favourite ?? (row.favourite === 1 && args.hidden !== true);
  const hidden = args.hidden ?? (row.hidden === 1 && args.favourite !== true);
  if (favourite === (row.favourite === 1) && hidden === (row.hidden === 1)) return null;
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    "UPDATE members SET favourite = ?, hidden = ?, version = ? WHERE room_id = ? AND user_id = ?",
    favourite ? 1 : 0,
    hidden ? 1 : 0,
    version,
    room.id,
    actor.userId,
  );
  await tellMyRoom(tx, actor.userId, room.id, version);
  return null;
}
