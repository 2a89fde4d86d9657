/** Where a message is to stand that is sent later: in which thread, and what it answers. */
export const laterInThreads = {
  version: 19,
  /** The program before would send into the room what is meant for a thread. */
  needs: 19,
  sql: `
ALTER TABLE scheduled ADD COLUMN thread INTEGER;
ALTER TABLE scheduled ADD COLUMN reply_to INTEGER;
`,
};
