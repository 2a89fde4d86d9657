/** See SQLite's migration of this version. */
export const changedMessages = {
  version: 6,
  needs: 6,
  sql: `
ALTER TABLE messages ADD COLUMN edited_at bigint;
ALTER TABLE messages ADD COLUMN deleted_at bigint;
ALTER TABLE messages ADD COLUMN erased bigint NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reactions text;

CREATE TABLE former_texts (
  message_id bigint NOT NULL,
  number bigint NOT NULL,
  content text NOT NULL,
  written_at bigint NOT NULL,
  PRIMARY KEY (message_id, number)
);
`,
};
