import { limits } from "#shared/limits.ts";
import type { Account } from "#shared/models.ts";
import type { Tx } from "../store/sql.ts";
import { presentAccount, roleIn, type UserRow } from "../users/queries.ts";

export type Refreshed = { ok: true; account: Account; sessionId: string; count: number } | { ok: false };

interface SessionRow extends UserRow {
  refresh_count: number;
  refresh_nonce: string | null;
  refreshed_at: number | null;
  last_used_at: number;
}

/**
 * Uses a refresh token once. The same token with the same nonce within a minute is the same refresh, whose answer was
 * lost on the way; any other second use means that two hold it, and the session ends for both. That is an outcome and
 * not a refusal, because a refusal would roll the ending back.
 */
export async function refreshSession(
  tx: Tx,
  args: { sessionId: string; count: number; nonce: string | null },
): Promise<Refreshed> {
  const row = await tx.get<SessionRow>(
    `SELECT u.id, u.username, u.email, ${roleIn("u.")} AS role, u.created_at, s.refresh_count, s.refresh_nonce, s.refreshed_at, s.last_used_at
       FROM sessions s JOIN users u ON u.id = s.user_id WHERE s.id = ? AND u.deactivated_at IS NULL`,
    args.sessionId,
  );
  if (!row || row.last_used_at < tx.now - limits.sessionIdleDays * 86_400_000) return { ok: false };
  const answer = (count: number): Refreshed => ({
    ok: true,
    account: presentAccount(row),
    sessionId: args.sessionId,
    count,
  });
  if (args.count === row.refresh_count) {
    await tx.run(
      "UPDATE sessions SET refresh_count = refresh_count + 1, refresh_nonce = ?, refreshed_at = ?, last_used_at = ? WHERE id = ?",
      args.nonce,
      tx.now,
      tx.now,
      args.sessionId,
    );
    return answer(row.refresh_count + 1);
  }
  if (isSameRefresh(row, args, tx.now)) return answer(row.refresh_count);
  await tx.run("DELETE FROM sessions WHERE id = ?", args.sessionId);
  tx.tell({ to: "sessions", sessionIds: [args.sessionId] });
  return { ok: false };
}

function isSameRefresh(row: SessionRow, args: { count: number; nonce: string | null }, now: number): boolean {
  return (
    args.count === row.refresh_count - 1 &&
    args.nonce !== null &&
    args.nonce === row.refresh_nonce &&
    row.refreshed_at !== null &&
    now - row.refreshed_at < limits.refreshForgivenFor
  );
}
