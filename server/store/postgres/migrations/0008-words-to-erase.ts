/** See SQLite's migration of this version. */
export const wordsToErase = {
  version: 8,
  needs: 8,
  sql: `
ALTER TABLE users ADD COLUMN words_from bigint;
CREATE INDEX users_to_erase ON users (id) WHERE words_from IS NOT NULL;
`,
};
