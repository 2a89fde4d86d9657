/** See SQLite's migration of this version. */
export const betweenNodes = {
  version: 5,
  needs: 4,
  sql: `
CREATE TABLE tickets (
  ticket_hash text COLLATE "C" PRIMARY KEY,
  session_id text COLLATE "C" NOT NULL,
  expires_at bigint NOT NULL
);
CREATE INDEX tickets_by_end ON tickets (expires_at);

CREATE TABLE guesses (
  whose text COLLATE "C" PRIMARY KEY,
  thousandths_left bigint NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX guesses_by_time ON guesses (at);
`,
};
