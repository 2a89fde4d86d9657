import type { Draft } from "#shared/models.ts";
import type { Sql, Tx } from "../store/sql.ts";

export interface DraftRow {
  room_id: number;
  /** 0: none, it is the room's own. */
  thread: number;
  content: string;
  written_at: number;
  version: number;
}

export const DRAFT = "room_id, thread, content, written_at, version";

export function presentDraft({ room_id, thread, content, written_at, version }: DraftRow): Draft {
  const where = thread === 0 ? { room_id } : { room_id, thread };
  return { ...where, content, written_at: new Date(written_at).toISOString(), version };
}

/** Those that changed after a version of the person's stream; from the start only those that are there. */
export async function draftsSince(sql: Sql, userId: number, since: number): Promise<Draft[]> {
  const rows = await sql.all<DraftRow>(
    `SELECT ${DRAFT} FROM drafts
      WHERE user_id = ? AND version > ? AND (? > 0 OR content <> '') ORDER BY room_id, thread`,
    userId,
    since,
    since,
  );
  return rows.map(presentDraft);
}

/** Takes a person's drafts in a room and its threads away, for a frame of theirs of this version. */
export async function forgetDraft(tx: Tx, userId: number, roomId: number, version: number): Promise<Draft[]> {
  const rows = await tx.all<DraftRow>(
    `UPDATE drafts SET content = '', bytes = 0, version = ? WHERE user_id = ? AND room_id = ? AND content <> ''
      RETURNING ${DRAFT}`,
    version,
    userId,
    roomId,
  );
  return rows.map(presentDraft);
}
