/** Up to which of an erased person's messages the words are gone. Null: nothing is left to be taken. */
export const wordsToErase = {
  version: 8,
  /** The program before would leave the words that are still to go. */
  needs: 8,
  sql: `
ALTER TABLE users ADD COLUMN words_from INTEGER;
CREATE INDEX users_to_erase ON users (id) WHERE words_from IS NOT NULL;
`,
};
