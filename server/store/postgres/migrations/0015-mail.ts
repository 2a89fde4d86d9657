/** See SQLite's migration of this version. */
export const mail = {
  version: 15,
  needs: 8,
  sql: `
CREATE TABLE mail_digests (
  user_id bigint PRIMARY KEY REFERENCES users (id),
  told_until bigint NOT NULL,
  sent_at bigint NOT NULL,
  checked_at bigint NOT NULL
);
CREATE INDEX mail_digests_by_check ON mail_digests (checked_at);
`,
};
