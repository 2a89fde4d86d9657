import { Database } from "bun:sqlite";

/** The file as it is. Nothing of it has been changed yet: it may turn out to be another program's. */
export function openFile(path: string): Database {
  try {
    const db = new Database(path, { create: true });
    db.query("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    return db;
  } catch (error) {
    const { code } = error as { code?: string };
    if (code === "SQLITE_NOTADB") {
      throw new Error(`The file ${path} is not a database. Move it away, or name another one in DATABASE_URL.`);
    }
    throw new Error(`The database ${path} cannot be opened (${code}). Check DATA_DIR and DATABASE_URL.`);
  }
}

/**
 * The writer's connection. `synchronous` is read back because a build or a driver may lower it: with less than FULL an
 * acknowledged message could be gone after a power cut.
 */
export function prepareForWriting(db: Database): void {
  db.run("PRAGMA journal_mode = WAL");
  db.run("PRAGMA synchronous = FULL");
  db.run("PRAGMA foreign_keys = ON");
  db.run("PRAGMA cache_size = -65536");
  db.run("PRAGMA busy_timeout = 5000");
  // A checkpoint copies at most about 4 MiB and the WAL is cut back after it, so no commit waits long for one.
  db.run("PRAGMA wal_autocheckpoint = 1000");
  db.run("PRAGMA journal_size_limit = 16777216");
  expectPragma(db, "journal_mode", "wal");
  expectPragma(db, "synchronous", 2);
  expectPragma(db, "foreign_keys", 1);
}

export function openForReading(path: string): Database {
  const db = new Database(path, { readonly: true });
  db.run("PRAGMA cache_size = -32768");
  db.run("PRAGMA mmap_size = 1073741824");
  db.run("PRAGMA query_only = ON");
  db.run("PRAGMA busy_timeout = 5000");
  return db;
}

function expectPragma(db: Database, name: string, wanted: string | number): void {
  const row = db.query<Record<string, string | number>, []>(`PRAGMA ${name}`).get();
  const found = row ? Object.values(row)[0] : undefined;
  if (found !== wanted) {
    throw new Error(`The database keeps ${name} at ${found} and not at ${wanted}: messages would not be safe in it.`);
  }
}
