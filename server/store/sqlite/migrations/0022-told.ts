/** What was told of messages outside of open pages, the newest of each person; and since when a pause holds. */
export const told = {
  version: 22,
  needs: 17,
  sql: `
CREATE TABLE told (
  user_id INTEGER NOT NULL,
  room_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  how TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id, seq, how)
) WITHOUT ROWID;
CREATE INDEX told_newest ON told (user_id, at);
ALTER TABLE preferences ADD COLUMN paused_at INTEGER;
`,
};
