import { z } from "zod";
import { limits } from "#shared/limits.ts";
import type { Role } from "#shared/models.ts";
import { userName } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import { FOR_USERS, planNames } from "./plan-names.ts";
import { type Note, plain, shown } from "./rules.ts";
import { type Cell, idOf, isTrue, keptId, type SourceRow, textOf } from "./source.ts";
import { timeOf } from "./times.ts";

export interface PlannedUser {
  readonly sourceId: string;
  /** The id to keep; null: the next free one. */
  readonly id: number | null;
  readonly username: string;
  readonly key: string;
  readonly email: string | null;
  readonly passwordHash: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly active: boolean;
  /** What they logged in with, where that is no longer their name. */
  readonly oldLogin: string | null;
  readonly notes: readonly Note[];
}

/** What is here already. The sets grow by what is planned. */
export interface Taken {
  readonly names: Set<string>;
  readonly emails: Set<string>;
  /** To the letter: names and old names. */
  readonly logins: Set<string>;
}

/** No password is right for it. */
export const NO_PASSWORD = "!";

export function isAdministrator(row: SourceRow): boolean {
  return /^((\w+\.)?(admin|administrator|superuser))$/i.test(textOf(row.role)?.trim() ?? "") || isTrue(row.role);
}

/** `columns` says which of them the source has: what it does not keep is not missing. */
export function planUsers(
  rows: readonly SourceRow[],
  taken: Taken,
  given: { now: number; keepIds: boolean; isNamedAdmin: (name: string) => boolean; has: (column: string) => boolean },
): PlannedUser[] {
  const people = rows.map((row) => ({ row, id: idOf(row.id) ?? "", old: textOf(row.username) ?? "" }));
  const names = planNames(people, taken.names, FOR_USERS);
  for (const { shown: name } of names) taken.logins.add(name);
  const planned = people.map(({ row, id, old }, index): PlannedUser => {
    const name = names[index] as (typeof names)[number];
    const notes: Note[] = [...name.notes];
    const add = (...note: Note) => notes.push(note);
    const createdAt = timeOf(row.created_at);
    if (given.has("created_at") && (createdAt === null || createdAt > given.now)) add("joined-time", name.shown);
    const isAdmin = isAdministrator(row);
    const stays = isAdmin && given.isNamedAdmin(old);
    if (isAdmin && !stays) add("role-dropped", name.shown);
    const active = !given.has("active") || row.active === null || isTrue(row.active);
    if (!active) add("inactive", name.shown);
    const kept = given.keepIds ? keptId(id) : null;
    if (given.keepIds && kept === null) add("id-new", `user ${plain(id)}`);
    return {
      sourceId: id,
      id: kept,
      username: name.shown,
      key: name.key,
      email: emailOf(row.email, taken.emails, (example) => add("email-left", `${name.shown}: ${example}`)),
      passwordHash: hashOf(row.password, () => add("password-unknown", name.shown)),
      role: stays ? "admin" : "user",
      createdAt: createdAt === null || createdAt > given.now ? given.now : createdAt,
      active,
      oldLogin: oldLogin(old, name.key, taken.logins, () => add("old-name-lost", `${shown(old)} → ${name.shown}`)),
      notes,
    };
  });
  // Ids that are given out must not be those that a later one keeps.
  return [...planned.filter(({ id }) => id !== null), ...planned.filter(({ id }) => id === null)];
}

/** For messages whose author is gone: an account that nobody can log in to. */
export function planFormerUser(taken: Taken, now: number): PlannedUser {
  const [name] = planNames([{ old: "former user", id: "" }], taken.names, FOR_USERS);
  if (!name) throw new Error("A name was asked for and not given.");
  return {
    sourceId: "",
    id: null,
    username: name.shown,
    key: name.key,
    email: null,
    passwordHash: NO_PASSWORD,
    role: "user",
    createdAt: now,
    active: false,
    oldLogin: null,
    notes: [],
  };
}

/** bcrypt as passlib and bcrypt write it, or argon2: what a login can check. A cost above 15 would block it for minutes. */
function hashOf(cell: Cell | undefined, unknown: () => void): string {
  const hash = textOf(cell)?.trim() ?? "";
  if (/^\$2[abxy]?\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}$/.test(hash)) return hash;
  if (/^\$argon2(id|i|d)\$v=19\$m=\d{1,7},t=\d{1,3},p=\d{1,2}\$[^$]+\$[^$]+$/.test(hash)) return hash;
  unknown();
  return NO_PASSWORD;
}

function emailOf(cell: Cell | undefined, taken: Set<string>, left: (example: string) => void): string | null {
  const email = textOf(cell)?.trim() ?? "";
  if (email === "") return null;
  const key = email.toLowerCase();
  if (email.length > limits.emailLength || !z.email().safeParse(email).success || taken.has(key)) {
    left(shown(email));
    return null;
  }
  taken.add(key);
  return email;
}

/**
 * The old name, where it no longer leads here by itself. One that is another person's to the letter is not kept: a name
 * must not lead to two.
 */
function oldLogin(old: string, key: string, taken: Set<string>, lost: () => void): string | null {
  const name = userName(old);
  if (!("fault" in name) && name.key === key) return null;
  if (old.trim() === "") return null;
  if (!isStorable(old) || old.length > 400 || taken.has(old)) {
    lost();
    return null;
  }
  taken.add(old);
  return old;
}
