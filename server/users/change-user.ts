import { Refusal } from "#shared/errors.ts";
import type { ManagedAccount, Role } from "#shared/models.ts";
import { userName } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import { recordAct } from "../audit/record-act.ts";
import { forgetPasswordLinks } from "../auth/password-links.ts";
import { writeRole } from "../rooms/give-role.ts";
import { inEachRoom, nameSuccessor } from "../rooms/name-successor.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { mayChangeUser } from "./may-change-user.ts";
import { type ManagedRow, managedRow, presentManaged } from "./queries.ts";
import { tellNewLook, tellNewName } from "./tell-new-name.ts";

export interface ChangeUserArgs {
  userId: number;
  username?: string | undefined;
  /** Null takes the address away. */
  email?: string | null | undefined;
  role?: Role | undefined;
  active?: boolean | undefined;
  /** `proven` is the hash that one's old password was checked against, where one had to bring it. */
  password?: { hash: string; proven: string | null } | undefined;
  /** The session that asks. It must stand still, and outlives a new password of one's own. */
  sessionId: string;
  from?: string | null;
}

/**
 * Changes an account: one's own, or as an admin anybody's. What takes a right away ends the person's sessions in the
 * same transaction, so no token and no socket outlives it.
 */
export async function changeUser(tx: Tx, actor: Actor, args: ChangeUserArgs): Promise<ManagedAccount> {
  // Two admins who demote each other at once would leave none: who changes standings, waits for whoever else does.
  await tx.run("UPDATE house SET version = version WHERE one = 1");
  const asker = await mayChangeUser(tx, actor, args);
  const asks = await tx.get("SELECT 1 FROM sessions WHERE id = ? AND user_id = ?", args.sessionId, actor.userId);
  if (!asks) throw new Refusal("session_ended");
  const row = await managedRow(tx, args.userId);
  if (!row) throw new Refusal("not_found");
  const role = args.role ?? row.role;
  const active = args.active ?? row.deactivated_at === null;
  await permitStanding(tx, asker, row, role, active);
  const name = await wantedName(tx, row, args.username);
  const email = await wantedEmail(tx, row, args.email, asker.role === "admin");
  await tx.run(
    `UPDATE users SET username = ?, username_key = ?, email = ?, email_key = ?, email_confirmed = ?, role = ?,
       guest = ?, deactivated_at = ? WHERE id = ?`,
    name.shown,
    name.key,
    email.shown,
    email.key,
    email.confirmed,
    role === "guest" ? "user" : role,
    role === "guest" ? 1 : 0,
    active ? null : (row.deactivated_at ?? tx.now),
    row.id,
  );
  if (args.password) await setPassword(tx, row.id, args.password);
  const isOwn = row.id === actor.userId;
  if (role === "guest" && row.role !== "guest") await giveUpRooms(tx, actor, row.id);
  else if (!active && row.deactivated_at === null) await handOnRooms(tx, actor, row.id);
  else if (active && row.deactivated_at !== null) await takeUpRooms(tx, actor, row.id);
  // What a guest may know is not told in the streams that somebody else listens to: either begins anew.
  const isOther = role !== row.role && (row.role !== "user" || role === "guest");
  if (!active || isOther) await endSessions(tx, row.id, "");
  else if (args.password) await endSessions(tx, row.id, isOwn ? args.sessionId : "");
  if (name.shown !== row.username) await tellNewName(tx, actor, row.id, name.shown);
  else if ((role === "guest") !== (row.role === "guest") || active !== (row.deactivated_at === null)) {
    await tellNewLook(tx, actor, row.id);
  }
  tx.tell({ to: "account", userId: row.id });
  const changed = await managedRow(tx, row.id);
  if (!changed) throw new Error("An account was changed and is gone.");
  await recordChange(tx, actor, args, row, changed);
  return presentManaged(changed);
}

/** What one does to one's own account is no administrative act. */
async function recordChange(tx: Tx, actor: Actor, args: ChangeUserArgs, was: ManagedRow, is: ManagedRow) {
  const done = { actor: actor.userId, userId: is.id, from: args.from };
  if (is.role !== was.role)
    await recordAct(tx, { act: "account.role", detail: { role: is.role, was: was.role }, ...done });
  if (is.deactivated_at !== null && was.deactivated_at === null)
    await recordAct(tx, { act: "account.deactivated", ...done });
  if (is.deactivated_at === null && was.deactivated_at !== null)
    await recordAct(tx, { act: "account.reactivated", ...done });
  if (is.id === actor.userId) return;
  const fields = [
    ...(is.username === was.username ? [] : ["user name"]),
    ...(is.email === was.email && is.email_confirmed === was.email_confirmed ? [] : ["e-mail address"]),
    ...(args.password ? ["password"] : []),
  ];
  if (fields.length > 0)
    await recordAct(tx, { act: "account.changed", detail: { fields: fields.join(", ") }, ...done });
}

/** Role and standing are an admin's to change, one's own role nobody's, and the last admin's standing not at all. */
async function permitStanding(
  tx: Tx,
  asker: { id: number; role: Role },
  row: ManagedRow,
  role: Role,
  active: boolean,
): Promise<void> {
  const isActive = row.deactivated_at === null;
  if (role === row.role && active === isActive) return;
  if (asker.role !== "admin") throw new Refusal("forbidden", "Only an admin may change that.");
  if (role !== row.role && asker.id === row.id) throw new Refusal("forbidden", "Nobody changes their own role.");
  if (!isActive || row.role !== "admin" || (role === "admin" && active)) return;
  const other = await tx.get(
    "SELECT 1 FROM users WHERE role = 'admin' AND deactivated_at IS NULL AND id <> ? LIMIT 1",
    row.id,
  );
  if (!other) throw new Refusal("last_admin");
}

/** A guest leads no room: those they led are handed on. */
async function giveUpRooms(tx: Tx, actor: Actor, userId: number): Promise<void> {
  await inEachRoom(tx, userId, async ({ roomId, role }) => {
    if (role === "admin") await nameSuccessor(tx, actor, roomId, userId);
    if (role === "admin" || role === "moderator") await writeRole(tx, actor, roomId, userId, "member", false);
  });
}

/** Nobody could ask whoever is shut out for what only they may do. They lead as before when they come back. */
async function handOnRooms(tx: Tx, actor: Actor, userId: number): Promise<void> {
  await inEachRoom(tx, userId, async ({ roomId, role }) => {
    if (role === "admin") await nameSuccessor(tx, actor, roomId, userId);
  });
}

/** Private rooms whose people were all shut out have nobody who leads them but whoever comes back first. */
async function takeUpRooms(tx: Tx, actor: Actor, userId: number): Promise<void> {
  await inEachRoom(tx, userId, async ({ roomId, kind }) => {
    if (kind === "private") await nameSuccessor(tx, actor, roomId, null);
  });
}

async function wantedName(tx: Tx, row: ManagedRow, given: string | undefined): Promise<{ shown: string; key: string }> {
  if (given === undefined || given === row.username) return { shown: row.username, key: row.username_key };
  const name = userName(given);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "username" });
  if (await tx.get("SELECT 1 FROM users WHERE username_key = ? AND id <> ?", name.key, row.id)) {
    throw new Refusal("taken", "That user name is taken. Choose another.", { field: "username" });
  }
  return name;
}

/** An address that an admin sets logs in; one that the person sets does not until it is confirmed. */
async function wantedEmail(tx: Tx, row: ManagedRow, given: string | null | undefined, byAdmin: boolean) {
  const shown = given === undefined ? row.email : given?.trim() || null;
  const key = shown?.toLowerCase() ?? null;
  if (given === undefined || (key === row.email_key && !byAdmin)) return { shown, key, confirmed: row.email_confirmed };
  if (shown !== null && !isStorable(shown)) throw new Refusal("bad_text", undefined, { field: "email" });
  if (key !== null && (await tx.get("SELECT 1 FROM users WHERE email_key = ? AND id <> ?", key, row.id))) {
    throw new Refusal("taken", "There is an account with that e-mail address.", { field: "email" });
  }
  return { shown, key, confirmed: shown !== null && byAdmin ? 1 : 0 };
}

async function setPassword(tx: Tx, userId: number, { hash, proven }: { hash: string; proven: string | null }) {
  const changed = await tx.run(
    "UPDATE users SET password_hash = ? WHERE id = ? AND password_hash = coalesce(?, password_hash)",
    hash,
    userId,
    proven,
  );
  if (changed === 0) throw new Refusal("wrong_credentials", undefined, { field: "current_password" });
  await forgetPasswordLinks(tx, userId);
}

async function endSessions(tx: Tx, userId: number, keep: string): Promise<void> {
  const ended = await tx.all<{ id: string }>(
    "DELETE FROM sessions WHERE user_id = ? AND id <> ? RETURNING id",
    userId,
    keep,
  );
  tx.tell({ to: "sessions", sessionIds: ended.map((row) => row.id) });
}
