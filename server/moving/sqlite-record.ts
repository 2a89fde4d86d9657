import { Database } from "bun:sqlite";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";
import { SqliteConnection } from "../store/sqlite/connection.ts";
import { Mark, readMark } from "../store/sqlite/mark.ts";
import { migrate } from "../store/sqlite/migrate.ts";
import { openForReading } from "../store/sqlite/open.ts";
import type { NewRecord, Snapshot } from "./record.ts";
import { type FoundColumn, type Row, type Table, tablesFrom } from "./tables.ts";

/** One snapshot, beside a server that goes on writing: a reader in WAL mode holds up nobody. */
export function openSqliteRecord(path: string): Snapshot {
  const place = `sqlite:${path}`;
  if (!existsSync(path)) throw new Error(`There is no database ${path}.`);
  const db = openForReading(path);
  const sql = new SqliteConnection(db);
  db.run("BEGIN");
  return {
    place,
    sql,
    tables: async () => tablesOf(db),
    async close() {
      db.run("COMMIT");
      sql.close();
    },
  };
}

function tablesOf(db: Database): Table[] {
  const columns = db.query<FoundColumn, []>(
    `SELECT t.name AS "table", c.name AS name, c.type AS type, c.pk AS key
      FROM pragma_table_list t JOIN pragma_table_info(t.name) c
      WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`,
  );
  const names = db.query<{ table: string; other: string }, []>(
    `SELECT t.name AS "table", f."table" AS other FROM sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
      WHERE t.type = 'table'`,
  );
  return tablesFrom(columns.all(), names.all());
}

export interface NewSqlite {
  path: string;
  /** Where the server that starts on it will look for its mark. */
  markPath: string;
  now: number;
  /** Tables are made as a program of that schema left them; the next start brings them to its own. */
  schema: number;
  /** A house that stands there is put aside; or what to say to whoever did not ask for that. */
  replaces: true | { cure: string };
  /** What an unfinished run left is gone on with. */
  goesOn: boolean;
}

/** Stands beside its place under another name until it is whole. */
export function makeSqliteRecord({ path, markPath, now, schema, replaces, goesOn }: NewSqlite): NewRecord {
  const part = `${path}.moving`;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && replaces !== true) {
    throw new Error(`There is a database in ${path} already. It is left as it is. ${replaces.cure}`);
  }
  if (!goesOn) removeAll(part);
  const db = openAlone(part, `sqlite:${path}`);
  db.run("PRAGMA synchronous = NORMAL");
  db.run("PRAGMA cache_size = -131072");
  // Tables are emptied and filled again in an order of ours; all of it is asked once at the end.
  db.run("PRAGMA foreign_keys = OFF");
  migrate(db, part, now, schema);
  const sql = new SqliteConnection(db);
  return {
    place: `sqlite:${path}`,
    sql,
    tables: async () => tablesOf(db),
    async atOnce(work) {
      db.run("BEGIN IMMEDIATE");
      try {
        await work();
        db.run("COMMIT");
      } catch (error) {
        if (db.inTransaction) db.run("ROLLBACK");
        throw error;
      }
    },
    async insert(table, rows) {
      insertInto(sql, table, rows);
    },
    async empty(tables) {
      unguarded(db, () => {
        for (const { name } of tables) db.run(`DELETE FROM ${name}`);
      });
    },
    async remove({ name }, where, values) {
      unguarded(db, () => db.run(`DELETE FROM ${name} WHERE ${where}`, [...values]));
    },
    async finish() {
      if (db.query("PRAGMA foreign_key_check").get() !== null) {
        throw new Error("Rows name others that are not there. Nothing was put in place.");
      }
      const commits = marked(db, markPath, replaces === true);
      db.run("PRAGMA wal_checkpoint(TRUNCATE)");
      db.run("PRAGMA journal_mode = DELETE");
      sql.close();
      flush(part);
      // Before the database: a mark that is ahead of an old one gives that a new epoch, and no more.
      const mark = new Mark(markPath);
      mark.move(commits);
      mark.close();
      if (existsSync(path)) keepOld(path);
      // A -wal of the old history beside the new file would be read into it and spoil it.
      removeAll(path, ["-wal", "-shm"]);
      renameSync(part, path);
      flush(dirname(path));
      rmSync(`${path}.moved`, { force: true });
    },
    async close() {
      sql.close();
    },
  };
}

function openAlone(part: string, place: string): Database {
  const db = new Database(part, { create: true });
  try {
    db.run("PRAGMA locking_mode = EXCLUSIVE");
    db.run("PRAGMA journal_mode = WAL");
    db.run("BEGIN IMMEDIATE");
    db.run("COMMIT");
    return db;
  } catch (error) {
    db.close();
    const { code } = error as { code?: string };
    if (code === "SQLITE_BUSY") throw new Error(`Another copy or restore into ${place} is under way.`);
    throw new Error(`What an earlier run left in ${part} cannot be gone on with (${code}). Remove it.`);
  }
}

/** Without the triggers that keep an append-only table as it is, and with them again before the transaction ends. */
function unguarded(db: Database, work: () => void): void {
  const triggers = db
    .query<{ name: string; sql: string }, []>("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
    .all();
  for (const { name } of triggers) db.run(`DROP TRIGGER ${name}`);
  work();
  for (const { sql } of triggers) db.run(sql);
}

function insertInto(sql: SqliteConnection, table: Table, rows: readonly Row[]): void {
  const columns = table.columns.map(({ name }) => name);
  const marks = columns.map(() => "?").join(", ");
  const statement = sql.prepared(`INSERT INTO ${table.name} (${columns.join(", ")}) VALUES (${marks})`);
  for (const row of rows) statement.run(...row);
}

/** In place of another history it stands above every commit of that; else it keeps its number. */
function marked(db: Database, markPath: string, isReplacing: boolean): number {
  if (isReplacing) db.run("UPDATE house SET commits = max(commits, ?) + 1", [readMark(markPath) ?? 0]);
  return db.query<{ commits: number }, []>("SELECT commits FROM house").get()?.commits ?? 0;
}

/** Under another name, with the -wal that belongs to it, so that nothing is lost which could still be wanted. */
function keepOld(path: string): void {
  const kept = `${path}.replaced`;
  removeAll(kept);
  for (const ending of ["-wal", ""]) if (existsSync(path + ending)) keepUnder(path + ending, kept + ending);
}

function keepUnder(path: string, name: string): void {
  try {
    linkSync(path, name);
  } catch {
    // Not every file system has a second name for a file.
    copyFileSync(path, name);
  }
}

function removeAll(path: string, endings = ["", "-wal", "-shm", "-journal"]): void {
  for (const ending of endings) rmSync(path + ending, { force: true });
}

function flush(path: string): void {
  const file = openSync(path, "r");
  fsyncSync(file);
  closeSync(file);
}
