import { type Address, Connection } from "./connection.ts";
import { unavailable } from "./faults.ts";

const REST_LEAST = 100;
const REST_MOST = 2_000;

/**
 * A lane's or a reader's way to the database: one connection, made anew when it was lost. While the database is away,
 * whoever asks is refused at once, and one of them after each rest tries again.
 */
export class Link {
  readonly #address: Address;
  readonly #answersWithin: number | undefined;
  #connection: Connection | null = null;
  #opening: Promise<Connection> | null = null;
  #isClosed = false;
  #rest = REST_LEAST;
  #restsUntil = 0;

  constructor(address: Address, answersWithin?: number) {
    this.#address = address;
    this.#answersWithin = answersWithin;
  }

  async get(): Promise<Connection> {
    if (this.#connection && !this.#connection.isClosed) return this.#connection;
    if (this.#opening !== null) return this.#opening;
    if (this.#isClosed || performance.now() < this.#restsUntil) throw unavailable();
    this.#opening = this.#open().finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  close(): void {
    this.#isClosed = true;
    this.#connection?.kill();
  }

  async #open(): Promise<Connection> {
    try {
      this.#connection = await Connection.open(this.#address, this.#answersWithin);
      if (this.#isClosed) this.#connection.kill();
      this.#rest = REST_LEAST;
      return this.#connection;
    } catch (error) {
      this.#restsUntil = performance.now() + this.#rest;
      this.#rest = Math.min(this.#rest * 2, REST_MOST);
      throw error;
    }
  }
}
