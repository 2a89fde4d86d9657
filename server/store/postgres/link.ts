import { type Address, Connection, type Use } from "./connection.ts";
import { unavailable } from "./faults.ts";

const REST_LEAST = 100;
const REST_MOST = 2_000;
/** A plan is made for tables of the size that they had: a house that fills at full speed outgrows it within the minute. */
const PLANS_KEPT_FOR = 10_000;

/**
 * A lane's or a reader's way to the database: one connection, made anew when it was lost. While the database is away,
 * whoever asks is refused at once, and one of them after each rest tries again.
 */
export class Link {
  readonly #address: Address;
  #use: Use;
  #connection: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #isClosed = false;
  #rest = REST_LEAST;
  #restsUntil = 0;
  #plansUntil = 0;

  constructor(address: Address, answersWithin?: number) {
    this.#address = address;
    this.#use = { keepsStatements: true, ...(answersWithin === undefined ? {} : { answersWithin }) };
  }

  async get(): Promise<Connection> {
    if (this.#connection?.isShared) this.#use = { ...this.#use, keepsStatements: false };
    if (this.#connection?.isWorn) this.#connection.kill();
    if (this.#connection && !this.#connection.isClosed) return this.#withFreshPlans(this.#connection);
    if (this.#opening !== null) return this.#opening;
    if (this.#isClosed || performance.now() < this.#restsUntil) throw unavailable();
    this.#opening = this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  async #withFreshPlans(connection: Connection): Promise<Connection> {
    const now = performance.now();
    if (now < this.#plansUntil) return connection;
    this.#plansUntil = now + PLANS_KEPT_FOR;
    await connection.query("DISCARD PLANS").catch(() => connection.kill());
    return connection.isClosed ? this.get() : connection;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.kill();
  }

  async #open(): Promise<Connection> {
    try {
      this.#connection = await Connection.open(this.#address, this.#use);
      if (this.#isClosed) this.#connection.kill();
      this.#rest = REST_LEAST;
      this.#plansUntil = performance.now() + PLANS_KEPT_FOR;
      return this.#connection;
    } catch (error) {
      this.#restsUntil = performance.now() + this.#rest;
      this.#rest = Math.min(this.#rest * 2, REST_MOST);
      throw error;
    }
  }
}
