/** Which replies somebody is told of in a thread that they follow; null: all, where the room says nothing else. */
export const threadLevels = {
  version: 24,
  needs: 19,
  sql: "ALTER TABLE thread_followers ADD COLUMN notify TEXT CHECK (notify IN ('all', 'mentions', 'nothing'));",
};
