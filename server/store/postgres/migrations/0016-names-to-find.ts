import { nameKey } from "#shared/names.ts";
import type { Connection } from "../connection.ts";

/** See SQLite's migration of this version. */
export const namesToFind = {
  version: 16,
  needs: 16,
  sql: `ALTER TABLE users ADD COLUMN display_key text COLLATE "C" NOT NULL DEFAULT '';`,
  async fill(connection: Connection): Promise<void> {
    const { rows } = await connection.query<{ id: number; name: string }>(
      "SELECT id, display_name AS name FROM users WHERE display_name <> ''",
    );
    const keys = rows.map(({ id, name }) => ({ id, key: nameKey(name) }));
    await connection.query(
      `UPDATE users u SET display_key = given.key
         FROM json_to_recordset($1::json) AS given (id bigint, key text) WHERE u.id = given.id`,
      [JSON.stringify(keys)],
    );
  },
};
