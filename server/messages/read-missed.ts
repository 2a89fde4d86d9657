import type { RoomEvent } from "#shared/events.ts";
import type { Hidden } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Room } from "#shared/models.ts";
import { eventsBetween, seqOf } from "../rooms/log.ts";
import { roomFor } from "../rooms/standing.ts";
import { cut, isIn, visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";

/** What a cursor has missed, or that it cannot be continued from here. `seq` is the room's newest when it was read. */
export type Missed =
  | { kind: "events"; seq: number; n: number; frames: (RoomEvent | Hidden)[]; room: TalkState }
  | { kind: "resync"; seq: number; n: number };

/** What says of a room whether it is a closed talk, and since which version. */
export type TalkState = Pick<Room, "id" | "kind" | "posting" | "version">;

/** All events after a seq that the person may see, in order, holes named. `most` bounds their number. */
export async function readMissed(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; after: number; most: number },
): Promise<Missed> {
  const standpoint = await roomFor(sql, actor, args.roomId, "read");
  const { seq, n } = standpoint.room;
  const most = Math.min(args.most, limits.resumePerRoom);
  if (args.after > seq || seq - args.after > most) return { kind: "resync", seq, n };
  const frames: (RoomEvent | Hidden)[] = [];
  const ranges = await visible(sql, actor, standpoint);
  const parts = cut(ranges, args.after + 1, seq);
  const sees = (place: number) => isIn(ranges, place);
  // Read as one, however often the person left and came back; what they may not see goes no further than here.
  const events = parts.some((part) => !part.hidden)
    ? await eventsBetween(sql, args.roomId, args.after + 1, seq, sees)
    : [];
  for (const part of parts) {
    if (part.hidden) frames.push({ type: "hidden", room_id: args.roomId, from: part.from, to: part.to });
    else frames.push(...events.filter((event) => part.from <= seqOf(event) && seqOf(event) <= part.to));
  }
  const { id, kind, posting, version } = standpoint.room;
  return { kind: "events", seq, n, frames, room: { id, kind, posting, version } };
}
