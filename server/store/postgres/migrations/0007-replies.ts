/** See SQLite's migration of this version. */
export const replies = {
  version: 7,
  needs: 6,
  sql: "ALTER TABLE messages ADD COLUMN reply_to bigint",
};
