/** See SQLite's migration of this version. */
export const happenings = {
  version: 20,
  needs: 19,
  sql: `
CREATE TABLE happenings (
  room_id bigint NOT NULL REFERENCES rooms (id),
  seq bigint NOT NULL,
  by_user bigint NOT NULL REFERENCES users (id),
  at bigint NOT NULL,
  deed text NOT NULL,
  PRIMARY KEY (room_id, seq)
);
`,
};
