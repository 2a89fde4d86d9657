/**
 * What happened in a room besides its messages, apart from the log: a page of messages finds it there however much else the
 * log holds between, and a send writes no more than before. What an older log says of it is not taken over.
 */
export const happenings = {
  version: 20,
  needs: 19,
  sql: `
CREATE TABLE happenings (
  room_id INTEGER NOT NULL REFERENCES rooms (id),
  seq INTEGER NOT NULL,
  by_user INTEGER NOT NULL REFERENCES users (id),
  at INTEGER NOT NULL,
  deed TEXT NOT NULL,
  PRIMARY KEY (room_id, seq)
) WITHOUT ROWID;
`,
};
