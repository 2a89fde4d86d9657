import { isUtf8 } from "node:buffer";

/** A value as a database gives it. */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | null;

export type SourceRow = Record<string, Cell>;

/** The database of another chat system, only read. Everything of one run is read from one snapshot. */
export interface Source {
  /** Where it is, in the way it is shown and remembered; no password in it. */
  readonly place: string;
  tables(): Promise<string[]>;
  columns(table: string): Promise<string[]>;
  count(table: string): Promise<number>;
  /** The greatest value of a column of numbers; 0 where there is none. */
  highest(table: string, column: string): Promise<number>;
  /** The different combinations of values that these columns have. */
  distinct(table: string, columns: readonly string[]): Promise<Cell[][]>;
  /**
   * Rows in the order of their ids, a page at a time, from the one after `after` on. Ids that are no numbers have no
   * order that means anything: those rows come in the order in which they were written.
   */
  pages(
    table: string,
    given: { columns: Record<string, string>; id: string; after: number | null; size: number },
  ): AsyncGenerator<SourceRow[]>;
  close(): Promise<void>;
}

/** The text of a cell; null where there is none. */
export function textOf(cell: Cell | undefined): string | null {
  if (cell === null || cell === undefined) return null;
  if (typeof cell === "string") return cell;
  if (cell instanceof Uint8Array) return new TextDecoder().decode(cell);
  if (cell instanceof Date) return cell.toISOString();
  return String(cell);
}

/** Whether bytes of a cell have no text: what `textOf` puts in their place is not what was there. */
export function hasOtherBytes(cell: Cell | undefined): boolean {
  return cell instanceof Uint8Array && !isUtf8(cell);
}

/** What rows refer to each other by: 5 and "5" are the same. */
export function idOf(cell: Cell | undefined): string | null {
  const text = textOf(cell)?.trim() ?? "";
  return text === "" ? null : text;
}

/** Ids here are counted on from the highest: one at the end of what a number can tell apart would be the last. */
export const HIGHEST_KEPT = 2 ** 52;

/** The number that an id is, where it can stay one. */
export function keptId(id: string): number | null {
  return /^[1-9]\d{0,15}$/.test(id) && Number(id) <= HIGHEST_KEPT ? Number(id) : null;
}

export function isTrue(cell: Cell | undefined): boolean {
  if (cell === null || cell === undefined) return false;
  return /^(1|t|true|y|yes|on)$/i.test(textOf(cell)?.trim() ?? "");
}
