/** What people keep: pins in a room, and of their own drafts, saved messages and messages to be sent later. */
export const keptThings = {
  version: 10,
  /** The program before hides the events that it does not know. What it deletes keeps its pin, which is passed over. */
  needs: 8,
  sql: `
ALTER TABLE messages ADD COLUMN pinned_by INTEGER;
ALTER TABLE messages ADD COLUMN pinned_at INTEGER;
CREATE INDEX messages_pinned ON messages (room_id, pinned_at) WHERE pinned_at IS NOT NULL;

CREATE TABLE drafts (
  user_id INTEGER NOT NULL REFERENCES users (id),
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  thread INTEGER NOT NULL DEFAULT 0,
  content TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  written_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id, thread)
) WITHOUT ROWID;
CREATE INDEX drafts_by_version ON drafts (user_id, version);

CREATE TABLE saved_messages (
  user_id INTEGER NOT NULL REFERENCES users (id),
  message_id INTEGER NOT NULL,
  saved_at INTEGER,
  version INTEGER NOT NULL,
  PRIMARY KEY (user_id, message_id)
) WITHOUT ROWID;
CREATE INDEX saved_by_version ON saved_messages (user_id, version);

CREATE TABLE scheduled (
  id INTEGER PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  content TEXT NOT NULL,
  send_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'failed', 'sent', 'cancelled')),
  fault TEXT,
  version INTEGER NOT NULL
);
CREATE INDEX scheduled_by_version ON scheduled (user_id, version);
CREATE INDEX scheduled_due ON scheduled (send_at) WHERE state = 'waiting';
`,
};
