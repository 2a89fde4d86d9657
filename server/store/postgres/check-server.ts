import type { Connection } from "./connection.ts";

const OLDEST = 140_000;

/**
 * What an acknowledgement hangs on, read back at the start. Throws one line where messages would not be safe or not be
 * stored at all; returns what an operator should know.
 */
export async function checkServer(connection: Connection): Promise<string[]> {
  const { rows } = await connection.query<Record<string, string>>(`SELECT
    current_setting('server_version_num') AS version, current_setting('server_version') AS shown,
    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS pages,
    current_setting('synchronous_commit') AS commits, current_setting('server_encoding') AS encoding,
    current_setting('transaction_read_only') AS read_only,
    (SELECT datctype FROM pg_database WHERE datname = current_database()) AS letters`);
  const found = rows[0] ?? {};
  if (Number(found.version) < OLDEST) {
    throw new Error(`The database server is PostgreSQL ${found.shown}: it must be 14 or newer.`);
  }
  if (found.encoding !== "UTF8") {
    throw new Error(
      `The database is encoded as ${found.encoding}: it must be UTF8. Make one with CREATE DATABASE parlour ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0.`,
    );
  }
  if (found.fsync === "off") {
    throw new Error("PostgreSQL runs with fsync = off: messages would not be safe in it. Set fsync = on.");
  }
  if (found.commits === "off") {
    throw new Error(
      "PostgreSQL keeps synchronous_commit at off: messages would not be safe in it. ALTER ROLE … SET synchronous_commit = on.",
    );
  }
  const warnings: string[] = [];
  if (found.pages === "off") {
    warnings.push(
      "PostgreSQL runs with full_page_writes = off: that is safe only where the file system never tears a page.",
    );
  }
  if (found.letters === "C" || found.letters === "POSIX") {
    warnings.push(
      `The database's locale is ${found.letters}: C.UTF-8 knows letters beyond English, which search needs.`,
    );
  }
  if (found.read_only === "on") warnings.push("The database is read-only: nothing can be stored until it is writable.");
  return warnings;
}
