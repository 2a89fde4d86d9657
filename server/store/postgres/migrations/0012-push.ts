/** See SQLite's migration of this version. */
export const push = {
  version: 12,
  needs: 8,
  sql: `
CREATE TABLE push_subscriptions (
  session_id text COLLATE "C" PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
  user_id bigint NOT NULL REFERENCES users (id),
  endpoint text COLLATE "C" NOT NULL UNIQUE,
  p256dh text COLLATE "C" NOT NULL,
  auth text COLLATE "C" NOT NULL,
  words bigint NOT NULL,
  made_at bigint NOT NULL
);
CREATE INDEX push_subscriptions_of_user ON push_subscriptions (user_id);
`,
};
