import type { MentionList } from "#shared/contract/notify.ts";
import { MESSAGE, type MessageRow, presentMessage } from "../messages/present.ts";
import type { Actor, Sql } from "../store/sql.ts";

// Messages that call rooms or groups looked at by one page: those of rooms that one is not in are passed over.
const LOOKED_AT = 2_000;

/** Messages that call oneself, by people whom one does not block, in rooms where one may see them, the newest first. */
export async function listMentions(
  sql: Sql,
  actor: Actor,
  args: { before: number | null; limit: number },
): Promise<MentionList> {
  const before = args.before ?? Number.MAX_SAFE_INTEGER;
  const looked = await sql.get<{ least: number | null; count: number }>(
    `SELECT min(message_id) AS least, count(*) AS count FROM (
       SELECT message_id FROM calls WHERE message_id < ? ORDER BY message_id DESC LIMIT ${LOOKED_AT}) AS newest`,
    before,
  );
  const isCut = (looked?.count ?? 0) === LOOKED_AT;
  const least = isCut ? (looked?.least ?? 0) : 0;
  const rows = await sql.all<MessageRow>(
    `SELECT ${MESSAGE} FROM (
       SELECT message_id FROM mentions WHERE user_id = ? AND message_id < ? AND message_id >= ?
       UNION
       SELECT c.message_id FROM calls c WHERE c.message_id < ? AND c.message_id >= ? AND c.ended = 0 AND c.author <> ?
         AND (c.target <= 0 OR EXISTS (SELECT 1 FROM group_members g WHERE g.group_id = c.target AND g.user_id = ?))
     ) AS called JOIN messages m ON m.id = called.message_id JOIN users u ON u.id = m.user_id
       JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL
       JOIN members b ON b.room_id = m.room_id AND b.user_id = ? AND b.state = 'in'
      WHERE m.deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM blocks k
          WHERE k.user_id = b.user_id AND k.blocked_id = m.user_id AND k.blocked_at IS NOT NULL) AND (r.kind = 'public' OR EXISTS (
        SELECT 1 FROM visible_ranges v WHERE v.room_id = m.room_id AND v.user_id = b.user_id
          AND v.from_seq <= m.seq AND (v.to_seq IS NULL OR v.to_seq >= m.seq)))
      ORDER BY m.id DESC LIMIT ?`,
    actor.userId,
    before,
    least,
    before,
    least,
    actor.userId,
    actor.userId,
    actor.userId,
    args.limit + 1,
  );
  const items = rows.slice(0, args.limit).map(presentMessage);
  const last = items.at(-1);
  if (rows.length > args.limit && last) return { items, next: String(last.id) };
  return { items, next: isCut ? String(least) : null };
}
