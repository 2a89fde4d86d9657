/** See SQLite's migration of this version. */
export const callsInThreads = {
  version: 17,
  needs: 17,
  sql: `
ALTER TABLE mentions ADD COLUMN thread bigint;
ALTER TABLE calls ADD COLUMN thread bigint;
UPDATE mentions SET thread = m.thread FROM messages m WHERE m.id = mentions.message_id;
UPDATE calls SET thread = m.thread FROM messages m WHERE m.id = calls.message_id;
CREATE INDEX mentions_in_thread ON mentions (user_id, thread, seq) WHERE thread IS NOT NULL;
CREATE INDEX calls_in_thread ON calls (thread, seq) WHERE thread IS NOT NULL;
CREATE INDEX threads_followed ON thread_followers (user_id, room_id) WHERE following = 1;
`,
};
