/** A row says that an action is committed: see `fate.ts`. */
export const commits = {
  version: 18,
  needs: 17,
  sql: `
CREATE TABLE commits (
  token text COLLATE "C" PRIMARY KEY,
  at bigint NOT NULL
);
`,
};
