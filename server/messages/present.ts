import type { Message } from "#shared/models.ts";

export interface MessageRow {
  id: number;
  room_id: number;
  seq: number;
  n: number;
  changed: number;
  user_id: number;
  username: string;
  content: string;
  created_at: number;
}

/** Row → message. With `messageText` the only way out. */
export function presentMessage(row: MessageRow): Message {
  return {
    type: "message",
    id: row.id,
    room_id: row.room_id,
    seq: row.seq,
    n: row.n,
    changed: row.changed,
    user_id: row.user_id,
    username: row.username,
    content: row.content,
    timestamp: new Date(row.created_at).toISOString(),
  };
}

/**
 * A new message as JSON, put together from parts that are JSON already: on the busiest path its words are escaped once
 * and not a second time. Equal to `JSON.stringify(presentMessage(row))`.
 */
export function messageText(
  sent: { id: number; seq: number; n: number },
  by: { roomId: number; userId: number; usernameJson: string },
  contentJson: string,
  timestamp: string,
): string {
  return `{"type":"message","id":${sent.id},"room_id":${by.roomId},"seq":${sent.seq},"n":${sent.n},"changed":${sent.seq},"user_id":${by.userId},"username":${by.usernameJson},"content":${contentJson},"timestamp":"${timestamp}"}`;
}
