import type { Tx } from "../store/sql.ts";
import { IS_LIVE } from "./queries.ts";

const KEPT_FOR = 30 * 86_400_000;
const SWEPT_AT_ONCE = 100;

/**
 * Forgets invites that ended a month ago. Returns whether there are more. The last one of all stays: its id would be given
 * again, and the audit log names invites by theirs.
 */
export async function sweepInvites(tx: Tx): Promise<{ more: boolean }> {
  const over = await tx.all<{ id: number }>(
    `SELECT i.id FROM invites i WHERE NOT (${IS_LIVE}) AND coalesce(i.revoked_at, i.expires_at, i.made_at) <= ?
      AND i.id < (SELECT max(id) FROM invites) ORDER BY i.id LIMIT ?`,
    tx.now,
    tx.now - KEPT_FOR,
    SWEPT_AT_ONCE,
  );
  for (const { id } of over) {
    await tx.run("DELETE FROM invite_rooms WHERE invite_id = ?", id);
    await tx.run("DELETE FROM invites WHERE id = ?", id);
  }
  return { more: over.length === SWEPT_AT_ONCE };
}
