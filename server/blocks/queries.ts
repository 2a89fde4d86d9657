import type { BlockList } from "#shared/contract/people.ts";
import type { MyBlock } from "#shared/models.ts";
import { type LookRow, presentFace } from "../rooms/present.ts";
import type { Actor, Sql } from "../store/sql.ts";

/** Whom a person blocks, for themselves alone. */
export async function listBlocks(sql: Sql, actor: Actor, args: { after: number; limit: number }): Promise<BlockList> {
  const rows = await sql.all<LookRow & { id: number }>(
    `SELECT u.id, u.username, u.display_name, u.hue, u.guest, u.deactivated_at FROM blocks b JOIN users u ON u.id = b.blocked_id
      WHERE b.user_id = ? AND b.blocked_at IS NOT NULL AND u.id > ? ORDER BY u.id LIMIT ?`,
    actor.userId,
    args.after,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  return { items: kept.map(presentFace), next: rows.length > args.limit && last ? String(last.id) : null };
}

/** What changed in it after a version. */
export async function blocksSince(sql: Sql, userId: number, since: number): Promise<MyBlock[]> {
  const rows = await sql.all<{ user_id: number; blocked_at: number | null; version: number }>(
    `SELECT blocked_id AS user_id, blocked_at, version FROM blocks
      WHERE user_id = ? AND version > ? AND (? > 0 OR blocked_at IS NOT NULL) ORDER BY blocked_id`,
    userId,
    since,
    since,
  );
  return rows.map(({ user_id, blocked_at, version }) => ({ user_id, blocked: blocked_at !== null, version }));
}
