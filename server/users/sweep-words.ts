import { blankMessage } from "../messages/delete-message.ts";
import type { Tx } from "../store/sql.ts";

// Ids looked at and messages taken in one commit: nobody else's send waits long for it.
const LOOKED_AT = 20_000;
const TAKEN_AT_ONCE = 50;

/** Takes some of the words of whoever was erased with them. Returns whether there may be more. */
export async function sweepWords(tx: Tx): Promise<{ more: boolean }> {
  const user = await tx.get<{ id: number; words_from: number }>(
    "SELECT id, words_from FROM users WHERE words_from IS NOT NULL ORDER BY id LIMIT 1",
  );
  if (!user) return { more: false };
  const to = user.words_from + LOOKED_AT;
  const found = await tx.all<{ id: number; room_id: number; deleted_at: number | null; gone: number | null }>(
    `SELECT m.id, m.room_id, m.deleted_at, r.deleted_at AS gone FROM messages m JOIN rooms r ON r.id = m.room_id
      WHERE m.id > ? AND m.id <= ? AND m.user_id = ? AND m.erased = 0 ORDER BY m.id LIMIT ?`,
    user.words_from,
    to,
    user.id,
    TAKEN_AT_ONCE,
  );
  // The words of a deleted room are swept with it.
  for (const row of found) {
    if (row.gone === null) await blankMessage(tx, { userId: user.id }, { roomId: row.room_id, id: row.id }, row, 1);
  }
  const last = await tx.get<{ id: number | null }>("SELECT max(id) AS id FROM messages");
  const isPart = found.length === TAKEN_AT_ONCE;
  const reached = isPart ? (found.at(-1)?.id ?? to) : to;
  const isDone = !isPart && to >= (last?.id ?? 0);
  await tx.run("UPDATE users SET words_from = ? WHERE id = ?", isDone ? null : reached, user.id);
  return { more: true };
}
