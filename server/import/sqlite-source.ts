import { Database } from "bun:sqlite";
import { existsSync, realpathSync } from "node:fs";
import type { Cell, Source, SourceRow } from "./source.ts";

/** A SQLite file, by its path or as `sqlite:///path`. */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
  const place = realpathSync(path);
  const db = open(place);
  const columnsOf = (table: string) =>
    db.query<{ name: string; type: string }, [string]>("SELECT name, type FROM pragma_table_info(?)").all(table);
  return {
    place,
    async tables() {
      const rows = db.query<{ name: string }, []>(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      );
      return rows.all().map(({ name }) => name);
    },
    async columns(table) {
      return columnsOf(table).map(({ name }) => name);
    },
    async count(table) {
      return db.query<{ count: number }, []>(`SELECT count(*) AS count FROM ${quoted(table)}`).get()?.count ?? 0;
    },
    async highest(table, column) {
      const text = `SELECT max(${quoted(column)}) AS most FROM ${quoted(table)} WHERE typeof(${quoted(column)}) = 'integer'`;
      return db.query<{ most: number | null }, []>(text).get()?.most ?? 0;
    },
    async distinct(table, columns) {
      return db.query(`SELECT DISTINCT ${columns.map(quoted).join(", ")} FROM ${quoted(table)}`).values() as Cell[][];
    },
    async *pages(table, { columns, id, after, size }) {
      const isNumber = /INT/i.test(columnsOf(table).find(({ name }) => name === id)?.type ?? "");
      const order = isNumber ? quoted(id) : "rowid";
      const wanted = Object.entries(columns).map(([name, column]) => `${quoted(column)} AS ${quoted(name)}`);
      const text = `SELECT ${order} AS place_in_order, ${wanted.join(", ")} FROM ${quoted(table)}`;
      const first = db.query(`${text} ORDER BY ${order} LIMIT ?`);
      const next = db.query(`${text} WHERE ${order} > ? ORDER BY ${order} LIMIT ?`);
      let from: number | null = isNumber ? after : null;
      for (;;) {
        const rows = (from === null ? first.all(size) : next.all(from, size)) as SourceRow[];
        if (rows.length > 0) yield rows;
        from = Number(rows.at(-1)?.place_in_order);
        if (rows.length < size) return;
        if (!Number.isSafeInteger(from))
          throw new Error(`The table ${table} has ids beyond 2^53, which cannot be told apart.`);
      }
    },
    async close() {
      db.run("COMMIT");
      db.close();
    },
  };
}

function open(path: string): Database {
  try {
    const db = new Database(path, { readonly: true });
    // One snapshot for all that is read, though the other system may go on writing.
    db.run("BEGIN");
    db.query("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    return db;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "SQLITE_NOTADB") throw new Error(`The file ${path} is not a SQLite database.`);
    throw new Error(`The database ${path} cannot be read (${code}).`);
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
