/** Names that people logged in with elsewhere, links that set a password, and what was imported from where. */
export const importsAndLinks = {
  version: 2,
  /** The program before runs on it: it asks for none of these. */
  needs: 1,
  sql: `
CREATE TABLE old_logins (
  login TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id)
) WITHOUT ROWID;
CREATE INDEX old_logins_of_user ON old_logins (user_id);

CREATE TABLE password_links (
  token_hash TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX password_links_of_user ON password_links (user_id);

CREATE TABLE imports (
  id INTEGER PRIMARY KEY,
  place TEXT NOT NULL,
  users_print TEXT NOT NULL,
  messages_print TEXT,
  keeps_ids INTEGER NOT NULL,
  finished INTEGER NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL,
  began_at INTEGER NOT NULL
);

CREATE TABLE imported (
  import_id INTEGER NOT NULL REFERENCES imports (id),
  kind TEXT NOT NULL CHECK (kind IN ('user', 'room', 'message')),
  source_id TEXT NOT NULL,
  own_id INTEGER NOT NULL,
  PRIMARY KEY (import_id, kind, source_id)
) WITHOUT ROWID;
`,
};
