/** See SQLite's migration of this version. */
export const threadLevels = {
  version: 24,
  needs: 19,
  sql: "ALTER TABLE thread_followers ADD COLUMN notify text CHECK (notify IN ('all', 'mentions', 'nothing'));",
};
