import type { Mentions, Message, Pin, Reaction, Replies } from "#shared/models.ts";

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
  edited_at: number | null;
  deleted_at: number | null;
  erased: number;
  /** JSON of `Message.reactions`; null: none. */
  reactions: string | null;
  reply_to: number | null;
  pinned_by: number | null;
  pinned_at: number | null;
  /** The message in whose thread it stands. */
  thread: number | null;
  /** Of a thread that hangs on it: the newest number, when it was written and, as JSON, by whom. */
  replies: number | null;
  replied_at: number | null;
  repliers: string | null;
  /** JSON of `Message.mentions`; null: it calls nobody. */
  mentions: string | null;
}

/** Every column of a `MessageRow`, of messages that the query calls m and their authors u. */
export const MESSAGE = `m.id, m.room_id, m.seq, m.n, m.changed, m.user_id, u.username, m.content, m.created_at,
  m.edited_at, m.deleted_at, m.erased, m.reactions, m.reply_to, m.pinned_by, m.pinned_at, m.thread, m.replies,
  m.replied_at, m.repliers, m.mentions`;

/** Row → message. With `messageText` the only way out. */
export function presentMessage(row: MessageRow): Message {
  const pinned = pinIn(row);
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
    ...(row.edited_at === null ? {} : { edited_at: new Date(row.edited_at).toISOString() }),
    ...(row.deleted_at === null ? {} : { deleted_at: new Date(row.deleted_at).toISOString() }),
    ...(row.erased ? { erased: true } : {}),
    ...(row.reactions === null ? {} : { reactions: reactionsIn(row) }),
    ...(row.reply_to === null ? {} : { reply_to: row.reply_to }),
    ...(pinned === null ? {} : { pinned }),
    ...(row.thread === null ? {} : { thread: row.thread }),
    ...(row.replies === null ? {} : { replies: repliesOf(row, row.replies) }),
    ...(row.mentions === null ? {} : { mentions: mentionsIn(row) }),
  };
}

export function pinIn(row: Pick<MessageRow, "pinned_by" | "pinned_at" | "deleted_at">): Pin | null {
  const { pinned_by, pinned_at, deleted_at } = row;
  if (pinned_by === null || pinned_at === null || deleted_at !== null) return null;
  return { by: pinned_by, at: new Date(pinned_at).toISOString() };
}

function repliesOf({ replied_at, repliers }: MessageRow, n: number): Replies {
  return { n, last_at: new Date(replied_at ?? 0).toISOString(), people: JSON.parse(repliers ?? "[]") as number[] };
}

export function reactionsIn({ reactions }: Pick<MessageRow, "reactions">): Reaction[] {
  return reactions === null ? [] : (JSON.parse(reactions) as Reaction[]);
}

export function mentionsIn({ mentions }: Pick<MessageRow, "mentions">): Mentions | undefined {
  return mentions === null ? undefined : (JSON.parse(mentions) as Mentions);
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
