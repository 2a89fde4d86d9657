import type { RoomEvent } from "#shared/events.ts";
import type { Hidden } from "#shared/frames.ts";
import type { Sql } from "../store/sql.ts";
import { eventsBetween } from "./log.ts";

/** What a room's log says after a seq, for a node of the server itself: nobody's rights are asked here. */
export async function readLog(
  sql: Sql,
  args: { roomId: number; after: number; most: number },
): Promise<(RoomEvent | Hidden)[]> {
  const room = await sql.get<{ seq: number }>("SELECT seq FROM rooms WHERE id = ? AND deleted_at IS NULL", args.roomId);
  if (!room || room.seq <= args.after) return [];
  return eventsBetween(sql, args.roomId, args.after + 1, Math.min(room.seq, args.after + args.most));
}
