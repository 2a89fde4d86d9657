import type { Sql, Tx } from "../store/sql.ts";

/** An import that was begun here before. */
export interface KnownImport {
  id: number;
  place: string;
  usersPrint: string;
  messagesPrint: string | null;
  keepsIds: boolean;
  finished: boolean;
  step: number;
  state: string;
  beganAt: number;
}

/** What an import meets here: names that are taken, and what was imported before. */
export interface Here {
  isEmpty: boolean;
  admins: number;
  names: string[];
  emails: string[];
  logins: string[];
  rooms: string[];
  imports: KnownImport[];
}

interface ImportRow {
  id: number;
  place: string;
  users_print: string;
  messages_print: string | null;
  keeps_ids: number;
  finished: number;
  step: number;
  state: string;
  began_at: number;
}

export async function whatIsHere(sql: Sql): Promise<Here> {
  const users = await sql.all<{
    key: string;
    username: string;
    email: string | null;
    role: string;
    out: number | null;
  }>("SELECT username_key AS key, username, email_key AS email, role, deactivated_at AS out FROM users ORDER BY id");
  const logins = await sql.all<{ login: string }>("SELECT login FROM old_logins ORDER BY login");
  const rooms = await sql.all<{ key: string }>(
    "SELECT name_key AS key FROM rooms WHERE kind = 'public' AND deleted_at IS NULL ORDER BY id",
  );
  const any = await sql.get("SELECT 1 FROM rooms LIMIT 1");
  const imports = await sql.all<ImportRow>(
    `SELECT id, place, users_print, messages_print, keeps_ids, finished, step, state, began_at FROM imports ORDER BY id`,
  );
  return {
    isEmpty: users.length === 0 && any === null,
    admins: users.filter(({ role, out }) => role === "admin" && out === null).length,
    names: users.map(({ key }) => key),
    emails: users.flatMap(({ email }) => (email === null ? [] : [email])),
    logins: [...users.map(({ username }) => username), ...logins.map(({ login }) => login)],
    rooms: rooms.map(({ key }) => key),
    imports: imports.map((row) => ({
      id: row.id,
      place: row.place,
      usersPrint: row.users_print,
      messagesPrint: row.messages_print,
      keepsIds: row.keeps_ids === 1,
      finished: row.finished === 1,
      step: row.step,
      state: row.state,
      beganAt: row.began_at,
    })),
  };
}

/** Ids of the source that became something here; null where that is deleted since. */
export async function importedIds(
  sql: Sql,
  args: { importId: number; kind: "user" | "room" | "message" },
): Promise<[string, number | null][]> {
  const rows = await sql.all<{ source_id: string; own_id: number; gone: number | null }>(
    `SELECT i.source_id, i.own_id, r.deleted_at AS gone FROM imported i
       LEFT JOIN rooms r ON i.kind = 'room' AND r.id = i.own_id WHERE i.import_id = ? AND i.kind = ? ORDER BY i.own_id`,
    args.importId,
    args.kind,
  );
  return rows.map(({ source_id, own_id, gone }) => [source_id, gone === null ? own_id : null]);
}

export async function beginImport(
  tx: Tx,
  args: { place: string; usersPrint: string; messagesPrint: string | null; keepsIds: boolean; state: string },
): Promise<{ importId: number }> {
  const row = await tx.get<{ id: number }>(
    `INSERT INTO imports (place, users_print, messages_print, keeps_ids, state, began_at)
     VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
    args.place,
    args.usersPrint,
    args.messagesPrint,
    args.keepsIds ? 1 : 0,
    args.state,
    tx.now,
  );
  if (!row) throw new Error("An import was begun and not returned.");
  return { importId: row.id };
}
