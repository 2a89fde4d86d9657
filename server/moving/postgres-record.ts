import { checkServer } from "../store/postgres/check-server.ts";
import { type Address, Connection, PostgresFault, type Value } from "../store/postgres/connection.ts";
import { isUnheard } from "../store/postgres/faults.ts";
import { makeTables } from "../store/postgres/migrate.ts";
import { PostgresSql } from "../store/postgres/postgres-sql.ts";
import { type NewRecord, type Snapshot, UnknownEnd } from "./record.ts";
import { type Cell, type FoundColumn, type Row, type Table, tablesFrom } from "./tables.ts";

/** One snapshot for all that is read. */
export async function openPostgresRecord(address: Address): Promise<Snapshot> {
  const connection = await reach(address);
  await connection.script(
    `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = parlour, pg_temp; ${PATIENT}`,
  );
  return {
    place: placeOf(address),
    sql: new PostgresSql(connection),
    tables: () => tablesOf(connection, "parlour"),
    close: async () => connection.kill(),
  };
}

export async function tablesOf(connection: Connection, schema: string): Promise<Table[]> {
  const columns = await connection.query<FoundColumn>(
    `SELECT c.relname AS "table", a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
        coalesce(array_position(k.conkey, a.attnum), 0)::bigint AS key
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
      WHERE c.relnamespace = to_regnamespace($1) AND c.relkind = 'r'`,
    [schema],
  );
  const names = await connection.query<{ table: string; other: string }>(
    `SELECT c.relname AS "table", o.relname AS other FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
      JOIN pg_class o ON o.oid = k.confrelid WHERE k.contype = 'f' AND c.relnamespace = to_regnamespace($1)`,
    [schema],
  );
  return tablesFrom(columns.rows, names.rows);
}

/** Ids that a sequence deals out: it goes on above the highest. */
async function numbered(connection: Connection) {
  const { rows } = await connection.query<{ table: string; column: string; sequence: string }>(
    `SELECT c.relname AS "table", a.attname AS "column", pg_get_serial_sequence(c.relname, a.attname) AS sequence
      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attidentity <> ''
      WHERE c.relnamespace = to_regnamespace('parlour_moving')`,
  );
  return rows;
}

export interface NewPostgres {
  address: Address;
  now: number;
  schema: number;
  /** A house that stands there is put aside; or what to say to whoever did not ask for that. */
  replaces: true | { cure: string };
  goesOn: boolean;
}

/** Stands in a schema of another name until it is whole, and then takes the name that servers ask for. */
export async function makePostgresRecord(given: NewPostgres): Promise<NewRecord> {
  const { address, replaces } = given;
  const place = placeOf(address);
  const lock = await reach(address);
  const connection = await reach(address);
  const sql = new PostgresSql(connection);
  const atOnce = async (work: () => Promise<void>) => {
    await connection.script(`BEGIN; SET LOCAL search_path = parlour_moving, pg_temp; ${PATIENT}`);
    try {
      await work();
      await connection.query("COMMIT");
    } catch (error) {
      await connection.query("ROLLBACK").catch(() => {});
      throw error;
    }
  };
  const close = async () => {
    connection.kill();
    lock.kill();
  };
  let holder = 0;
  try {
    await checkServer(connection);
    holder = await refuseInUse(lock, connection, place, given);
    if (!given.goesOn) await connection.query("DROP SCHEMA IF EXISTS parlour_moving CASCADE");
    await makeTables(connection, "parlour_moving", given.now, given.schema);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    place,
    sql,
    tables: () => tablesOf(connection, "parlour_moving"),
    atOnce,
    insert: (table, rows) => insertInto(connection, table, rows),
    async empty(tables) {
      await connection.query(`TRUNCATE ${tables.map(({ name }) => name).join(", ")}`);
    },
    async remove({ name }, where, values) {
      await connection.script(`ALTER TABLE ${name} DISABLE TRIGGER USER`);
      await sql.run(`DELETE FROM ${name} WHERE ${where}`, ...values);
      await connection.script(`ALTER TABLE ${name} ENABLE TRIGGER USER`);
    },
    async finish() {
      await atOnce(async () => {
        for (const { table, column, sequence } of await numbered(connection)) {
          await connection.query(
            `SELECT setval('${sequence}', greatest(max(${column}), 1), max(${column}) IS NOT NULL) FROM ${table}`,
          );
        }
        if (replaces === true && (await hasSchema(connection, "parlour"))) {
          // A server may have been started since this began.
          await refuseUsers(connection, place, holder);
          await connection.script(
            "DROP SCHEMA IF EXISTS parlour_replaced CASCADE; ALTER SCHEMA parlour RENAME TO parlour_replaced",
          );
        }
        await connection.query("ALTER SCHEMA parlour_moving RENAME TO parlour");
      }).catch(async (error: unknown) => {
        if (!isUnheard(error) || !(await isInPlace(address))) throw error;
      });
      await connection.query("ANALYZE parlour.messages").catch(() => {});
      await close();
    },
    close,
  };
}

export const PATIENT =
  "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '10s'; SET LOCAL client_min_messages = warning";

/** Any number will do. Held by a transaction that does nothing else, so that it holds behind PgBouncer too. */
const LOCK = 7_264_530_916;

/** Answers with the process that holds the lock. */
async function refuseInUse(
  lock: Connection,
  connection: Connection,
  place: string,
  given: NewPostgres,
): Promise<number> {
  const [taken] = await lock.script<{ taken: boolean; pid: number }>(
    `BEGIN; ${PATIENT}; SELECT pg_try_advisory_xact_lock(${LOCK}) AS taken, pg_backend_pid() AS pid`,
  );
  if (!taken?.taken) throw new Error(`Another copy or restore into ${place} is under way.`);
  if (!(await hasSchema(connection, "parlour"))) return taken.pid;
  if (given.replaces !== true) {
    throw new Error(`There is a Parlour in ${place} already. It is left as it is. ${given.replaces.cure}`);
  }
  await refuseUsers(connection, place, taken.pid);
  return taken.pid;
}

async function refuseUsers(connection: Connection, place: string, holder: number): Promise<void> {
  const { rows } = await connection.query<{ from: string; count: number }>(
    `SELECT coalesce(host(client_addr), 'this machine') AS "from", count(*) AS count FROM pg_stat_activity
      WHERE datname = current_database() AND usename = current_user AND pid NOT IN (pg_backend_pid(), $1::bigint)
      GROUP BY 1 ORDER BY 1`,
    [String(holder)],
  );
  if (rows.length === 0) return;
  const holders = rows.map(({ from, count }) => `${count} connections from ${from}`).join(", ");
  throw new Error(
    `The database ${place} is in use by ${holders}. Stop every server on it first, and PgBouncer if there is one.`,
  );
}

const ASKED_FOR_MS = 60_000;

/** The answer to the last word was lost: what stands there says whether it was heard. */
async function isInPlace(address: Address): Promise<boolean> {
  for (const until = performance.now() + ASKED_FOR_MS; performance.now() < until; await Bun.sleep(250)) {
    const connection = await Connection.open(address).catch(() => null);
    try {
      // Waits for whoever is about to rename it, and is undone.
      await connection?.script(`BEGIN; ${PATIENT}; ALTER SCHEMA parlour_moving RENAME TO parlour_asked`);
      if (connection) return false;
    } catch (error) {
      const isGone = error instanceof PostgresFault && error.state === "3F000";
      if (isGone && connection && (await hasParlour(connection))) return true;
    } finally {
      connection?.kill();
    }
  }
  throw new UnknownEnd(
    `Whether ${placeOf(address)} is in its place is not known, since it does not answer. The old place stays closed: when it is back, the same words come to the end of it.`,
  );
}

async function hasParlour(connection: Connection): Promise<boolean> {
  await connection.query("ROLLBACK");
  return hasSchema(connection, "parlour");
}

async function hasSchema(connection: Connection, name: string): Promise<boolean> {
  const { rows } = await connection.query<{ there: boolean }>("SELECT to_regnamespace($1) IS NOT NULL AS there", [
    name,
  ]);
  return rows[0]?.there === true;
}

/** A list a column: the same text of the statement for any number of rows. */
async function insertInto(connection: Connection, table: Table, rows: readonly Row[]): Promise<void> {
  if (rows.length === 0) return;
  const { name, columns } = table;
  const lists = columns.map(({ kind }, at) => `$${at + 1}::${kind === "number" ? "bigint" : "text"}[]`);
  const values: Value[] = columns.map((_, at) => arrayOf(rows, at));
  const into = columns.map((column) => column.name).join(", ");
  await connection.query(`INSERT INTO ${name} (${into}) SELECT * FROM unnest(${lists.join(", ")})`, values);
}

function arrayOf(rows: readonly Row[], at: number): string {
  let text = "{";
  for (const row of rows) text += `${text.length === 1 ? "" : ","}${quoted(row[at] ?? null)}`;
  return `${text}}`;
}

function quoted(cell: Cell): string {
  if (cell === null) return "NULL";
  return typeof cell === "number" ? String(cell) : `"${cell.replace(/["\\]/g, "\\$&")}"`;
}

export async function reach(address: Address): Promise<Connection> {
  try {
    // A table of a million rows is copied, compared and locked by statements that take as long as they take.
    return await Connection.open(address, { answersWithin: null });
  } catch (error) {
    if (!(error instanceof PostgresFault)) throw error;
    throw new Error(`The database ${placeOf(address)} cannot be reached: ${error.message}`);
  }
}

export function placeOf({ hostname, port, database, socketFolder }: Address): string {
  return `postgresql://${socketFolder ?? `${hostname}:${port}`}/${database}`;
}
