import { Refusal } from "#shared/errors.ts";
import { userName } from "#shared/names.ts";
import { recordAct } from "../audit/record-act.ts";
import type { Sql, Tx } from "../store/sql.ts";

const LASTS = 24 * 3_600_000;

export interface LinkMade {
  username: string;
  /** What the account was before. */
  was: "admin" | "user" | "nobody";
  until: number;
}

/**
 * Lets whoever has the link set the password of an account, once. `makesAdmin` makes the account an admin's, and makes
 * one where there is none: an operator with the data in hand needs nobody's leave. A newer link takes an older one's place.
 */
export async function makePasswordLink(
  tx: Tx,
  args: { name: string; makesAdmin: boolean; tokenHash: string },
): Promise<LinkMade> {
  const found = await accountNamed(tx, args.name);
  const user = found ?? (args.makesAdmin ? await makeAccount(tx, args.name) : null);
  if (user === null) throw new Refusal("not_found", `Nobody is called ${args.name} here.`);
  if (!user.isActive && !args.makesAdmin) {
    throw new Refusal("forbidden", `${user.username} is deactivated. An admin can let them in again.`);
  }
  if (args.makesAdmin) {
    await tx.run("UPDATE users SET role = 'admin', guest = 0, deactivated_at = NULL WHERE id = ?", user.id);
    tx.tell({ to: "account", userId: user.id });
    const byOperator = { actor: null, userId: user.id, from: null };
    if (found?.role !== "admin") await recordAct(tx, { act: "account.role", detail: { role: "admin" }, ...byOperator });
    if (!user.isActive) await recordAct(tx, { act: "account.reactivated", ...byOperator });
  }
  const until = await keepPasswordLink(tx, user.id, args.tokenHash);
  await recordAct(tx, { act: "password-link.made", actor: null, userId: user.id, from: null });
  return { username: user.username, was: found?.role ?? "nobody", until };
}

/** A newer link takes an older one's place. Returns until when it is good. */
export async function keepPasswordLink(tx: Tx, userId: number, tokenHash: string): Promise<number> {
  const until = tx.now + LASTS;
  await tx.run("DELETE FROM password_links WHERE user_id = ? OR expires_at < ?", userId, tx.now);
  await tx.run("INSERT INTO password_links VALUES (?, ?, ?)", tokenHash, userId, until);
  return until;
}

interface Named {
  id: number;
  username: string;
  role: "admin" | "user";
  isActive: number;
}

/** As at a login: a name from elsewhere counts to the letter, before one that is the same but for case. */
async function accountNamed(tx: Tx, given: string): Promise<Named | null> {
  const name = userName(given);
  const real = await tx.get<Named>(
    `SELECT ${NAMED} FROM users u WHERE username_key = ?`,
    "fault" in name ? "" : name.key,
  );
  if (real?.username === given.trim()) return real;
  const old = `SELECT ${NAMED} FROM old_logins o JOIN users u ON u.id = o.user_id WHERE o.login = ?`;
  return (await tx.get<Named>(old, given)) ?? real;
}

const NAMED = `u.id, u.username, u.role, CASE WHEN u.deactivated_at IS NULL THEN 1 ELSE 0 END AS "isActive"`;

async function makeAccount(tx: Tx, given: string): Promise<Named> {
  const name = userName(given);
  if ("fault" in name) throw new Refusal("invalid", name.fault);
  const made = await tx.get<Named>(
    `INSERT INTO users (username, username_key, password_hash, role, created_at) VALUES (?, ?, '!', 'admin', ?)
     RETURNING id, username, role, 1 AS "isActive"`,
    name.shown,
    name.key,
    tx.now,
  );
  if (!made) throw new Error("An account was made and not returned.");
  return made;
}

export interface Linked {
  userId: number;
  username: string;
}

/** Whose password a link sets; null when it was used, is too old or never was one. */
export async function findPasswordLink(sql: Sql, args: { tokenHash: string; now: number }): Promise<Linked | null> {
  const row = await sql.get<{ id: number; username: string }>(
    `SELECT u.id, u.username FROM password_links l JOIN users u ON u.id = l.user_id
      WHERE l.token_hash = ? AND l.expires_at > ? AND u.deactivated_at IS NULL`,
    args.tokenHash,
    args.now,
  );
  return row && { userId: row.id, username: row.username };
}

/** Sets the password and ends every session of the account. Of two who do it at once, one does. */
export async function usePasswordLink(tx: Tx, args: { tokenHash: string; passwordHash: string }): Promise<Linked> {
  const linked = await findPasswordLink(tx, { tokenHash: args.tokenHash, now: tx.now });
  if (linked === null) throw linkIsOver();
  await forgetPasswordLinks(tx, linked.userId);
  await tx.run("UPDATE users SET password_hash = ? WHERE id = ?", args.passwordHash, linked.userId);
  const ended = await tx.all<{ id: string }>("DELETE FROM sessions WHERE user_id = ? RETURNING id", linked.userId);
  tx.tell({ to: "sessions", sessionIds: ended.map((row) => row.id) });
  return linked;
}

/** A link that somebody else may hold must not set the password again once its owner has set one. */
export async function forgetPasswordLinks(tx: Tx, userId: number): Promise<void> {
  await tx.run("DELETE FROM password_links WHERE user_id = ?", userId);
}

export function linkIsOver(): Refusal {
  return new Refusal("not_found", "This link was used or is too old. Ask the server's operator for a new one.");
}

/** A link's token is random enough that a plain hash of it tells nothing. */
export function hashOfToken(token: string): string {
  return new Bun.CryptoHasher("sha256").update(token).digest("hex");
}
