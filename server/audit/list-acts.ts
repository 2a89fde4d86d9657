import type { AuditAct, AuditEntry, AuditPage } from "#shared/contract/house.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { mayGovern } from "../users/queries.ts";

interface AuditRow {
  id: number;
  at: number;
  actor: number | null;
  actor_name: string | null;
  act: AuditAct;
  user_id: number | null;
  user_name: string | null;
  room_id: number | null;
  room_name: string | null;
  detail: string;
  address: string | null;
}

const ROWS = `SELECT a.id, a.at, a.actor, by_whom.username AS actor_name, a.act, a.user_id, whom.username AS user_name,
    a.room_id, r.name AS room_name, a.detail, a.address
  FROM audit a LEFT JOIN users by_whom ON by_whom.id = a.actor LEFT JOIN users whom ON whom.id = a.user_id
  LEFT JOIN rooms r ON r.id = a.room_id`;

export interface WhichActs {
  act?: AuditAct | undefined;
  /** Who did it or to whom it was done. */
  person?: number | undefined;
  /** From this time on, and before that one. */
  from?: number | undefined;
  to?: number | undefined;
}

/** What was done, the newest first, for admins. `before` is 0 at the newest. */
export async function listActs(
  sql: Sql,
  actor: Actor,
  args: WhichActs & { before: number; limit: number },
): Promise<AuditPage> {
  await mayGovern(sql, actor);
  const { act, person, from, to } = args;
  const which: [rule: string, ...values: (string | number)[]][] = [
    ["a.id < ?", args.before === 0 ? Number.MAX_SAFE_INTEGER : args.before],
  ];
  if (act !== undefined) which.push(["a.act = ?", act]);
  if (person !== undefined) which.push(["(a.actor = ? OR a.user_id = ?)", person, person]);
  if (from !== undefined) which.push(["a.at >= ?", from]);
  if (to !== undefined) which.push(["a.at < ?", to]);
  const rows = await sql.all<AuditRow>(
    `${ROWS} WHERE ${which.map(([rule]) => rule).join(" AND ")} ORDER BY a.id DESC LIMIT ?`,
    ...which.flatMap(([, ...values]) => values),
    args.limit + 1,
  );
  const items = rows.slice(0, args.limit).map(present);
  const last = items.at(-1);
  return { items, next: rows.length > args.limit && last ? String(last.id) : null };
}

/** What was done after an entry, the oldest first, for admins: an export reads on from what it has. */
export async function actsAfter(sql: Sql, actor: Actor, args: { after: number; limit: number }): Promise<AuditEntry[]> {
  await mayGovern(sql, actor);
  const rows = await sql.all<AuditRow>(`${ROWS} WHERE a.id > ? ORDER BY a.id LIMIT ?`, args.after, args.limit);
  return rows.map(present);
}

function present(row: AuditRow): AuditEntry {
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    actor: named(row.actor, row.actor_name),
    act: row.act,
    user: named(row.user_id, row.user_name),
    room: named(row.room_id, row.room_name),
    detail: JSON.parse(row.detail) as Record<string, string>,
    address: row.address,
  };
}

function named(id: number | null, name: string | null): { id: number; name: string } | null {
  return id === null ? null : { id, name: name ?? "" };
}
