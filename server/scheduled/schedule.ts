import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Scheduled } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { answerableFor } from "../messages/send-reply.ts";
import { once } from "../store/nonces.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { threadFor } from "../threads/send-in-thread.ts";
import { presentScheduled, SCHEDULED, type ScheduledRow, scheduledFor, tellScheduled } from "./scheduled.ts";

interface Wanted {
  roomId: number;
  content: string;
  at: number;
  nonce?: string | undefined;
  /** The message in whose thread it is to stand. */
  thread?: number | undefined;
  replyTo?: number | undefined;
}

/** Keeps a message that is to be sent later. Whether its author may send it is asked now, and again when it is due. */
export async function schedule(tx: Tx, actor: Actor, args: Wanted): Promise<Scheduled> {
  const { roomId, content, at, thread = null, replyTo = null } = args;
  const where = thread === null && replyTo === null ? "" : `${thread ?? ""}\n${replyTo ?? ""}\n`;
  const { id } = await once(tx, actor, args.nonce, `later\n${where}${roomId}\n${at}\n${content}`, async () => {
    await refusePlace(tx, actor, { roomId, thread, replyTo });
    refuseFaults(tx, { content, at });
    await refuseTooMany(tx, actor, 0, content);
    const version = await nextPersonVersion(tx, actor.userId);
    const row = await tx.get<ScheduledRow>(
      `INSERT INTO scheduled (user_id, room_id, thread, reply_to, content, send_at, state, version)
        VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?) RETURNING ${SCHEDULED}`,
      actor.userId,
      roomId,
      thread,
      replyTo,
      content,
      at,
      version,
    );
    if (!row) throw new Error("A message was scheduled without an id.");
    tellScheduled(tx, row);
    return { id: row.id };
  });
  const row = await tx.get<ScheduledRow>(`SELECT ${SCHEDULED} FROM scheduled WHERE id = ?`, id);
  if (!row) throw new Error("A scheduled message is gone without a mark.");
  return presentScheduled(row);
}

/** Other words or another time. One that could not be sent waits again. */
export async function changeScheduled(
  tx: Tx,
  actor: Actor,
  args: { roomId: number; id: number; content?: string | undefined; at?: number | undefined },
): Promise<Scheduled> {
  const known = await scheduledFor(tx, actor, args);
  await refusePlace(tx, actor, { roomId: known.room_id, thread: known.thread, replyTo: known.reply_to });
  const content = args.content ?? known.content;
  const at = args.at ?? known.send_at;
  refuseFaults(tx, { content, at });
  await refuseTooMany(tx, actor, known.id, content);
  return write(tx, actor, { ...known, content, send_at: at, state: "waiting" });
}

export async function cancelScheduled(tx: Tx, actor: Actor, args: { roomId: number; id: number }): Promise<null> {
  const known = await scheduledFor(tx, actor, args);
  await write(tx, actor, { ...known, content: "", state: "cancelled" });
  return null;
}

/** Asks the row once more: it may have been sent since it was read. */
async function write(tx: Tx, actor: Actor, wanted: ScheduledRow): Promise<Scheduled> {
  const version = await nextPersonVersion(tx, actor.userId);
  const row = await tx.get<ScheduledRow>(
    `UPDATE scheduled SET content = ?, send_at = ?, state = ?, fault = NULL, version = ?
      WHERE id = ? AND state IN ('waiting', 'failed') RETURNING ${SCHEDULED}`,
    wanted.content,
    wanted.send_at,
    wanted.state,
    version,
    wanted.id,
  );
  if (!row) throw new Refusal("not_found");
  return tellScheduled(tx, row);
}

/** Whether it may stand there is asked as if it were sent now. */
async function refusePlace(
  tx: Tx,
  actor: Actor,
  { roomId, thread, replyTo }: { roomId: number; thread: number | null; replyTo: number | null },
): Promise<void> {
  if (thread !== null) await threadFor(tx, actor, { roomId, rootId: thread, replyTo });
  else await answerableFor(tx, actor, { roomId, replyTo });
}

function refuseFaults(tx: Tx, { content, at }: { content: string; at: number }): void {
  const fault = contentFault(content);
  if (fault) throw new Refusal(fault, undefined, { field: "content" });
  if (at > tx.now + limits.scheduledAheadDays * 86_400_000) {
    throw new Refusal("invalid", "A message is scheduled for a year ahead at most.", { field: "at" });
  }
}

async function refuseTooMany(tx: Tx, actor: Actor, besideId: number, content: string): Promise<void> {
  const others = await tx.all<{ content: string }>(
    "SELECT content FROM scheduled WHERE user_id = ? AND id <> ? AND state IN ('waiting', 'failed')",
    actor.userId,
    besideId,
  );
  const bytes = [content, ...others.map((row) => row.content)].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  if (others.length < limits.scheduledPerPerson && bytes <= limits.scheduledBytesInAll) return;
  throw new Refusal("full", "There are too many messages to be sent later. Cancel some of them.");
}
