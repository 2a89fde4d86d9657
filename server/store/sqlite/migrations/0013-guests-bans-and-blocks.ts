/** Guests of the house, invites that make them, bans with their reason and end, blocks, and rooms set apart in one's list. */
export const guestsBansAndBlocks = {
  version: 13,
  /** The program before would show a guest every public room and every person. */
  needs: 13,
  sql: `
ALTER TABLE users ADD COLUMN guest INTEGER NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));
ALTER TABLE invites ADD COLUMN guest INTEGER NOT NULL DEFAULT 0 CHECK (guest IN (0, 1));
ALTER TABLE members ADD COLUMN favourite INTEGER NOT NULL DEFAULT 0 CHECK (favourite IN (0, 1));
ALTER TABLE members ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));

CREATE TABLE bans (
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  by_user INTEGER NOT NULL REFERENCES users (id),
  at INTEGER NOT NULL,
  until INTEGER,
  reason TEXT NOT NULL,
  PRIMARY KEY (room_id, user_id)
) WITHOUT ROWID;
CREATE INDEX bans_by_end ON bans (until) WHERE until IS NOT NULL;

CREATE TABLE blocks (
  user_id INTEGER NOT NULL REFERENCES users (id),
  blocked_id INTEGER NOT NULL REFERENCES users (id),
  blocked_at INTEGER,
  version INTEGER NOT NULL,
  PRIMARY KEY (user_id, blocked_id)
) WITHOUT ROWID;
CREATE INDEX blocks_by_version ON blocks (user_id, version);
`,
};
