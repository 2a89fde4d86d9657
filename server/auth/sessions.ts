import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Role, Session } from "#shared/models.ts";
import { userName } from "#shared/names.ts";
import type { Page } from "../rooms/queries.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { presentAccount, roleIn, USER, type UserRow } from "../users/queries.ts";
import { forgetPasswordLinks } from "./password-links.ts";

const DAY = 86_400_000;

/** Whose session it is, with what is true of them now. */
export interface Signed {
  sessionId: string;
  userId: number;
  username: string;
  role: Role;
  createdAt: number;
}

export async function findSession(sql: Sql, args: { sessionId: string; now: number }): Promise<Signed | null> {
  const row = await sql.get<UserRow & { session_id: string }>(
    `SELECT s.id AS session_id, u.id, u.username, u.email, ${roleIn("u.")} AS role, u.created_at
       FROM sessions s JOIN users u ON u.id = s.user_id
      WHERE s.id = ? AND s.last_used_at > ? AND u.deactivated_at IS NULL`,
    args.sessionId,
    args.now - limits.sessionIdleDays * DAY,
  );
  if (!row) return null;
  return {
    sessionId: row.session_id,
    userId: row.id,
    username: row.username,
    role: row.role,
    createdAt: row.created_at,
  };
}

/**
 * By user name, or by an e-mail address that was confirmed. The name that somebody logged in with where they were
 * imported from counts to the letter, and then before another's that is the same but for case.
 */
export async function findCredentials(
  sql: Sql,
  args: { login: string },
): Promise<{ userId: number; passwordHash: string } | null> {
  const name = userName(args.login);
  const row = await sql.get<Credentials>(
    `SELECT id, username, password_hash FROM users WHERE deactivated_at IS NULL
      AND (username_key = ? OR (email_key = ? AND email_confirmed = 1))`,
    "fault" in name ? "" : name.key,
    args.login.trim().toLowerCase(),
  );
  const old = row?.username === args.login.trim() ? null : await sql.get<Credentials>(BY_OLD_LOGIN, args.login);
  const found = old ?? row;
  return found && { userId: found.id, passwordHash: found.password_hash };
}

interface Credentials {
  id: number;
  username: string;
  password_hash: string;
}

const BY_OLD_LOGIN = `SELECT u.id, u.username, u.password_hash FROM old_logins o JOIN users u ON u.id = o.user_id
  WHERE o.login = ? AND u.deactivated_at IS NULL`;

export async function credentialsOf(sql: Sql, actor: Actor): Promise<{ passwordHash: string }> {
  const row = await sql.get<{ password_hash: string }>("SELECT password_hash FROM users WHERE id = ?", actor.userId);
  if (!row) throw new Refusal("session_ended");
  return { passwordHash: row.password_hash };
}

/** `proven` is the hash that the password was checked against: one that was changed meanwhile starts nothing. */
export async function startSession(
  tx: Tx,
  args: { userId: number; sessionId: string; client: string; proven: string | null; rehash: string | null },
) {
  const row = await tx.get<UserRow>(
    `SELECT ${USER} FROM users
      WHERE id = ? AND deactivated_at IS NULL AND password_hash = coalesce(?, password_hash)`,
    args.userId,
    args.proven,
  );
  if (!row) throw new Refusal("wrong_credentials");
  // Those that nobody can go on with any more leave with the next that comes.
  const idle = tx.now - limits.sessionIdleDays * DAY;
  await tx.run("DELETE FROM sessions WHERE user_id = ? AND last_used_at < ?", args.userId, idle);
  if (args.rehash) await tx.run("UPDATE users SET password_hash = ? WHERE id = ?", args.rehash, args.userId);
  await tx.run(
    "INSERT INTO sessions (id, user_id, client, created_at, last_used_at) VALUES (?, ?, ?, ?, ?)",
    args.sessionId,
    args.userId,
    args.client,
    tx.now,
    tx.now,
  );
  return presentAccount(row);
}

/** Where somebody is logged in, the session that was used last first. `after` is the place that a page ended at. */
export async function listSessions(
  sql: Sql,
  actor: Actor,
  args: { current: string; now: number; after?: { at: number; id: string } | null; limit: number },
): Promise<Page<Session>> {
  const { at, id } = args.after ?? { at: Number.MAX_SAFE_INTEGER, id: "" };
  const rows = await sql.all<{ id: string; client: string; created_at: number; last_used_at: number }>(
    `SELECT id, client, created_at, last_used_at FROM sessions
      WHERE user_id = ? AND last_used_at > ? AND (last_used_at < ? OR (last_used_at = ? AND id > ?))
      ORDER BY last_used_at DESC, id LIMIT ?`,
    actor.userId,
    args.now - limits.sessionIdleDays * DAY,
    at,
    at,
    id,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  const items = kept.map((row) => ({
    id: row.id,
    client: row.client,
    created_at: new Date(row.created_at).toISOString(),
    last_used_at: new Date(row.last_used_at).toISOString(),
    current: row.id === args.current,
  }));
  return { items, next: rows.length > args.limit && last ? `${last.last_used_at}.${last.id}` : null };
}

/** Ends one of the actor's own sessions; one that is not theirs and one that is not there are the same. */
export async function endSession(tx: Tx, actor: Actor, args: { sessionId: string }): Promise<null> {
  const ended = await tx.run("DELETE FROM sessions WHERE id = ? AND user_id = ?", args.sessionId, actor.userId);
  if (ended === 0) throw new Refusal("not_found");
  tx.tell({ to: "sessions", sessionIds: [args.sessionId] });
  return null;
}

/** Ends the session that a browser's own cookie proves. One that has ended already is as well. */
export async function logOut(tx: Tx, args: { sessionId: string }): Promise<null> {
  await tx.run("DELETE FROM sessions WHERE id = ?", args.sessionId);
  tx.tell({ to: "sessions", sessionIds: [args.sessionId] });
  return null;
}

/**
 * Changes the password, and ends every other session of the account and the links that could set it again. Hashing
 * takes long enough for the session or the password to end meanwhile: then whoever asks is not the one who may.
 */
export async function changePassword(
  tx: Tx,
  actor: Actor,
  args: { proven: string; passwordHash: string; keep: string },
): Promise<null> {
  const session = await tx.get("SELECT 1 FROM sessions WHERE id = ? AND user_id = ?", args.keep, actor.userId);
  if (!session) throw new Refusal("session_ended");
  const changed = await tx.run(
    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = ?",
    args.passwordHash,
    actor.userId,
    args.proven,
  );
  if (changed === 0) throw new Refusal("wrong_credentials", undefined, { field: "current_password" });
  await forgetPasswordLinks(tx, actor.userId);
  const others = await tx.all<{ id: string }>(
    "DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING id",
    actor.userId,
    args.keep,
  );
  tx.tell({ to: "sessions", sessionIds: others.map((row) => row.id) });
  return null;
}
