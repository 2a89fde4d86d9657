/** Messages that answer another one. */
export const replies = {
  version: 7,
  needs: 6,
  sql: "ALTER TABLE messages ADD COLUMN reply_to INTEGER",
};
