import { randomUUID } from "node:crypto";
import { type ReservedSQL, SQL } from "bun";

export interface Address {
  hostname: string;
  port: number;
  username: string;
  password: string;
  database: string;
  /** A folder with the server's socket, in place of a host. */
  socketFolder: string | null;
  tls: { verify: boolean; ca: string | null } | null;
}

/** What the database answered, or that it did not. */
export class PostgresFault extends Error {
  /** SQLSTATE; null when the connection was lost, and then nobody knows what became of the statement. */
  readonly state: string | null;
  /** The line cannot be encrypted as it was asked for: neither trying again nor going on without will mend that. */
  readonly isUntrusted: boolean;

  constructor(state: string | null, message: string, isUntrusted = false) {
    super(message);
    this.name = "PostgresFault";
    this.state = state;
    this.isUntrusted = isUntrusted;
  }
}

export type Value = string | null;

const CONNECTS_WITHIN_S = 5;
/** Statements that the server keeps for a connection, each with its plan: more than all actions have, and still few MB. */
const KEPT_MOST = 500;
/** Beyond the timeouts that a transaction sets: whoever is silent for so long is gone. */
const ANSWERS_WITHIN_MS = 20_000;

/** How long an answer may take (null: as long as it takes), and whether statements are asked again and again. */
export interface Use {
  answersWithin?: number | null;
  keepsStatements?: boolean;
}

/**
 * One connection and no other: a transaction that lost its connection must not go on upon the next. The server keeps the
 * plans of statements where that was asked for and it is the server itself that answers: PgBouncer may give every
 * transaction another one, which knows another statement by the same name or none. There all are unnamed.
 */
export class Connection {
  readonly #pool: SQL;
  readonly #sql: ReservedSQL;
  readonly #keepsStatements: boolean;
  readonly #kept = new Set<string>();
  readonly #waiting = new Set<(fault: PostgresFault) => void>();
  /**
   * Null where a statement is given all the time that it takes: that the server is there at all is seen to by the
   * system, which asks a silent one after a minute.
   */
  answersWithin: number | null;
  #closed = false;
  #isShared = false;

  private constructor(pool: SQL, sql: ReservedSQL, answersWithin: number | null, keepsStatements: boolean) {
    this.#pool = pool;
    this.#keepsStatements = keepsStatements;
    this.#sql = sql;
    this.answersWithin = answersWithin;
  }

  static async open(address: Address, use: Use = {}): Promise<Connection> {
    const { answersWithin = ANSWERS_WITHIN_MS, keepsStatements = false } = use;
    const keeping = keepsStatements ? await Connection.#keeping(address, answersWithin) : null;
    return keeping ?? Connection.#connect(address, answersWithin, null);
  }

  /** Null where a setting made while connecting does not stay with the server's own end of this line. */
  static async #keeping(address: Address, answersWithin: number | null): Promise<Connection | null> {
    const line = randomUUID();
    let connection: Connection | null = null;
    try {
      connection = await Connection.#connect(address, answersWithin, line);
      const { rows } = await connection.query<{ line: string | null }>(
        `SELECT current_setting('${LINE}', true) AS line`,
      );
      if (rows[0]?.line === line) return connection;
      connection.kill();
    } catch (error) {
      connection?.kill();
      // Refused for the setting, each pooler with a code of its own; refused for anything else, it is so again without it.
      if (!(error instanceof PostgresFault) || error.state === null) throw error;
    }
    return null;
  }

  static async #connect(address: Address, answersWithin: number | null, line: string | null): Promise<Connection> {
    const socket = address.socketFolder === null ? {} : { path: `${address.socketFolder}/.s.PGSQL.${address.port}` };
    let opened: Connection | null = null;
    const pool = new SQL({
      adapter: "postgres",
      ...socket,
      hostname: address.hostname,
      port: address.port,
      username: address.username,
      password: address.password,
      database: address.database,
      ...(address.tls ? { tls: tlsOf(address.tls) } : {}),
      max: 1,
      prepare: line !== null,
      ...(line === null ? {} : { connection: { [LINE]: line } }),
      // Else a large int8 would be text, and a name of digits could not be told from a number.
      bigint: true,
      idleTimeout: 0,
      maxLifetime: 0,
      connectionTimeout: CONNECTS_WITHIN_S,
      onclose: () => {
        if (opened) opened.#lose();
      },
    });
    try {
      opened = new Connection(pool, await pool.reserve(), answersWithin, line !== null);
      return opened;
    } catch (error) {
      void pool.close({ timeout: 0 }).catch(() => {});
      throw faultOf(error);
    }
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether a name turned out to be another's: somebody between shares the server's connections all the same. */
  get isShared(): boolean {
    return this.#isShared;
  }

  /** Whether the server has been given so many texts to keep that it is better begun anew. */
  get isWorn(): boolean {
    return this.#kept.size > KEPT_MOST;
  }

  async query<Row>(text: string, values: Value[] = []): Promise<{ rows: Row[]; count: number; command: string }> {
    if (this.#closed) throw lost();
    const deadline = this.answersWithin === null ? undefined : setTimeout(() => this.kill(), this.answersWithin);
    const { promise: cut, reject } = Promise.withResolvers<never>();
    this.#waiting.add(reject);
    if (this.#keepsStatements && values.length > 0) this.#kept.add(text);
    try {
      // Ends when the connection does, whatever the driver makes of that: a lane waits for nothing else.
      const rows = (await Promise.race([this.#sql.unsafe(text, values), cut])) as Answer;
      for (const row of rows) numbersIn(row);
      return { rows: rows as Row[], count: rows.count, command: rows.command };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.state === "26000" || fault.state === "42P05") this.#isShared = true;
      if (fault.state === null || endsConnection(fault.state)) this.kill();
      throw fault;
    } finally {
      clearTimeout(deadline);
      this.#waiting.delete(reject);
    }
  }

  /** Several statements without values, in one round trip. Returns the rows of the last. */
  async script<Row>(text: string): Promise<Row[]> {
    const { rows } = await this.query<Row[]>(text);
    return rows.at(-1) ?? [];
  }

  kill(): void {
    this.#lose();
    void this.#pool.close({ timeout: 0 }).catch(() => {});
  }

  #lose(): void {
    this.#closed = true;
    for (const reject of this.#waiting) reject(lost());
  }
}

const LINE = "parlour.line";

type Answer = Record<string, unknown>[] & { count: number; command: string };

function lost(): PostgresFault {
  return new PostgresFault(null, "The connection is lost.");
}

function numbersIn(row: Record<string, unknown>): void {
  for (const name in row) {
    const value = row[name];
    if (typeof value === "bigint") row[name] = Number(value);
  }
}

function tlsOf({ verify, ca }: { verify: boolean; ca: string | null }) {
  return { rejectUnauthorized: verify, ...(ca === null ? {} : { ca: Bun.file(ca) }) };
}

function faultOf(error: unknown): PostgresFault {
  if (error instanceof PostgresFault) return error;
  const { errno, code, message } = error as { errno?: unknown; code?: unknown; message?: string };
  const state = typeof errno === "string" && errno.length === 5 ? errno : null;
  return new PostgresFault(
    state,
    message ?? String(error),
    typeof code === "string" && /TLS|CERT|SIGNATURE/.test(code),
  );
}

/**
 * Said by a server that ends this very connection: a statement under way has an end that nobody heard of. Or by one that
 * is read-only, and would be so for this connection for ever: the next one may lead to who takes writes. Or by one that
 * cannot go on with a plan that it kept, since a newer version has changed a table: the driver would ask for it for ever.
 */
function endsConnection(state: string): boolean {
  return /^(57P0[1-5]|08|25P0[34]|25006|0A000|26000|42P05)/.test(state);
}
