import type { HouseRooms } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { nextFrom, type StreamChunk } from "../store/streams.ts";
import { isGuest } from "../users/queries.ts";
import { presentRoom } from "./present.ts";
import { ROOM, type RoomRow } from "./standing.ts";

/** The house's stream after a version. A guest is told of no room of the house: what they are in comes in their own. */
export async function houseSince(
  sql: Sql,
  actor: Actor,
  args: { since: number; from: number },
): Promise<StreamChunk<HouseRooms>> {
  if (await isGuest(sql, actor.userId)) {
    return { frame: { type: "house", version: 0, reset: true, rooms: [], gone: [] }, next: null };
  }
  const house = await sql.get<{ version: number }>("SELECT version FROM house WHERE one = 1");
  const version = house?.version ?? 0;
  const since = args.since > version ? 0 : args.since;
  const rows = await sql.all<RoomRow & { deleted_at: number | null }>(
    `SELECT ${ROOM}, r.deleted_at FROM rooms r
      WHERE r.kind = 'public' AND r.version > ? AND r.id > ? AND (? > 0 OR r.deleted_at IS NULL)
      ORDER BY r.id LIMIT ?`,
    since,
    args.from,
    since,
    limits.streamChunk,
  );
  return {
    frame: {
      type: "house",
      version,
      reset: since === 0 && args.from === 0,
      rooms: rows.filter((row) => row.deleted_at === null).map(presentRoom),
      gone: rows.filter((row) => row.deleted_at !== null).map((row) => row.id),
    },
    next: nextFrom(rows),
  };
}
