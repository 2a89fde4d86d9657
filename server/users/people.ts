import type { Person } from "#shared/contract/people.ts";
import { Refusal } from "#shared/errors.ts";
import { namePart } from "#shared/names.ts";
import type { Page } from "../rooms/queries.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { holding, isGuest, presentUser, USER, type UserRow } from "./queries.ts";

export interface PersonRow extends UserRow {
  display_name: string;
  hue: number | null;
  time_zone: string | null;
  status_text: string;
  status_until: number | null;
}

const PERSON = `${USER}, display_name, hue, time_zone, status_text, status_until`;

/** A status that has ended is none, though its text still stands in the row. */
export function presentPerson(row: PersonRow, now: number): Person {
  const hasStatus = row.status_text !== "" && (row.status_until === null || row.status_until > now);
  const until = row.status_until === null ? null : new Date(row.status_until).toISOString();
  return {
    ...presentUser(row),
    display_name: row.display_name,
    hue: row.hue,
    time_zone: row.time_zone,
    status: hasStatus ? { text: row.status_text, until } : null,
  };
}

/** Somebody who has an account now. */
export async function personRow(sql: Sql, userId: number): Promise<PersonRow | null> {
  return sql.get<PersonRow>(`SELECT ${PERSON} FROM users WHERE id = ? AND deactivated_at IS NULL`, userId);
}

/** A guest knows of the people in their own rooms; everybody else knows of everybody. */
export async function knows(sql: Sql, actor: Actor, userId: number): Promise<boolean> {
  if (userId === actor.userId || !(await isGuest(sql, actor.userId))) return true;
  return (await sql.get(`SELECT 1 AS one FROM users WHERE id = ? AND ${IS_NEAR}`, userId, actor.userId)) !== null;
}

/** Whom the actor knows of these. */
export async function knownAmong(sql: Sql, actor: Actor, ids: readonly number[]): Promise<ReadonlySet<number>> {
  if (!(await isGuest(sql, actor.userId))) return new Set(ids);
  const rows = await sql.all<{ id: number }>(
    `SELECT id FROM users WHERE id = ? OR ${IS_NEAR}`,
    actor.userId,
    actor.userId,
  );
  const near = new Set(rows.map((row) => row.id));
  return new Set(ids.filter((id) => near.has(id)));
}

const IS_NEAR = `EXISTS (SELECT 1 FROM members mine
    JOIN rooms r ON r.id = mine.room_id AND r.deleted_at IS NULL
    JOIN members near ON near.room_id = mine.room_id AND near.user_id = users.id AND near.state = 'in'
   WHERE mine.user_id = ? AND mine.state = 'in')`;

/** Of these the ones who are told when the others are there: who is in a room with the actor and does not block them. */
export async function nearAmong(sql: Sql, actor: Actor, args: { ids: readonly number[] }): Promise<number[]> {
  const near: number[] = [];
  for (const id of args.ids) {
    const row = await sql.get(
      `SELECT 1 AS one FROM users WHERE id = ? AND deactivated_at IS NULL AND ${IS_NEAR} AND NOT EXISTS
         (SELECT 1 FROM blocks b WHERE b.user_id = users.id AND b.blocked_id = ? AND b.blocked_at IS NOT NULL)`,
      id,
      actor.userId,
      actor.userId,
    );
    if (row) near.push(id);
  }
  return near;
}

export async function getPerson(sql: Sql, actor: Actor, args: { userId: number; now: number }): Promise<Person> {
  if (!(await knows(sql, actor, args.userId))) throw new Refusal("not_found");
  const row = await personRow(sql, args.userId);
  if (!row) throw new Refusal("not_found");
  return presentPerson(row, args.now);
}

/** Those of these people who have an account now: what a client asks that shows them. */
export async function listFaces(
  sql: Sql,
  actor: Actor,
  args: { ids: readonly number[]; now: number },
): Promise<Page<Person>> {
  const rows: PersonRow[] = [];
  for (const id of args.ids) {
    const row = (await knows(sql, actor, id)) ? await personRow(sql, id) : null;
    if (row) rows.push(row);
  }
  return { items: rows.map((row) => presentPerson(row, args.now)), next: null };
}

/** Everybody of whom the actor knows, or of them those whose user name or display name holds what is looked for. */
export async function listPeople(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number; name?: string | undefined; now: number },
): Promise<Page<Person>> {
  const part = namePart(args.name ?? "");
  if (part === null) return { items: [], next: null };
  const onlyNear = await isGuest(sql, actor.userId);
  const like = holding(part);
  const rows = await sql.all<PersonRow>(
    `SELECT ${PERSON} FROM users WHERE id > ? AND deactivated_at IS NULL
        AND (username_key LIKE ? ESCAPE '!' OR display_key LIKE ? ESCAPE '!')
        AND (? = 0 OR id = ? OR ${IS_NEAR}) ORDER BY id LIMIT ?`,
    args.after,
    like,
    like,
    onlyNear ? 1 : 0,
    actor.userId,
    actor.userId,
    args.limit + 1,
  );
  const kept = rows.slice(0, args.limit);
  const last = kept.at(-1);
  const items = kept.map((row) => presentPerson(row, args.now));
  return { items, next: rows.length > args.limit && last ? String(last.id) : null };
}
