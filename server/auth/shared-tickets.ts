import { limits } from "#shared/limits.ts";
import type { Tx } from "../store/sql.ts";

/** A ticket that any node on this database redeems. */
export async function keepTicket(tx: Tx, args: { ticket: string; sessionId: string }): Promise<null> {
  await tx.run("DELETE FROM tickets WHERE expires_at < ?", tx.now);
  const hash = tx.contentHash(args.ticket);
  await tx.run("INSERT INTO tickets VALUES (?, ?, ?)", hash, args.sessionId, tx.now + limits.ticketFor);
  return null;
}

/** Whose session it opens a socket for; null for one that was used, has expired or never was. */
export async function useTicket(tx: Tx, args: { ticket: string }): Promise<{ sessionId: string } | null> {
  const used = await tx.get<{ session_id: string; expires_at: number }>(
    "DELETE FROM tickets WHERE ticket_hash = ? RETURNING session_id, expires_at",
    tx.contentHash(args.ticket),
  );
  return used && used.expires_at > tx.now ? { sessionId: used.session_id } : null;
}
