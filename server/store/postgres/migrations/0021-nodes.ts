/** See SQLite's migration of this version. */
export const nodes = {
  version: 21,
  needs: 19,
  sql: `
CREATE TABLE nodes (
  node text COLLATE "C" PRIMARY KEY,
  bus bigint NOT NULL,
  at bigint NOT NULL
);
`,
};
