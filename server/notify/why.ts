import type { Why } from "#shared/contract/notify.ts";
import type { Level } from "#shared/models.ts";
import { decide, sentenceOf } from "#shared/notify.ts";
import { messageFor } from "../messages/message-for.ts";
import { mentionsIn } from "../messages/present.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { follows } from "../threads/my-threads.ts";
import { getPreferences } from "./preferences.ts";

/** Why one is told of a message or is not, by what one has chosen now. Asked by the one function that decides it. */
export async function whyNotified(sql: Sql, actor: Actor, args: { id: number; now: number }): Promise<Why> {
  const { row, standing } = await messageFor(sql, actor, args);
  const preferences = await getPreferences(sql, actor);
  const member = await sql.get<{ notify: Level | null }>(
    "SELECT notify FROM members WHERE room_id = ? AND user_id = ? AND state = 'in'",
    row.room_id,
    actor.userId,
  );
  const block = await sql.get(
    "SELECT 1 FROM blocks WHERE user_id = ? AND blocked_id = ? AND blocked_at IS NOT NULL",
    actor.userId,
    row.user_id,
  );
  const message = {
    author: row.user_id,
    isDeleted: row.deleted_at !== null,
    content: row.content,
    mentions: mentionsIn(row),
  };
  const room_level = member?.notify ?? null;
  const thread = row.thread === null ? "none" : (await follows(sql, actor, row.thread)) ? "followed" : "other";
  const isBlocked = block !== null;
  const place = { isMember: member !== null, sees: true, isConnected: true, isBlocked, thread } as const;
  const room = { kind: standing.kind, level: room_level };
  const decision = decide(message, { id: actor.userId, preferences }, room, place, args.now);
  return { ...decision, sentence: sentenceOf(decision, room_level !== null), room_level, preferences };
}
