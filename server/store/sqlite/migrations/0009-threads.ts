/** Replies in the thread of a message, what a message knows of its thread, and who follows which. */
export const threads = {
  version: 9,
  /** The program before would list replies in a thread among the room's messages, and count them there. */
  needs: 9,
  sql: `
ALTER TABLE messages ADD COLUMN thread INTEGER;
ALTER TABLE messages ADD COLUMN replies INTEGER;
ALTER TABLE messages ADD COLUMN last_reply INTEGER;
ALTER TABLE messages ADD COLUMN replied_at INTEGER;
ALTER TABLE messages ADD COLUMN repliers TEXT;
CREATE UNIQUE INDEX messages_of_thread ON messages (thread, seq) WHERE thread IS NOT NULL;

CREATE TABLE thread_followers (
  root_id INTEGER NOT NULL,
  user_id INTEGER NOT NULL REFERENCES users (id),
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  following INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  read_n INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (root_id, user_id)
) WITHOUT ROWID;
CREATE INDEX threads_of_follower ON thread_followers (user_id, version);
`,
};
