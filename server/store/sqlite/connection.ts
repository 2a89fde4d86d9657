import type { Database, SQLQueryBindings, Statement } from "bun:sqlite";
import type { Param, Sql } from "../sql.ts";

/**
 * Statements are prepared once a text and kept. The synchronous half is for the paths where a microtask a query would
 * show; the asynchronous half is what actions use, so that the same action runs on PostgreSQL.
 */
export class SqliteConnection implements Sql {
  readonly listed = "json_each(?)";
  readonly #db: Database;
  readonly #statements = new Map<string, Statement<unknown, SQLQueryBindings[]>>();

  constructor(db: Database) {
    this.#db = db;
  }

  prepared(text: string): Statement<unknown, SQLQueryBindings[]> {
    let statement = this.#statements.get(text);
    if (!statement) {
      statement = this.#db.prepare<unknown, SQLQueryBindings[]>(text);
      this.#statements.set(text, statement);
    }
    return statement;
  }

  /** Lets go of the file: with a statement left, SQLite would keep it and its WAL. */
  close(): void {
    for (const statement of this.#statements.values()) statement.finalize();
    this.#statements.clear();
    this.#db.close(true);
  }

  async get<Row>(text: string, ...params: Param[]): Promise<Row | null> {
    return this.prepared(text).get(...params) as Row | null;
  }

  async all<Row>(text: string, ...params: Param[]): Promise<Row[]> {
    return this.prepared(text).all(...params) as Row[];
  }

  async run(text: string, ...params: Param[]): Promise<number> {
    return this.prepared(text).run(...params).changes;
  }
}
