import { Refusal } from "#shared/errors.ts";
import type { Account, ManagedAccount, Role, User } from "#shared/models.ts";
import { namePart } from "#shared/names.ts";
import { mayGovernHouse } from "#shared/permissions.ts";
import type { Page } from "../rooms/queries.ts";
import type { Actor, Sql } from "../store/sql.ts";

export interface UserRow {
  id: number;
  username: string;
  email: string | null;
  role: Role;
  created_at: number;
}

/** The role of a user, of users that the query calls as `table` says, with its dot. */
export function roleIn(table: string): string {
  return `CASE WHEN ${table}guest = 1 THEN 'guest' ELSE ${table}role END`;
}

/** Every column of a `UserRow`. */
export const USER = `id, username, email, ${roleIn("")} AS role, created_at`;

export function presentUser(row: UserRow): User {
  return { id: row.id, username: row.username, role: row.role, created_at: new Date(row.created_at).toISOString() };
}

/** With the e-mail address: for oneself, and for admins. */
export function presentAccount(row: UserRow): Account {
  return { ...presentUser(row), email: row.email };
}

export interface ManagedRow extends UserRow {
  username_key: string;
  email_key: string | null;
  email_confirmed: number;
  deactivated_at: number | null;
}

const MANAGED = `${USER}, username_key, email_key, email_confirmed, deactivated_at`;

export function presentManaged(row: ManagedRow): ManagedAccount {
  return { ...presentAccount(row), active: row.deactivated_at === null };
}

/** An account whether it is active or not, unless it was erased. Who may have it, is the caller's to ask. */
export async function managedRow(sql: Sql, userId: number): Promise<ManagedRow | null> {
  return sql.get<ManagedRow>(`SELECT ${MANAGED} FROM users WHERE id = ? AND erased_at IS NULL`, userId);
}

/** What LIKE takes, with ! for its escape, to find the text anywhere. */
export function holding(part: string): string {
  return `%${part.replace(/[!%_]/g, "!$&")}%`;
}

/** Everybody with e-mail address and standing, for admins, or those whose name or address holds a text. */
export async function listAccounts(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number; name?: string | undefined },
): Promise<Page<ManagedAccount>> {
  await mayGovern(sql, actor);
  const part = namePart(args.name ?? "");
  // What is too long for a name may be part of an address.
  const inName = part === null ? null : holding(part);
  const rows = await sql.all<ManagedRow>(
    `SELECT ${MANAGED} FROM users WHERE id > ? AND erased_at IS NULL
      AND (username_key LIKE ? ESCAPE '!' OR display_key LIKE ? ESCAPE '!' OR email_key LIKE ? ESCAPE '!')
      ORDER BY id LIMIT ?`,
    args.after,
    inName,
    inName,
    holding((args.name ?? "").trim().normalize("NFKC").toLowerCase()),
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  return { items: kept.map(presentManaged), next: rows.length > args.limit && last ? String(last.id) : null };
}

/** Refuses whoever is no admin now. */
export async function mayGovern(sql: Sql, actor: Actor): Promise<null> {
  if (!mayGovernHouse(await roleOf(sql, actor))) throw new Refusal("forbidden", "Only an admin may do that.");
  return null;
}

export async function getAccount(sql: Sql, actor: Actor): Promise<Account> {
  const row = await sql.get<UserRow>(`SELECT ${USER} FROM users WHERE id = ? AND deactivated_at IS NULL`, actor.userId);
  if (!row) throw new Refusal("session_ended");
  return presentAccount(row);
}

/** The actor's role as it is now. */
export async function roleOf(sql: Sql, actor: Actor): Promise<Role> {
  return (await getAccount(sql, actor)).role;
}

export async function isGuest(sql: Sql, userId: number): Promise<boolean> {
  return (await sql.get("SELECT 1 AS one FROM users WHERE id = ? AND guest = 1", userId)) !== null;
}

/** Whether nobody has an account yet: the first one to sign up is the admin. */
export async function isEmpty(sql: Sql): Promise<boolean> {
  return (await sql.get("SELECT 1 FROM users LIMIT 1")) === null;
}
