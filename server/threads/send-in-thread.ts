import { withReplier } from "#shared/apply-thread.ts";
import { Refusal } from "#shared/errors.ts";
import type { Standing } from "#shared/permissions.ts";
import { messageFor } from "../messages/message-for.ts";
import type { MessageRow } from "../messages/present.ts";
import type { StoredSend } from "../messages/send-message.ts";
import { calledBy, moveRows, writeCalls } from "../notify/call-people.ts";
import { nextSeq, recordEvent, tellEvent } from "../rooms/log.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { roomFor, whyNot } from "../rooms/standing.ts";
import { once } from "../store/nonces.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { followByReply } from "./follow.ts";
import { rootFor, type ThreadAt } from "./root-for.ts";

export interface ThreadReply {
  roomId: number;
  rootId: number;
  nonce: string | null;
  content: string;
  /** The message of the thread that it answers. */
  replyTo?: number | undefined;
}

/**
 * Sends a message into the thread of another one: an event of the room's log with a seq of its own, and a number that
 * counts in the thread. The room's own count stays as it is.
 */
export async function sendInThread(tx: Tx, actor: Actor, args: ThreadReply): Promise<StoredSend> {
  const { roomId, rootId, content, replyTo = "" } = args;
  const what = `thread\n${rootId}\n${replyTo}\n${roomId}\n${content}`;
  let again: 0 | 1 = 1;
  const [id, seq, n, at] = await once(tx, actor, args.nonce ?? undefined, what, () => {
    again = 0;
    return storeInThread(tx, actor, args);
  });
  return [id, seq, n, at, again];
}

type Place = [id: number, seq: number, n: number, at: number];

/** Writes one reply and tells it, or refuses before anything is written. */
export async function storeInThread(tx: Tx, actor: Actor, args: ThreadReply): Promise<Place> {
  const { roomId, rootId, content, replyTo = null } = args;
  const { root, standing } = await threadFor(tx, actor, { roomId, rootId, replyTo });
  const { room } = await roomFor(tx, actor, roomId, "read");
  const place = await nextSeq(tx, roomId);
  const n = (root.replies ?? 0) + 1;
  const mentions = await calledBy(tx, { room, standing }, { content, seq: place.seq });
  const message = await tx.get<{ id: number }>(
    `INSERT INTO messages (room_id, seq, n, changed, user_id, content, created_at, reply_to, thread, mentions)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    roomId,
    place.seq,
    n,
    place.seq,
    actor.userId,
    content,
    tx.now,
    replyTo,
    root.id,
    mentions === null ? null : JSON.stringify(mentions),
  );
  if (!message) throw new Error("A message was stored without an id.");
  await writeOnRoot(tx, root, { id: message.id, n, userId: actor.userId });
  await recordEvent(tx, { roomId, seq: place.seq }, "thread.replied", message.id, actor.userId);
  const called = { roomId, seq: place.seq, id: message.id, author: actor.userId, thread: root.id };
  const rows = await moveRows(tx, roomId, await writeCalls(tx, called, null, mentions));
  await tellEvent(tx, roomId, place);
  for (const [userId, version] of rows) await tellMyRoom(tx, userId, roomId, version);
  await followByReply(tx, root, { seq: place.seq, n, userId: actor.userId });
  return [message.id, place.seq, n, tx.now];
}

/** The thread, through an author who may write in it, and answer that message of it. */
export async function threadFor(
  sql: Sql,
  actor: Actor,
  { roomId, rootId, replyTo }: ThreadAt & { replyTo: number | null },
): Promise<{ root: MessageRow; standing: Standing }> {
  const { root, standing } = await rootFor(sql, actor, { roomId, rootId });
  const refused = whyNot("reply", standing);
  if (refused) throw new Refusal(refused);
  // What was said in a thread stays and is answered when the message above it was taken back; a new one does not begin.
  if (root.deleted_at !== null && root.replies === null) throw new Refusal("deleted");
  if (replyTo !== null) await refuseOther(sql, actor, roomId, root.id, replyTo);
  return { root, standing };
}

async function refuseOther(tx: Sql, actor: Actor, roomId: number, rootId: number, replyTo: number): Promise<void> {
  const { row } = await messageFor(tx, actor, { roomId, id: replyTo });
  if (row.deleted_at !== null) throw new Refusal("deleted");
  if (row.id !== rootId && row.thread !== rootId) {
    throw new Refusal("invalid", "What is answered in a thread stands in it.", { field: "reply_to" });
  }
}

async function writeOnRoot(
  tx: Tx,
  root: MessageRow,
  { id, n, userId }: { id: number; n: number; userId: number },
): Promise<void> {
  const people = withReplier(JSON.parse(root.repliers ?? "[]") as number[], userId);
  await tx.run(
    "UPDATE messages SET replies = ?, last_reply = ?, replied_at = ?, repliers = ? WHERE id = ?",
    n,
    id,
    tx.now,
    JSON.stringify(people),
    root.id,
  );
}
