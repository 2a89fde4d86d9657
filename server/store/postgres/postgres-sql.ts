import type { Param, Sql } from "../sql.ts";
import type { Connection, Value } from "./connection.ts";

/** The actions' SQL over one connection, inside whatever transaction that has begun. */
export class PostgresSql implements Sql {
  // As text first: the driver would put it into JSON once more.
  readonly listed = "json_array_elements_text(CAST(CAST(? AS text) AS json)) AS listed(value)";
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async get<Row>(text: string, ...params: Param[]): Promise<Row | null> {
    const { rows } = await this.#connection.query<Row>(numbered(text, params), params.map(asText));
    return rows[0] ?? null;
  }

  async all<Row>(text: string, ...params: Param[]): Promise<Row[]> {
    const { rows } = await this.#connection.query<Row>(numbered(text, params), params.map(asText));
    // The driver's list carries more than the rows.
    return [...rows];
  }

  async run(text: string, ...params: Param[]): Promise<number> {
    const { count } = await this.#connection.query(numbered(text, params), params.map(asText));
    return count;
  }
}

/**
 * `?` becomes `$n`. A number says that it is an int8: alone, as in `? > 0`, it would be taken for an int4 and a time in
 * milliseconds refused. No text of ours has a `?` that is not a parameter.
 */
export function numbered(text: string, params: readonly Param[]): string {
  const parts = text.split("?");
  if (parts.length !== params.length + 1) throw new Error("A statement has not as many parameters as it was given.");
  let made = parts[0] ?? "";
  for (let i = 0; i < params.length; i++) {
    made += `$${i + 1}${typeof params[i] === "number" ? "::bigint" : ""}${parts[i + 1]}`;
  }
  return made;
}

function asText(param: Param): Value {
  return typeof param === "number" ? String(param) : param;
}
