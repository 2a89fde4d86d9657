import { Refusal } from "#shared/errors.ts";
import type { Account, Role } from "#shared/models.ts";
import { userName } from "#shared/names.ts";
import { recordAct } from "../audit/record-act.ts";
import { findInvite, inviteIsOver, type LiveInvite } from "../invites/find-invite.ts";
import { enterRooms } from "../invites/use-invite.ts";
import { settingOr } from "../settings/settings.ts";
import type { Tx } from "../store/sql.ts";
import { isEmpty, presentAccount, roleOf, USER, type UserRow } from "../users/queries.ts";

export interface SignUpArgs {
  username: string;
  email: string | null;
  passwordHash: string;
  role: Role;
  /** What holds when no admin chose. */
  setting: "open" | "invite" | "closed";
  /** An admin may make accounts for others, admins among them. */
  byUserId: number | null;
  from?: string | null;
  /** The hash of the token of an invite that was brought. */
  inviteHash?: string | null;
}

/** The first account of an empty server is its admin; two at once give one, because this runs in a transaction. */
export async function signUp(tx: Tx, args: SignUpArgs): Promise<Account> {
  const name = userName(args.username);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "username" });
  const email = args.email?.trim() || null;
  const byAdmin = args.byUserId !== null && (await roleOf(tx, { userId: args.byUserId })) === "admin";
  const invite = args.inviteHash ? await findInvite(tx, { tokenHash: args.inviteHash, now: tx.now }) : null;
  if (args.inviteHash && invite === null) throw inviteIsOver();
  const role = await roleFor(tx, args, byAdmin, invite);
  if (await tx.get("SELECT 1 FROM users WHERE username_key = ?", name.key)) {
    throw new Refusal("taken", "That user name is taken. Choose another.", { field: "username" });
  }
  if (email && (await tx.get("SELECT 1 FROM users WHERE email_key = ?", email.toLowerCase()))) {
    throw new Refusal("taken", "There is an account with that e-mail address.", { field: "email" });
  }
  const row = await tx.get<UserRow>(
    `INSERT INTO users (username, username_key, email, email_key, email_confirmed, password_hash, role, guest, created_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING ${USER}`,
    name.shown,
    name.key,
    email,
    email?.toLowerCase() ?? null,
    // An address logs in once it is confirmed, or when an admin set it.
    email !== null && byAdmin ? 1 : 0,
    args.passwordHash,
    role === "guest" ? "user" : role,
    role === "guest" ? 1 : 0,
    tx.now,
  );
  if (!row) throw new Error("An account was made and not returned.");
  if (byAdmin) {
    const detail = { role };
    await recordAct(tx, { act: "account.made", actor: args.byUserId, userId: row.id, detail, from: args.from });
  }
  if (invite !== null) await enterRooms(tx, row.id, invite, true);
  return presentAccount(row);
}

async function roleFor(tx: Tx, args: SignUpArgs, byAdmin: boolean, invite: LiveInvite | null): Promise<Role> {
  if (await isEmpty(tx)) return "admin";
  if (byAdmin) return args.role;
  if (args.role === "admin") throw new Refusal("forbidden", "Only an admin can make another admin.");
  const setting = await settingOr(tx, "signup", args.setting);
  if (setting === "closed") throw new Refusal("signup_closed");
  // An invite by somebody who is no admin leads into rooms, and into the house only where everybody may come in.
  if (setting === "invite" && !invite?.byAdmin) throw inviteNeeded();
  return invite?.guest ? "guest" : "user";
}

export function inviteNeeded(): Refusal {
  return new Refusal("signup_closed", "On this server an account is made by invite. Ask one of its admins for a link.");
}
