import { Database } from "bun:sqlite";
import { existsSync, realpathSync } from "node:fs";
import type { Cell, Source, SourceRow } from "./source.ts";

/** A SQLite file, by its path or as `sqlite:///path`. */
export function openSqliteSource(path: string): Source {
  if (!existsSync(path)) throw new Error(`There is no file ${path}.`);
  const place = realpathSync(path);
  const db = open(place);
  return {
    place,
    async tables() {
      const rows = db.query<{ name: string }, []>(
        "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name",
      );
      return rows.all().map(({ name }) => name);
    },
    async columns(table) {
      return columnsOf(db, table).map(({ name }) => name);
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
      const isNumber = isNumeric(db, table, id);
      const order = isNumber || !hasRowid(db, table) ? quoted(id) : "rowid";
      const wanted = Object.entries(columns).map(([name, column]) => `${quoted(column)} AS ${quoted(name)}`);
      const from = isNumber ? after : null;
      const where = from === null ? "" : `WHERE ${quoted(id)} > ?`;
      const query = db.query<SourceRow, number[]>(
        `SELECT ${wanted.join(", ")} FROM ${quoted(table)} ${where} ORDER BY ${order}`,
      );
      // One walk over all: a page that asked for "after the last id" would step over a second row of that id.
      let page: SourceRow[] = [];
      for (const row of query.iterate(...(from === null ? [] : [from]))) {
        page.push(row);
        if (page.length < size) continue;
        yield page;
        page = [];
      }
      if (page.length > 0) yield page;
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

function columnsOf(db: Database, table: string): { name: string; type: string }[] {
  return db.query<{ name: string; type: string }, [string]>("SELECT name, type FROM pragma_table_info(?)").all(table);
}

/** Whether its ids are numbers, which have an order and a place to go on from. */
function isNumeric(db: Database, table: string, id: string): boolean {
  if (!/INT/i.test(columnsOf(db, table).find(({ name }) => name === id)?.type ?? "")) return false;
  const beyond = `SELECT 1 FROM ${quoted(table)} WHERE abs(${quoted(id)}) > ? AND typeof(${quoted(id)}) = 'integer'`;
  if (db.query(beyond).get(Number.MAX_SAFE_INTEGER)) {
    throw new Error(`The table ${table} has ids beyond 2^53, which cannot be told apart.`);
  }
  return true;
}

/** Views and tables made without have none. */
function hasRowid(db: Database, table: string): boolean {
  try {
    const row = db.query<{ rowid: unknown }, []>(`SELECT rowid FROM ${quoted(table)} LIMIT 1`).get();
    return row === null || typeof row.rowid === "number";
  } catch {
    return false;
  }
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
