import type { Sql } from "../store/sql.ts";
import { type Cell, keyOf, type Row, type Table } from "./tables.ts";

/** A house's tables, all as they stood at one moment. */
export interface Snapshot {
  /** As an operator names it, without a password. */
  readonly place: string;
  readonly sql: Sql;
  tables(): Promise<Table[]>;
  close(): Promise<void>;
}

/** A place where a house is being put together. Nobody can start on it before it is whole. */
export interface NewRecord extends Snapshot {
  /** Everything in `work` is there, or nothing of it. What reads here does so inside one, too. */
  atOnce(work: () => Promise<void>): Promise<void>;
  /** Inside `atOnce`. */
  insert(table: Table, rows: readonly Row[]): Promise<void>;
  /** All of them at once, so that none names a row that is gone. Inside `atOnce`. */
  empty(tables: readonly Table[]): Promise<void>;
  /** Also what a table in use would not let go. Inside `atOnce`. */
  remove(table: Table, where: string, values: readonly Cell[]): Promise<void>;
  /** Takes its place: from here on a server can start on it. Throws `UnknownEnd` when nobody can say whether it has. */
  finish(): Promise<void>;
}

/** The new place may be in use or not: the old one must not be opened again. */
export class UnknownEnd extends Error {}

export const AT_ONCE = 5_000;

/** Rows behind `after` in the order of the key. */
export async function pageOf(sql: Sql, table: Table, after: Row | null, size = AT_ONCE): Promise<Row[]> {
  const columns = table.columns.map(({ name }) => name);
  const key = table.key.join(", ");
  const from = after === null ? [] : keyOf(table, after);
  const where = after === null ? "" : ` WHERE (${key}) > (${table.key.map(() => "?").join(", ")})`;
  const text = `SELECT ${columns.join(", ")} FROM ${table.name}${where} ORDER BY ${key} LIMIT ${size}`;
  const rows = await sql.all<{ [column: string]: Cell }>(text, ...from);
  return rows.map((row) => columns.map((column) => row[column] ?? null));
}

/** All pages, each asked for while the one before it is worked on. */
export async function* pagesOf(sql: Sql, table: Table): AsyncGenerator<Row[]> {
  let reading = pageOf(sql, table, null);
  for (;;) {
    const rows = await reading;
    const isLast = rows.length < AT_ONCE;
    if (!isLast) reading = pageOf(sql, table, rows.at(-1) ?? null);
    // Whoever works on this page may fail first.
    reading.catch(() => {});
    if (rows.length > 0) yield rows;
    if (isLast) return;
  }
}

export async function countAll(sql: Sql, tables: readonly Table[]): Promise<number> {
  let all = 0;
  for (const table of tables) all += await countOf(sql, table);
  return all;
}

async function countOf(sql: Sql, table: Table): Promise<number> {
  return (await sql.get<{ count: number }>(`SELECT count(*) AS count FROM ${table.name}`))?.count ?? 0;
}

/** The schema version that the tables have; throws where there are none of a house. */
export async function standingOf({ sql, place }: Snapshot): Promise<{ schema: number; epoch: string }> {
  const found = await sql
    .get<{ schema: number; epoch: string }>(
      "SELECT (SELECT max(version) FROM schema_versions) AS schema, epoch FROM house WHERE one = 1",
    )
    .catch(() => null);
  if (found === null) throw new Error(`There is no Parlour in ${place}.`);
  return found;
}
