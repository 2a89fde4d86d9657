/** Where a closed browser wants to be told of new messages: one row a session at most, and it goes with the session. */
export const push = {
  version: 12,
  needs: 8,
  sql: `
CREATE TABLE push_subscriptions (
  session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  user_id INTEGER NOT NULL REFERENCES users (id),
  endpoint TEXT NOT NULL UNIQUE,
  p256dh TEXT NOT NULL,
  auth TEXT NOT NULL,
  words INTEGER NOT NULL,
  made_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX push_subscriptions_of_user ON push_subscriptions (user_id);
`,
};
