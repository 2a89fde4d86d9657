import type { MentionList } from "#shared/contract/notify.ts";
import { MESSAGE, type MessageRow, presentMessage } from "../messages/present.ts";
import type { Actor, Sql } from "../store/sql.ts";

// Messages looked at by one walk, of those that name the person and of those that call rooms or groups: those that are not
// for them are passed over, and a page is given short before it is slow.
const LOOKED_AT = 200;
const MOST_WALKS = 10;

/** Messages that call oneself, by people whom one does not block, in rooms where one may see them, the newest first. */
export async function listMentions(
  sql: Sql,
  actor: Actor,
  args: { before: number | null; limit: number },
): Promise<MentionList> {
  const rows: MessageRow[] = [];
  let before: number | null = args.before ?? Number.MAX_SAFE_INTEGER;
  for (let walk = 0; walk < MOST_WALKS && before !== null && rows.length <= args.limit; walk++) {
    const least = await endOfWalk(sql, actor.userId, before);
    rows.push(...(await calledBetween(sql, actor.userId, { before, least: least ?? 0, limit: args.limit + 1 })));
    before = least;
  }
  const items = rows.slice(0, args.limit).map(presentMessage);
  const last = items.at(-1);
  if (rows.length > args.limit && last) return { items, next: String(last.id) };
  return { items, next: before === null ? null : String(before) };
}

/** The message down to which both walks come; null: there is nothing behind them. */
async function endOfWalk(sql: Sql, userId: number, before: number): Promise<number | null> {
  const named = await sql.all<{ id: number }>(
    `SELECT message_id AS id FROM mentions WHERE user_id = ? AND message_id < ? ORDER BY message_id DESC LIMIT ${LOOKED_AT}`,
    userId,
    before,
  );
  const many = await sql.all<{ id: number }>(
    `SELECT message_id AS id FROM calls WHERE message_id < ? ORDER BY message_id DESC LIMIT ${LOOKED_AT}`,
    before,
  );
  const ends = [named, many].filter((walk) => walk.length === LOOKED_AT).map((walk) => walk.at(-1)?.id ?? 0);
  return ends.length === 0 ? null : Math.max(...ends);
}

function calledBetween(
  sql: Sql,
  userId: number,
  { before, least, limit }: { before: number; least: number; limit: number },
): Promise<MessageRow[]> {
  return sql.all<MessageRow>(
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
    userId,
    before,
    least,
    before,
    least,
    userId,
    userId,
    userId,
    limit,
  );
}
