import type { ScheduledList } from "#shared/contract/kept.ts";
import { Refusal } from "#shared/errors.ts";
import type { MyRooms } from "#shared/frames.ts";
import type { Scheduled } from "#shared/models.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";

export interface ScheduledRow {
  id: number;
  user_id: number;
  room_id: number;
  thread: number | null;
  reply_to: number | null;
  content: string;
  send_at: number;
  state: Scheduled["state"];
  fault: string | null;
  version: number;
}

export const SCHEDULED = "id, user_id, room_id, thread, reply_to, content, send_at, state, fault, version";

export function presentScheduled(row: ScheduledRow): Scheduled {
  const { id, room_id, content, state, fault, version } = row;
  const thread = row.thread === null ? {} : { thread: row.thread };
  const answers = row.reply_to === null ? {} : { reply_to: row.reply_to };
  return {
    id,
    room_id,
    ...thread,
    ...answers,
    content,
    at: new Date(row.send_at).toISOString(),
    state,
    fault,
    version,
  };
}

/** One's own that waits or failed: that of somebody else and none are the same refusal. */
export async function scheduledFor(sql: Sql, actor: Actor, args: { id: number }): Promise<ScheduledRow> {
  const row = await sql.get<ScheduledRow>(
    `SELECT ${SCHEDULED} FROM scheduled WHERE id = ? AND user_id = ? AND state IN ('waiting', 'failed')`,
    args.id,
    actor.userId,
  );
  if (!row) throw new Refusal("not_found");
  return row;
}

export async function getScheduled(sql: Sql, actor: Actor, args: { id: number }): Promise<Scheduled> {
  return presentScheduled(await scheduledFor(sql, actor, args));
}

export async function listScheduled(sql: Sql, actor: Actor): Promise<ScheduledList> {
  const rows = await sql.all<ScheduledRow>(
    `SELECT ${SCHEDULED} FROM scheduled WHERE user_id = ? AND state IN ('waiting', 'failed') ORDER BY send_at, id`,
    actor.userId,
  );
  return { items: rows.map(presentScheduled) };
}

export async function scheduledSince(sql: Sql, userId: number, since: number): Promise<Scheduled[]> {
  const rows = await sql.all<ScheduledRow>(
    `SELECT ${SCHEDULED} FROM scheduled
      WHERE user_id = ? AND version > ? AND (? > 0 OR state IN ('waiting', 'failed')) ORDER BY id`,
    userId,
    since,
    since,
  );
  return rows.map(presentScheduled);
}

export function tellScheduled(tx: Tx, row: ScheduledRow): Scheduled {
  const scheduled = presentScheduled(row);
  const { user_id: userId, version } = row;
  const frame: MyRooms = { type: "me", version, reset: false, rooms: [], gone: [], scheduled: [scheduled] };
  tx.tell({ to: "person", userId, frame });
  return scheduled;
}
