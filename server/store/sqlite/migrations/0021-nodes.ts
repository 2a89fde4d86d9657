/** Which processes store here: see `beat.ts`. A file has one, and needs no row for it. */
export const nodes = {
  version: 21,
  needs: 19,
  sql: `
CREATE TABLE nodes (
  node TEXT PRIMARY KEY,
  bus INTEGER NOT NULL,
  at INTEGER NOT NULL
) WITHOUT ROWID;
`,
};
