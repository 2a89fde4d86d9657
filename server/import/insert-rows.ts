import type { Param, Tx } from "../store/sql.ts";

// Few lengths, so that few statements are prepared however many rows there are.
const LENGTHS = [500, 50, 5, 1];

/** Many rows in few statements. What `returning` names comes back, in no promised order. */
export async function insertRows<Row = never>(
  tx: Tx,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly Param[])[],
  returning?: string,
): Promise<Row[]> {
  const one = `(${columns.map(() => "?").join(", ")})`;
  const back: Row[] = [];
  let from = 0;
  for (const length of LENGTHS) {
    const values = Array.from({ length }, () => one).join(", ");
    const text = `INSERT INTO ${table} (${columns.join(", ")}) VALUES ${values}`;
    for (; rows.length - from >= length; from += length) {
      const params = rows.slice(from, from + length).flat();
      if (returning === undefined) await tx.run(text, ...params);
      else back.push(...(await tx.all<Row>(`${text} RETURNING ${returning}`, ...params)));
    }
  }
  return back;
}
