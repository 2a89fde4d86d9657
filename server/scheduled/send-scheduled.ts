import type { ErrorCode } from "#shared/errors.ts";
import { storeMessage } from "../messages/send-reply.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { storeInThread } from "../threads/send-in-thread.ts";
import { SCHEDULED, type ScheduledRow, tellScheduled } from "./scheduled.ts";

const AT_ONCE = 50;

export interface Due {
  id: number;
  roomId: number;
}

/** `except`: what could not be sent a moment ago stands in the way of nothing else. */
export async function listDue(sql: Sql, args: { now: number; except: readonly number[] }): Promise<Due[]> {
  const rows = await sql.all<{ id: number; room_id: number }>(
    `SELECT id, room_id FROM scheduled WHERE state = 'waiting' AND send_at <= ?
        AND id NOT IN (SELECT CAST(value AS bigint) FROM ${sql.listed}) ORDER BY send_at, id LIMIT ${AT_ONCE}`,
    args.now,
    JSON.stringify(args.except),
  );
  return rows.map(({ id, room_id }) => ({ id, roomId: room_id }));
}

/**
 * Sends what is due, as its author, who must be allowed to now. It is claimed in the transaction of the send itself: of
 * several nodes one finds it waiting, and what dies between the two has done neither.
 */
export async function sendScheduled(tx: Tx, _nobody: Actor, args: Due): Promise<null> {
  const due = await claim(tx, args, "sent", null);
  if (!due) return null;
  const author = { userId: due.user_id };
  const { room_id: roomId, thread, content } = due;
  const what = { roomId, content, nonce: null, replyTo: due.reply_to ?? undefined };
  if (thread === null) await storeMessage(tx, author, what);
  else await storeInThread(tx, author, { ...what, rootId: thread });
  await tellChange(tx, due, "");
  return null;
}

/** Keeps what could not be sent, with the reason, for its author. */
export async function failScheduled(tx: Tx, _nobody: Actor, args: Due & { code: ErrorCode }): Promise<null> {
  const due = await claim(tx, args, "failed", args.code);
  if (due) await tellChange(tx, due, due.content);
  return null;
}

/** Null: another node has it, or its author thought better of it. */
function claim(
  tx: Tx,
  { id, roomId }: Due,
  state: "sent" | "failed",
  fault: ErrorCode | null,
): Promise<ScheduledRow | null> {
  return tx.get(
    `UPDATE scheduled SET state = ?, fault = ? WHERE id = ? AND room_id = ? AND state = 'waiting' AND send_at <= ?
      RETURNING ${SCHEDULED}`,
    state,
    fault,
    id,
    roomId,
    tx.now,
  );
}

async function tellChange(tx: Tx, due: ScheduledRow, content: string): Promise<void> {
  const version = await nextPersonVersion(tx, due.user_id);
  await tx.run("UPDATE scheduled SET content = ?, version = ? WHERE id = ?", content, version, due.id);
  tellScheduled(tx, { ...due, content, version });
}
