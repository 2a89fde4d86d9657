/** In which thread somebody is called: there its own cursor says whether it is unread. */
export const callsInThreads = {
  version: 17,
  /** The program before names no columns where it writes calls. */
  needs: 17,
  sql: `
ALTER TABLE mentions ADD COLUMN thread INTEGER;
ALTER TABLE calls ADD COLUMN thread INTEGER;
UPDATE mentions SET thread = (SELECT m.thread FROM messages m WHERE m.id = mentions.message_id);
UPDATE calls SET thread = (SELECT m.thread FROM messages m WHERE m.id = calls.message_id);
CREATE INDEX mentions_in_thread ON mentions (user_id, thread, seq) WHERE thread IS NOT NULL;
CREATE INDEX calls_in_thread ON calls (thread, seq) WHERE thread IS NOT NULL;
CREATE INDEX threads_followed ON thread_followers (user_id, room_id) WHERE following = 1;
`,
};
