/** What nodes on one database must count together: tickets that are good once, and guesses at accounts. */
export const betweenNodes = {
  version: 5,
  needs: 4,
  sql: `
CREATE TABLE tickets (
  ticket_hash TEXT PRIMARY KEY,
  session_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX tickets_by_end ON tickets (expires_at);

CREATE TABLE guesses (
  whose TEXT PRIMARY KEY,
  thousandths_left INTEGER NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX guesses_by_time ON guesses (at);
`,
};
