import { type Address, type Connection, PostgresFault } from "../store/postgres/connection.ts";
import { PATIENT, reach, tablesOf } from "./postgres-record.ts";

export interface HeldWrites {
  /** Nobody writes there any more, until an operator takes it back. */
  close(to: string): Promise<void>;
  end(): void;
}

/** From here on nobody can write, on whatever node; reading goes on. Ends with the process that holds it. */
export async function holdPostgres(address: Address): Promise<HeldWrites> {
  for (let tries = 1; ; tries++) {
    const connection = await reach(address);
    try {
      const names = (await tablesOf(connection, "parlour")).map(({ name }) => `parlour.${name}`);
      if (names.length > 0) await connection.script(`BEGIN; ${PATIENT}; LOCK TABLE ${names.join(", ")} IN SHARE MODE`);
      return { close: (to) => closeFor(connection, names, to), end: () => connection.kill() };
    } catch (error) {
      connection.kill();
      // A write that was under way and this one waited for each other.
      if (!(error instanceof PostgresFault) || tries >= 20 || !/^(40P01|55P03)$/.test(error.state ?? "")) throw error;
    }
  }
}

/** The code is that of a read-only database, so servers refuse what would write as they do then. */
async function closeFor(connection: Connection, names: readonly string[], to: string): Promise<void> {
  const triggers = names.map(
    (name) =>
      `CREATE TRIGGER moved BEFORE INSERT OR UPDATE OR DELETE ON ${name} FOR EACH STATEMENT EXECUTE FUNCTION parlour.moved();`,
  );
  const reason = `This house was moved to ${to}`.replaceAll("'", "''").replaceAll("%", "%%");
  await connection.script(`CREATE FUNCTION parlour.moved() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '${reason}' USING ERRCODE = 'read_only_sql_transaction'; END $$;
    ${triggers.join("\n")} COMMIT`);
}
