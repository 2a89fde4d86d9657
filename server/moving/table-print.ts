import type { Sql } from "../store/sql.ts";
import { pagesOf } from "./record.ts";
import { type Row, type Table, textOf } from "./tables.ts";

/** How many rows a table has, and a hash over all of them in the order of their keys. */
export interface TablePrint {
  readonly rows: number;
  readonly sha256: string;
}

export class Printing {
  readonly #hash = new Bun.CryptoHasher("sha256");
  rows = 0;

  /** Returns the text that was hashed. */
  add(rows: readonly Row[]): string {
    let text = "";
    for (const row of rows) text += textOf(row);
    this.#hash.update(text);
    this.rows += rows.length;
    return text;
  }

  end(): TablePrint {
    return { rows: this.rows, sha256: this.#hash.digest("hex") };
  }
}

export async function printOf(sql: Sql, table: Table, saw: (rows: number) => void): Promise<TablePrint> {
  const printing = new Printing();
  for await (const rows of pagesOf(sql, table)) {
    printing.add(rows);
    saw(rows.length);
  }
  return printing.end();
}

export function isSame(one: TablePrint, other: TablePrint): boolean {
  return one.rows === other.rows && one.sha256 === other.sha256;
}
