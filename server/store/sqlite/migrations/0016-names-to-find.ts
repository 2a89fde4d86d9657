import type { Database } from "bun:sqlite";
import { nameKey } from "#shared/names.ts";

/** The key of each display name: SQL's own lower() knows ASCII alone here, and no look-alikes anywhere. */
export const namesToFind = {
  version: 16,
  /** The program before would leave the former key beside a new name. */
  needs: 16,
  sql: "ALTER TABLE users ADD COLUMN display_key TEXT NOT NULL DEFAULT '';",
  fill(db: Database): void {
    const named = db.query<{ id: number; name: string }, []>(
      "SELECT id, display_name AS name FROM users WHERE display_name <> ''",
    );
    const give = db.query("UPDATE users SET display_key = ? WHERE id = ?");
    for (const { id, name } of named.all()) give.run(nameKey(name), id);
  },
};
