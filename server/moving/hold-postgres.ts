import { type Address, type Connection, PostgresFault } from "../store/postgres/connection.ts";
import { PATIENT, reach, tablesOf } from "./postgres-record.ts";

/** A place where nobody writes while this is held. */
export interface Held {
  /** Nor from here on, until it is opened again. */
  close(): Promise<void>;
  open(): Promise<void>;
  end(): void;
}

/** From here on nobody can write, on whatever node; reading goes on. Ends with the process that holds it. */
export async function holdPostgres(address: Address, to: string): Promise<Held> {
  for (let tries = 1; ; tries++) {
    const connection = await reach(address);
    try {
      const isClosed = await isMoved(connection, to);
      const names = (await tablesOf(connection, "parlour")).map(({ name }) => `parlour.${name}`);
      if (names.length > 0) await connection.script(`BEGIN; ${PATIENT}; LOCK TABLE ${names.join(", ")} IN SHARE MODE`);
      return {
        close: () => (isClosed ? Promise.resolve() : close(connection, names, to)),
        async open() {
          connection.kill();
          await open(address);
        },
        end: () => connection.kill(),
      };
    } catch (error) {
      connection.kill();
      // A write that was under way and this one waited for each other.
      if (!(error instanceof PostgresFault) || tries >= TRIES || !/^(40P01|55P03)$/.test(error.state ?? ""))
        throw error;
    }
  }
}

/** Behind whoever is about to close it still: the answer that it is closed may have been lost. */
async function open(address: Address): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      const connection = await reach(address);
      try {
        await connection.script(`BEGIN; ${PATIENT}; LOCK TABLE parlour.house IN ROW EXCLUSIVE MODE`);
        await connection.script("DROP FUNCTION IF EXISTS parlour.moved() CASCADE; COMMIT");
      } finally {
        connection.kill();
      }
      return;
    } catch (error) {
      if (tries < TRIES) {
        await Bun.sleep(500);
        continue;
      }
      throw new Error(
        `What was closed could not be opened again: run DROP FUNCTION parlour.moved() CASCADE there. (${String(error)})`,
      );
    }
  }
}

const TRIES = 20;

/** A run that was killed at its very end has closed it for the same move. */
async function isMoved(connection: Connection, to: string): Promise<boolean> {
  const { rows } = await connection.query<{ body: string }>(
    "SELECT prosrc AS body FROM pg_proc WHERE oid = to_regproc('parlour.moved')",
  );
  const body = rows[0]?.body;
  if (body === undefined || body.includes(reasonOf(to))) return body !== undefined;
  const [, where = "another place"] = /moved to (\S+)'/.exec(body) ?? [];
  throw new Error(
    `What is there was moved to ${where} already. To take that back: DROP FUNCTION parlour.moved() CASCADE.`,
  );
}

/** The code is that of a read-only database, so servers refuse what would write as they do then. */
async function close(connection: Connection, names: readonly string[], to: string): Promise<void> {
  const triggers = names.map(
    (name) =>
      `CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION parlour.moved();`,
  );
  await connection.script(`CREATE FUNCTION parlour.moved() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION ${reasonOf(to)} USING ERRCODE = 'read_only_sql_transaction'; END $$;
    ${triggers.join("\n")} COMMIT`);
}

function reasonOf(to: string): string {
  return `'This house was moved to ${to.replaceAll("'", "''").replaceAll("%", "%%").replaceAll("$", "")}'`;
}
