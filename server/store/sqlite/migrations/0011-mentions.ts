/** Who is called by which message, groups of people that are called by one name, and what people want to hear of. */
export const mentions = {
  version: 11,
  /** The program before calls nobody, and shows what calls as plain text. */
  needs: 8,
  sql: `
ALTER TABLE messages ADD COLUMN mentions TEXT;
ALTER TABLE members ADD COLUMN notify TEXT;

CREATE TABLE mentions (
  user_id INTEGER NOT NULL,
  room_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  PRIMARY KEY (user_id, room_id, seq)
) WITHOUT ROWID;
CREATE INDEX mentions_newest ON mentions (user_id, message_id);
CREATE INDEX mentions_of_message ON mentions (message_id);

CREATE TABLE calls (
  room_id INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  target INTEGER NOT NULL,
  message_id INTEGER NOT NULL,
  author INTEGER NOT NULL,
  ended INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (room_id, seq, target)
) WITHOUT ROWID;
CREATE INDEX calls_of_message ON calls (message_id);

CREATE TABLE user_groups (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE
);

CREATE TABLE group_members (
  group_id INTEGER NOT NULL REFERENCES user_groups (id),
  user_id INTEGER NOT NULL REFERENCES users (id),
  PRIMARY KEY (group_id, user_id)
) WITHOUT ROWID;
CREATE INDEX groups_of_user ON group_members (user_id);

CREATE TABLE preferences (
  user_id INTEGER PRIMARY KEY REFERENCES users (id),
  version INTEGER NOT NULL,
  rooms TEXT NOT NULL,
  keywords TEXT NOT NULL,
  words INTEGER NOT NULL,
  paused_until INTEGER,
  quiet TEXT
);
`,
};
