import { type ErrorCode, Refusal } from "#shared/errors.ts";
import type { MessageEvent } from "#shared/events.ts";
import type { Message } from "#shared/models.ts";
import type { RoomAction, Standing } from "#shared/permissions.ts";
import { nextSeq, recordEvent, tellEvent } from "../rooms/log.ts";
import { roomFor, whyNot } from "../rooms/standing.ts";
import { isIn, visible } from "../rooms/visible.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { MESSAGE, type MessageRow, presentMessage } from "./present.ts";

/** The room is named beside the message: what is done to it is done under the lock of its room. */
export interface MessageAt {
  roomId: number;
  id: number;
}

/**
 * The one way to a message by its id: through the actor, who may read its room at its place. One that they may not see
 * and one that does not exist are the same refusal.
 */
export async function messageFor(
  sql: Sql,
  actor: Actor,
  args: { id: number; roomId?: number },
): Promise<{ row: MessageRow; standing: Standing }> {
  const row = await sql.get<MessageRow>(`${ONE} WHERE m.id = ?`, args.id);
  if (!row || (args.roomId ?? row.room_id) !== row.room_id) throw new Refusal("not_found");
  const standpoint = await roomFor(sql, actor, row.room_id, "read");
  if (!isIn(await visible(sql, actor, standpoint), row.seq)) throw new Refusal("not_found");
  return { row, standing: standpoint.standing };
}

/** One message by its id. */
export async function getMessage(sql: Sql, actor: Actor, args: { id: number }): Promise<Message> {
  return presentMessage((await messageFor(sql, actor, args)).row);
}

const ONE = `SELECT ${MESSAGE} FROM messages m JOIN users u ON u.id = m.user_id`;

/** Refuses whoever may not do this with the message, and everybody once it is deleted. */
export function refuseUnless(action: RoomAction, { row, standing }: { row: MessageRow; standing: Standing }): void {
  const refused: ErrorCode | null = whyNot(action, standing);
  if (refused) throw new Refusal(refused);
  if (row.deleted_at !== null) throw new Refusal("deleted");
}

type Did = MessageEvent["type"];

/** Records what was done to a message and tells it. `write` is given the seq of the event, which the message keeps. */
export async function recordChange(
  tx: Tx,
  actor: Actor,
  at: MessageAt,
  did: Did,
  write: (seq: number) => Promise<unknown>,
): Promise<Message> {
  const place = await nextSeq(tx, at.roomId);
  await write(place.seq);
  await recordEvent(tx, { roomId: at.roomId, seq: place.seq }, did, at.id, actor.userId);
  await tellEvent(tx, at.roomId, place);
  const row = await tx.get<MessageRow>(`${ONE} WHERE m.id = ?`, at.id);
  if (!row) throw new Error("A message was changed that does not exist.");
  return presentMessage(row);
}
