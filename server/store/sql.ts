import type { Tell } from "./tell.ts";

export type Param = string | number | null;

/**
 * What a noun's queries need of a database. SQL is written as SQL, with `?` for each parameter, in the dialect that
 * SQLite and PostgreSQL share. Rows come back as the type that the caller names beside the query.
 */
export interface Sql {
  get<Row>(text: string, ...params: Param[]): Promise<Row | null>;
  all<Row>(text: string, ...params: Param[]): Promise<Row[]>;
  /**
   * A table with the one column `value`, whose rows are a list that is given as one parameter, in JSON: the text of the
   * statement is the same for any number of them. Numbers are cast, `CAST(value AS bigint)`.
   */
  readonly listed: string;
  /** Returns the number of rows changed. */
  run(text: string, ...params: Param[]): Promise<number>;
}

/** One action's share of a transaction. Having one says: this writes. */
export interface Tx extends Sql {
  /** Milliseconds since 1970, the same for everything the action does. */
  readonly now: number;
  /** A keyed hash, so that what is kept about an erased text does not give it away. */
  contentHash(text: string): string;
  /** Remembered now, told after the commit and only then. */
  tell(tell: Tell): void;
}

/** Who acts. Everything else about them is read where it is needed, inside the transaction. */
export interface Actor {
  readonly userId: number;
}
