import type { Draft } from "#shared/models.ts";
import type { Sql, Tx } from "../store/sql.ts";

export interface DraftRow {
  room_id: number;
  content: string;
  written_at: number;
  version: number;
}

export function presentDraft({ room_id, content, written_at, version }: DraftRow): Draft {
  return { room_id, content, written_at: new Date(written_at).toISOString(), version };
}

/** Those that changed after a version of the person's stream; from the start only those that are there. */
export async function draftsSince(sql: Sql, userId: number, since: number): Promise<Draft[]> {
  const rows = await sql.all<DraftRow>(
    `SELECT room_id, content, written_at, version FROM drafts
      WHERE user_id = ? AND thread = 0 AND version > ? AND (? > 0 OR content <> '') ORDER BY room_id`,
    userId,
    since,
    since,
  );
  return rows.map(presentDraft);
}

/** Takes a person's draft in a room away, for a frame of theirs of this version. */
export async function forgetDraft(tx: Tx, userId: number, roomId: number, version: number): Promise<Draft[]> {
  const rows = await tx.all<DraftRow>(
    `UPDATE drafts SET content = '', bytes = 0, version = ? WHERE user_id = ? AND room_id = ? AND content <> ''
      RETURNING room_id, content, written_at, version`,
    version,
    userId,
    roomId,
  );
  return rows.map(presentDraft);
}
