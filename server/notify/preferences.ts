import { Refusal } from "#shared/errors.ts";
import type { Preferences } from "#shared/models.ts";
import { DEFAULTS } from "#shared/notify.ts";
import type { Actor, Sql } from "../store/sql.ts";

export interface PreferencesRow {
  rooms: Preferences["rooms"];
  /** JSON. */
  keywords: string;
  words: number;
  paused_until: number | null;
  /** JSON. */
  quiet: string | null;
}

export function presentPreferences(row: PreferencesRow | null, groups: number[]): Preferences {
  if (row === null) return { ...DEFAULTS, groups };
  return {
    rooms: row.rooms,
    keywords: JSON.parse(row.keywords) as string[],
    words: row.words === 1,
    paused_until: row.paused_until === null ? null : new Date(row.paused_until).toISOString(),
    quiet: row.quiet === null ? null : (JSON.parse(row.quiet) as Preferences["quiet"]),
    groups,
  };
}

/** Null: they have not changed since. */
export async function preferencesSince(sql: Sql, actor: Actor, since: number): Promise<Preferences | null> {
  const row = await sql.get("SELECT 1 FROM preferences WHERE user_id = ? AND version > ?", actor.userId, since);
  return row === null ? null : getPreferences(sql, actor);
}

/** One's own, or what holds for whoever has chosen nothing. */
export async function getPreferences(sql: Sql, actor: Actor): Promise<Preferences> {
  const user = await sql.get("SELECT 1 FROM users WHERE id = ? AND deactivated_at IS NULL", actor.userId);
  if (user === null) throw new Refusal("session_ended");
  const row = await sql.get<PreferencesRow>(
    "SELECT rooms, keywords, words, paused_until, quiet FROM preferences WHERE user_id = ?",
    actor.userId,
  );
  const groups = await sql.all<{ group_id: number }>(
    "SELECT group_id FROM group_members WHERE user_id = ? ORDER BY group_id",
    actor.userId,
  );
  return presentPreferences(
    row,
    groups.map(({ group_id }) => group_id),
  );
}
