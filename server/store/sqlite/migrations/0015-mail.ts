/** Who wants to be told by e-mail of what they did not read. */
export const mail = {
  version: 15,
  needs: 8,
  sql: `
CREATE TABLE mail_digests (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  told_until INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  checked_at INTEGER NOT NULL
);
CREATE INDEX mail_digests_by_check ON mail_digests (checked_at);
`,
};
