/** Times are milliseconds since 1970. */
export const init = {
  version: 1,
  /** The oldest schema version a program must know to run on a database that has this migration. */
  needs: 1,
  sql: `
CREATE TABLE house (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  epoch TEXT NOT NULL,
  version INTEGER NOT NULL,
  commits INTEGER NOT NULL
);

CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  username TEXT NOT NULL,
  username_key TEXT NOT NULL UNIQUE,
  email TEXT,
  email_key TEXT UNIQUE,
  email_confirmed INTEGER NOT NULL DEFAULT 0,
  password_hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'user')),
  created_at INTEGER NOT NULL,
  deactivated_at INTEGER,
  me_version INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE sessions (
  id TEXT PRIMARY KEY,
  user_id INTEGER NOT NULL REFERENCES users (id),
  client TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  last_used_at INTEGER NOT NULL,
  refresh_count INTEGER NOT NULL DEFAULT 0,
  refresh_nonce TEXT,
  refreshed_at INTEGER
) WITHOUT ROWID;
CREATE INDEX sessions_of_user ON sessions (user_id);

CREATE TABLE rooms (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('public', 'private')),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  created_by INTEGER REFERENCES users (id),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  seq INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL DEFAULT 0,
  member_count INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX public_room_names ON rooms (name_key) WHERE kind = 'public' AND deleted_at IS NULL;
CREATE INDEX rooms_by_version ON rooms (version) WHERE kind = 'public';

CREATE TABLE members (
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  role TEXT NOT NULL CHECK (role IN ('admin', 'member')),
  state TEXT NOT NULL CHECK (state IN ('in', 'left', 'removed')),
  joined_seq INTEGER NOT NULL,
  read_seq INTEGER NOT NULL,
  read_n INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX rooms_of_member ON members (user_id, version);
CREATE INDEX members_by_arrival ON members (room_id, joined_seq);

CREATE TABLE visible_ranges (
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  from_seq INTEGER NOT NULL,
  to_seq INTEGER,
  PRIMARY KEY (room_id, user_id, from_seq)
) WITHOUT ROWID;

CREATE TABLE messages (
  id INTEGER PRIMARY KEY,
  room_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  n INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  user_id INTEGER NOT NULL,
  content TEXT NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX messages_of_room ON messages (room_id, seq);

CREATE TABLE log (
  room_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  kind TEXT NOT NULL,
  subject INTEGER,
  actor INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;

CREATE TABLE nonces (
  author INTEGER NOT NULL,
  nonce TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (author, nonce)
) WITHOUT ROWID;
`,
};
