/** See SQLite's migration of this version. */
export const told = {
  version: 22,
  needs: 17,
  sql: `
CREATE TABLE told (
  user_id bigint NOT NULL,
  room_id bigint NOT NULL,
  seq bigint NOT NULL,
  how text COLLATE "C" NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (user_id, room_id, seq, how)
);
CREATE INDEX told_newest ON told (user_id, at);
ALTER TABLE preferences ADD COLUMN paused_at bigint;
`,
};
