/**
 * Direct talks, roles in a room, who may write in it, archived rooms, and invites. SQLite changes no CHECK of a table
 * that is there: rooms and members are made anew, those that point at rooms first, so that no row ever points nowhere.
 */
export const directTalkAndRoles = {
  version: 3,
  /** The program before knows neither a direct talk nor that a room may be closed to writing. */
  needs: 3,
  sql: `
CREATE TABLE kept_members AS SELECT * FROM members;
CREATE TABLE kept_ranges AS SELECT * FROM visible_ranges;
CREATE TABLE kept_rooms AS SELECT * FROM rooms;
DROP TABLE members;
DROP TABLE visible_ranges;
DROP TABLE rooms;

CREATE TABLE rooms (
  id INTEGER PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('public', 'private', 'direct')),
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  created_by INTEGER REFERENCES users (id),
  created_at INTEGER NOT NULL,
  deleted_at INTEGER,
  seq INTEGER NOT NULL DEFAULT 0,
  n INTEGER NOT NULL DEFAULT 0,
  member_count INTEGER NOT NULL DEFAULT 0,
  version INTEGER NOT NULL DEFAULT 0,
  direct_key TEXT,
  posting TEXT NOT NULL DEFAULT 'members' CHECK (posting IN ('members', 'moderators')),
  archived_at INTEGER
);
CREATE UNIQUE INDEX public_room_names ON rooms (name_key) WHERE kind = 'public' AND deleted_at IS NULL;
CREATE INDEX rooms_by_version ON rooms (version) WHERE kind = 'public';
CREATE UNIQUE INDEX direct_rooms ON rooms (direct_key) WHERE direct_key IS NOT NULL;

CREATE TABLE members (
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  role TEXT NOT NULL CHECK (role IN ('admin', 'moderator', 'member', 'reader')),
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

INSERT INTO rooms (id, kind, name, name_key, description, created_by, created_at, deleted_at, seq, n, member_count, version)
  SELECT id, kind, name, name_key, description, created_by, created_at, deleted_at, seq, n, member_count, version FROM kept_rooms;
INSERT INTO members (room_id, user_id, role, state, joined_seq, read_seq, read_n, version)
  SELECT room_id, user_id, role, state, joined_seq, read_seq, read_n, version FROM kept_members;
INSERT INTO visible_ranges (room_id, user_id, from_seq, to_seq) SELECT room_id, user_id, from_seq, to_seq FROM kept_ranges;
DROP TABLE kept_members;
DROP TABLE kept_ranges;
DROP TABLE kept_rooms;

CREATE TABLE invites (
  id INTEGER PRIMARY KEY,
  token_hash TEXT NOT NULL UNIQUE,
  made_by INTEGER NOT NULL REFERENCES users (id),
  made_at INTEGER NOT NULL,
  expires_at INTEGER,
  uses_most INTEGER,
  uses INTEGER NOT NULL DEFAULT 0,
  revoked_at INTEGER
);
CREATE INDEX invites_of_maker ON invites (made_by);

CREATE TABLE invite_rooms (
  invite_id INTEGER NOT NULL REFERENCES invites (id),
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  PRIMARY KEY (invite_id, room_id)
) WITHOUT ROWID;
`,
};
