/** Only PostgreSQL asks for these, whose answer to a COMMIT can be lost; both have the same tables. */
export const commits = {
  version: 18,
  needs: 17,
  sql: `
CREATE TABLE commits (
  token TEXT PRIMARY KEY,
  at INTEGER NOT NULL
) WITHOUT ROWID;
`,
};
