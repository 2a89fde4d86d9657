/** See SQLite's migration of this version. */
export const threads = {
  version: 9,
  needs: 9,
  sql: `
ALTER TABLE messages ADD COLUMN thread bigint;
ALTER TABLE messages ADD COLUMN replies bigint;
ALTER TABLE messages ADD COLUMN last_reply bigint;
ALTER TABLE messages ADD COLUMN replied_at bigint;
ALTER TABLE messages ADD COLUMN repliers text;
CREATE UNIQUE INDEX messages_of_thread ON messages (thread, seq) WHERE thread IS NOT NULL;

CREATE TABLE thread_followers (
  root_id bigint NOT NULL,
  user_id bigint NOT NULL REFERENCES users (id),
  room_id bigint NOT NULL REFERENCES rooms (id),
  following bigint NOT NULL,
  read_seq bigint NOT NULL,
  read_n bigint NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (root_id, user_id)
);
CREATE INDEX threads_of_follower ON thread_followers (user_id, version);
`,
};
