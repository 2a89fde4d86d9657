import type { Message } from "#shared/models.ts";
import { roomFor } from "../rooms/standing.ts";
import { visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { isGuest } from "../users/queries.ts";
import { newestOf } from "./read-page.ts";

/**
 * The newest messages of all rooms that the actor may read, oldest first. Rooms are walked from the one that was spoken
 * in last, and no further than the first that can have nothing new enough.
 */
export async function readNewest(sql: Sql, actor: Actor, args: { limit: number }): Promise<Message[]> {
  const rooms = await sql.all<{ id: number; newest: number }>(
    ROOMS,
    actor.userId,
    (await isGuest(sql, actor.userId)) ? 1 : 0,
  );
  let kept: Message[] = [];
  for (const { id, newest } of rooms) {
    if (kept.length === args.limit && newest < (kept[0]?.id ?? 0)) break;
    const standpoint = await roomFor(sql, actor, id, "read");
    const reading = { sql, of: "said" as const, id, ranges: await visible(sql, actor, standpoint) };
    const all = [...kept, ...(await newestOf(reading, args.limit))].sort((a, b) => a.id - b.id);
    kept = all.slice(-args.limit);
  }
  return kept;
}

const ROOMS = `SELECT id, newest FROM (
    SELECT r.id, (SELECT m.id FROM messages m WHERE m.room_id = r.id AND m.thread IS NULL AND m.deleted_at IS NULL
        ORDER BY m.seq DESC LIMIT 1) AS newest
      FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ?
     WHERE r.deleted_at IS NULL AND (m.state = 'in' OR (r.kind = 'public' AND ? = 0 AND coalesce(m.state, '') <> 'removed'))
  ) AS spoken WHERE newest IS NOT NULL ORDER BY newest DESC`;
