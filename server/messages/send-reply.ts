import { Refusal } from "#shared/errors.ts";
import { calledBy, moveRows, writeCalls } from "../notify/call-people.ts";
import { recordEvent, tellEvent } from "../rooms/log.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { roomFor, type Standpoint } from "../rooms/standing.ts";
import { once } from "../store/nonces.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { messageFor } from "./message-for.ts";
import type { StoredSend } from "./send-message.ts";

export interface Reply {
  roomId: number;
  nonce: string | null;
  content: string;
  replyTo?: number | undefined;
}

/**
 * Sends a message that answers another one, or calls people. Not in the bulk path of plain sends: what it answers has to be
 * there, in the same room, and open to whoever answers; whom it calls is looked up and kept. The nonce's row is as a plain
 * send's, so either is recognized by the other.
 */
export async function sendReply(tx: Tx, actor: Actor, args: Reply): Promise<StoredSend> {
  const { roomId, content, replyTo } = args;
  let again: 0 | 1 = 1;
  const hashed = replyTo === undefined ? `${roomId}\n${content}` : `reply\n${replyTo}\n${roomId}\n${content}`;
  const [id, seq, n, at] = await once(tx, actor, args.nonce ?? undefined, hashed, () => {
    again = 0;
    return storeMessage(tx, actor, args);
  });
  return [id, seq, n, at, again];
}

/** The room, through an author who may write there, and answer that message in it. */
export async function answerableFor(
  sql: Sql,
  actor: Actor,
  { roomId, replyTo }: { roomId: number; replyTo: number | null },
): Promise<Standpoint> {
  const standpoint = await roomFor(sql, actor, roomId, "send");
  if (replyTo === null) return standpoint;
  const { row } = await messageFor(sql, actor, { roomId, id: replyTo });
  if (row.deleted_at !== null) throw new Refusal("deleted");
  if (row.thread !== null) {
    throw new Refusal("invalid", "A reply in a thread is answered there.", { field: "reply_to" });
  }
  return standpoint;
}

type Place = [id: number, seq: number, n: number, at: number];

/** Writes one message into a room and tells it, or refuses before anything is written. */
export async function storeMessage(tx: Tx, actor: Actor, { roomId, content, replyTo }: Reply): Promise<Place> {
  const standpoint = await answerableFor(tx, actor, { roomId, replyTo: replyTo ?? null });
  const place = await tx.get<{ seq: number; n: number }>(
    "UPDATE rooms SET seq = seq + 1, n = n + 1 WHERE id = ? RETURNING seq, n",
    roomId,
  );
  if (!place) throw new Refusal("not_found");
  const { seq, n } = place;
  const mentions = await calledBy(tx, standpoint, { content, seq });
  const message = await tx.get<{ id: number }>(
    `INSERT INTO messages (room_id, seq, n, changed, user_id, content, created_at, reply_to, mentions)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
    roomId,
    seq,
    n,
    seq,
    actor.userId,
    content,
    tx.now,
    replyTo ?? null,
    mentions === null ? null : JSON.stringify(mentions),
  );
  if (!message) throw new Error("A message was stored without an id.");
  await recordEvent(tx, { roomId, seq }, "message", message.id, actor.userId);
  const called = { roomId, seq, id: message.id, author: actor.userId, thread: null };
  const rows = await moveRows(tx, roomId, await writeCalls(tx, called, null, mentions));
  await tellEvent(tx, roomId, place);
  for (const [userId, version] of rows) await tellMyRoom(tx, userId, roomId, version);
  return [message.id, seq, n, tx.now];
}
