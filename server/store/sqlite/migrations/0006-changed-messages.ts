/** Messages that were edited, deleted or reacted to, and the texts that they had before. */
export const changedMessages = {
  version: 6,
  /** The program before knows none of the new events of a room's log. */
  needs: 6,
  sql: `
ALTER TABLE messages ADD COLUMN edited_at INTEGER;
ALTER TABLE messages ADD COLUMN deleted_at INTEGER;
ALTER TABLE messages ADD COLUMN erased INTEGER NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reactions TEXT;

CREATE TABLE former_texts (
  message_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  content TEXT NOT NULL,
  written_at INTEGER NOT NULL,
  PRIMARY KEY (message_id, number)
) WITHOUT ROWID;
`,
};
