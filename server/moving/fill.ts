import { AT_ONCE, type NewRecord, pageOf, pagesOf, type Snapshot } from "./record.ts";
import { type Cell, keyOf, type Row, type Table, textOf } from "./tables.ts";

/**
 * Makes what stands in the new place equal to the old one. A run that was ended is gone on with, and nothing is taken on
 * trust: tables that name each other are filled anew, and of the others, which are the long ones, each page that is not
 * the same is put in place of what is there.
 */
export async function fill(
  from: Snapshot,
  to: NewRecord,
  tables: readonly Table[],
  saw: (rows: number) => void,
): Promise<void> {
  const tied = tables.filter(
    (table) => table.names.length > 0 || tables.some(({ names }) => names.includes(table.name)),
  );
  if (tied.length > 0) await to.atOnce(() => to.empty(tied));
  for (const table of tables) {
    if (tied.includes(table)) await fillAnew(from, to, table, saw);
    else await merge(from, to, table, saw);
  }
}

async function fillAnew(from: Snapshot, to: NewRecord, table: Table, saw: (rows: number) => void): Promise<void> {
  for await (const rows of pagesOf(from.sql, table)) {
    await to.atOnce(() => to.insert(table, rows));
    saw(rows.length);
  }
}

async function merge(from: Snapshot, to: NewRecord, table: Table, saw: (rows: number) => void): Promise<void> {
  let after: Row | null = null;
  let isEmptyBehind = false;
  for await (const rows of pagesOf(from.sql, table)) {
    const last: Row | null = rows.at(-1) ?? null;
    await to.atOnce(async () => {
      const there: Row[] = isEmptyBehind ? [] : await pageOf(to.sql, table, after, AT_ONCE);
      isEmptyBehind ||= there.length === 0;
      if (there.length > 0 && there.slice(0, rows.length).map(textOf).join("") === rows.map(textOf).join("")) return;
      if (!isEmptyBehind) await remove(to, table, after, last);
      await to.insert(table, rows);
    });
    after = last;
    saw(rows.length);
  }
  await to.atOnce(() => remove(to, table, after, null));
}

/** Rows behind one key, up to and with another. */
async function remove(to: NewRecord, table: Table, after: Row | null, last: Row | null): Promise<void> {
  const key = `(${table.key.join(", ")})`;
  const marks = `(${table.key.map(() => "?").join(", ")})`;
  const conditions: string[] = [];
  const values: Cell[] = [];
  if (after !== null) conditions.push(`${key} > ${marks}`);
  if (after !== null) values.push(...keyOf(table, after));
  if (last !== null) conditions.push(`${key} <= ${marks}`);
  if (last !== null) values.push(...keyOf(table, last));
  await to.remove(table, conditions.length === 0 ? "1 = 1" : conditions.join(" AND "), values);
}
