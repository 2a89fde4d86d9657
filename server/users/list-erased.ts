import type { ErasedList } from "#shared/contract/people.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { mayGovern } from "./queries.ts";

/** Accounts that were erased, for admins: by whose id the words go that were kept. */
export async function listErased(sql: Sql, actor: Actor, args: { after: number; limit: number }): Promise<ErasedList> {
  await mayGovern(sql, actor);
  const rows = await sql.all<{ id: number; erased_at: number }>(
    "SELECT id, erased_at FROM users WHERE erased_at IS NOT NULL AND id > ? ORDER BY id LIMIT ?",
    args.after,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  const acts = await sql.all<{ user_id: number; detail: string }>(
    "SELECT user_id, detail FROM audit WHERE act = 'account.erased' AND user_id > ? AND user_id <= ? ORDER BY id",
    args.after,
    last?.id ?? args.after,
  );
  // The last word on them holds.
  const asked = new Map(acts.map((act) => [act.user_id, (JSON.parse(act.detail) as { words: string }).words]));
  const items = kept.map(({ id, erased_at }) => ({
    id,
    words: asked.get(id) === "erased" ? ("erase" as const) : ("keep" as const),
    erased_at: new Date(erased_at).toISOString(),
  }));
  return { items, next: rows.length > args.limit && last ? String(last.id) : null };
}
