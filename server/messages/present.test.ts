import { expect, test } from "bun:test";
import fc from "fast-check";
import { messageText, presentMessage } from "./present.ts";

const plain = {
  edited_at: null,
  deleted_at: null,
  erased: 0,
  reactions: null,
  reply_to: null,
  pinned_by: null,
  pinned_at: null,
  thread: null,
  replies: null,
  replied_at: null,
  repliers: null,
  mentions: null,
};

test("a message is the same text live and in history, whatever is in it", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), (content, username) => {
      const row = {
        id: 7,
        room_id: 3,
        seq: 12,
        n: 9,
        changed: 12,
        user_id: 2,
        username,
        content,
        created_at: 1e12,
        ...plain,
      };
      const by = { roomId: 3, userId: 2, usernameJson: JSON.stringify(username) };
      const timestamp = new Date(1e12).toISOString();
      const live = messageText({ id: 7, seq: 12, n: 9 }, by, JSON.stringify(content), timestamp);
      expect(live).toBe(JSON.stringify(presentMessage(row)));
    }),
  );
});
