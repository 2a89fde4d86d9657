import type { ErasedAccount, ErasedWords } from "#shared/contract/people.ts";
import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import { endDeserted } from "../rooms/end-room.ts";
import { nextSeq, recordHappening, tellEvent } from "../rooms/log.ts";
import { letGo } from "../rooms/membership.ts";
import { inEachRoom, nameSuccessor } from "../rooms/name-successor.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { managedRow, mayGovern } from "./queries.ts";
import { tellNewName } from "./tell-new-name.ts";

const NOBODYS_NAME = "former member";

/**
 * Takes away what says who somebody is, for good: their name, address, profile and ways in. Their rooms go on without
 * them; their words stay under "former member", or go, a little at a time, by `sweepWords`.
 */
export async function eraseUser(
  tx: Tx,
  actor: Actor,
  args: { userId: number; words: ErasedWords; from: string },
): Promise<ErasedAccount> {
  await mayGovern(tx, actor);
  const row = await managedRow(tx, args.userId);
  if (!row) return eraseKeptWords(tx, actor, args);
  if (row.id === actor.userId) throw new Refusal("forbidden", "Nobody erases their own account. Ask another admin.");
  const ended = await tx.all<{ id: string }>("DELETE FROM sessions WHERE user_id = ? RETURNING id", row.id);
  tx.tell({ to: "sessions", sessionIds: ended.map(({ id }) => id) });
  await tx.run(
    `UPDATE users SET username = ?, username_key = ?, email = NULL, email_key = NULL, email_confirmed = 0,
       password_hash = '!', role = 'user', deactivated_at = coalesce(deactivated_at, ?), erased_at = coalesce(erased_at, ?),
       display_name = '', display_key = '', hue = NULL, time_zone = NULL, status_text = '', status_until = NULL,
       words_from = CASE WHEN ? = 1 THEN 0 ELSE words_from END WHERE id = ?`,
    NOBODYS_NAME,
    // No name can hold a control character, so this key is nobody else's.
    `\u0001${row.id}`,
    tx.now,
    tx.now,
    args.words === "erase" ? 1 : 0,
    row.id,
  );
  await tx.run("DELETE FROM blocks WHERE user_id = ?", row.id);
  await tx.run("DELETE FROM bans WHERE user_id = ?", row.id);
  await tx.run("DELETE FROM mail_digests WHERE user_id = ?", row.id);
  await tx.run("DELETE FROM old_logins WHERE user_id = ?", row.id);
  for (const table of ["drafts", "saved_messages"]) await tx.run(`DELETE FROM ${table} WHERE user_id = ?`, row.id);
  await tx.run("UPDATE scheduled SET content = '', state = 'cancelled' WHERE user_id = ? AND state <> 'sent'", row.id);
  await tx.run("DELETE FROM thread_followers WHERE user_id = ?", row.id);
  for (const table of ["mentions", "group_members", "preferences", "told"]) {
    await tx.run(`DELETE FROM ${table} WHERE user_id = ?`, row.id);
  }
  await tx.run("DELETE FROM password_links WHERE user_id = ?", row.id);
  await tx.run("UPDATE invites SET revoked_at = ? WHERE made_by = ? AND revoked_at IS NULL", tx.now, row.id);
  if (row.username !== NOBODYS_NAME) await tellNewName(tx, actor, row.id, NOBODYS_NAME);
  await leaveRooms(tx, actor, row.id);
  tx.tell({ to: "account", userId: row.id });
  const detail = { words: args.words === "erase" ? "erased" : "kept" };
  await recordAct(tx, { act: "account.erased", actor: actor.userId, userId: row.id, detail, from: args.from });
  return { id: row.id, words: args.words, erased_at: new Date(tx.now).toISOString() };
}

/** Of somebody who was erased already: their words, which were kept then, go as well. What is gone is not kept again. */
async function eraseKeptWords(
  tx: Tx,
  actor: Actor,
  args: { userId: number; words: ErasedWords; from: string },
): Promise<ErasedAccount> {
  if (args.words === "keep") throw new Refusal("not_found");
  const row = await tx.get<{ erased_at: number }>(
    "UPDATE users SET words_from = 0 WHERE id = ? AND erased_at IS NOT NULL RETURNING erased_at",
    args.userId,
  );
  if (!row) throw new Refusal("not_found");
  const done = { actor: actor.userId, userId: args.userId, from: args.from };
  await recordAct(tx, { act: "account.erased", detail: { words: "erased" }, ...done });
  return { id: args.userId, words: "erase", erased_at: new Date(row.erased_at).toISOString() };
}

/** A direct talk keeps them, or nobody would know with whom it was. */
async function leaveRooms(tx: Tx, actor: Actor, userId: number): Promise<void> {
  await inEachRoom(tx, userId, async ({ roomId, kind, role }) => {
    if (role === "admin") await nameSuccessor(tx, actor, roomId, userId);
    const place = await nextSeq(tx, roomId);
    await recordHappening(tx, { roomId, seq: place.seq }, userId, { is: "left", people: [userId] });
    if (kind !== "public") tx.tell({ to: "ears", userId, roomId, from: place.seq, code: "not_found" });
    await letGo(tx, roomId, userId, "left", place.seq);
    await tellEvent(tx, roomId, place);
    await endDeserted(tx, { id: roomId, kind });
  });
}
