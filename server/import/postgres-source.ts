import { type Address, Connection, PostgresFault } from "../store/postgres/connection.ts";
import { type Source, type SourceRow, textOf } from "./source.ts";

/** The tables of a PostgreSQL that are found without naming a schema; Parlour's own have one of their own. */
export async function openPostgresSource(address: Address): Promise<Source> {
  const { hostname, port, database, socketFolder } = address;
  const place = `postgresql://${socketFolder === null ? `${hostname}:${port}` : socketFolder}/${database}`;
  const connection = await connect(address, place);
  const all = async <Row>(text: string, ...values: string[]) => (await connection.query<Row>(text, values)).rows;
  const typeOf = async (table: string, column: string) =>
    (await all<{ data_type: string }>(`${COLUMNS} AND column_name = $2`, table, column))[0]?.data_type ?? "";
  let cursors = 0;
  return {
    place,
    async tables() {
      const rows = await all<{ table_name: string }>(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY table_name",
      );
      return rows.map(({ table_name }) => table_name);
    },
    async columns(table) {
      const rows = await all<{ column_name: string }>(`${COLUMNS} ORDER BY ordinal_position`, table);
      return rows.map(({ column_name }) => column_name);
    },
    async count(table) {
      const [row] = await all<{ count: string }>(`SELECT count(*)::text AS count FROM ${quoted(table)}`);
      return Number(row?.count ?? 0);
    },
    async highest(table, column) {
      if (!isNumeric(await typeOf(table, column))) return 0;
      const [row] = await all<{ most: string | null }>(
        `SELECT max(${quoted(column)})::text AS most FROM ${quoted(table)}`,
      );
      return Number(row?.most ?? 0);
    },
    async distinct(table, columns) {
      const wanted = columns.map((column, index) => `${quoted(column)}::text AS "${index}"`).join(", ");
      const rows = await all<SourceRow>(`SELECT DISTINCT ${wanted} FROM ${quoted(table)}`);
      return rows.map((row) => columns.map((_, index) => textOf(row[String(index)])));
    },
    async *pages(table, { columns, id, after, size }) {
      const isNumber = isNumeric(await typeOf(table, id));
      // As text everything comes as it stands there: large numbers whole, and times in the one zone that is set.
      const wanted = Object.entries(columns).map(([name, column]) => `${quoted(column)}::text AS ${quoted(name)}`);
      const where = isNumber && after !== null ? `WHERE ${quoted(id)} > ${after}` : "";
      const time = columns.time ?? columns.created_at;
      // By the table's own: a bare name would be the text that is selected under it, and 10 come before 9.
      const own = (column: string) => `own.${quoted(column)}`;
      const order = isNumber || time === undefined ? own(id) : `${own(time)}, ${own(id)}`;
      const cursor = `parlour_rows_${++cursors}`;
      await all(
        `DECLARE ${cursor} NO SCROLL CURSOR FOR SELECT ${wanted.join(", ")} FROM ${quoted(table)} AS own ${where} ORDER BY ${order}`,
      );
      for (;;) {
        const rows = await all<SourceRow>(`FETCH ${size} FROM ${cursor}`);
        if (rows.length > 0) yield [...rows];
        if (rows.length < size) return void (await all(`CLOSE ${cursor}`));
      }
    },
    async close() {
      connection.kill();
    },
  };
}

/** One snapshot for all that is read. */
async function connect(address: Address, place: string): Promise<Connection> {
  try {
    // All that was said is put in order before the first of it comes.
    const connection = await Connection.open(address, { answersWithin: null });
    await connection.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await connection.query("SET LOCAL TimeZone = 'UTC'");
    await connection.query("SET LOCAL DateStyle = 'ISO'");
    return connection;
  } catch (error) {
    if (!(error instanceof PostgresFault)) throw error;
    throw new Error(`The database ${place} cannot be read: ${error.message}`);
  }
}

const COLUMNS =
  "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1";

function isNumeric(type: string): boolean {
  return ["smallint", "integer", "bigint", "numeric"].includes(type);
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
