import { reads } from "../actions.ts";
import type { Holds } from "../held.ts";
import type { Actor, Sql } from "../sql.ts";
import type { Address } from "./connection.ts";
import { isOutdated, isUnheard, refusalOf, unavailable } from "./faults.ts";
import { Link } from "./link.ts";
import { PostgresSql } from "./postgres-sql.ts";

const READERS = 3;
const WAITING_MOST = 10_000;
/** Longer than it takes at rest by far, at some 10 µs for each thing: the database has more to do than it can. */
const HELD_IS_LATE_AFTER = 300;
const HELD_TAKES_EACH = 0.01;
/** Nobody waits longer: by then the answer is hardly of use any more. */
const LATE_MOST = 2_000;
/** Within it a node must know what it may still say. Whoever does not answer is asked again on another connection. */
const HELD_WITHIN = 4_000;

/**
 * Reads side by side on connections of their own: a long one never delays a send, nor all the other reads. What a node
 * asks about all that it holds has a connection to itself: everybody's reads together must not cost everybody their socket.
 */
export class Readers {
  readonly #links: Link[];
  readonly #free: Link[];
  readonly #held: Link;
  /** One question after the other: a transaction is one's alone. */
  #lastHeld: Promise<unknown> = Promise.resolve();
  #asked: { done: Promise<unknown>; lateFrom: number } | null = null;
  readonly #waiting: ((link: Link) => void)[] = [];

  constructor(address: Address) {
    this.#links = Array.from({ length: READERS }, () => new Link(address));
    this.#free = [...this.#links];
    this.#held = new Link(address, HELD_WITHIN);
  }

  async read(name: string, actor: Actor, args: unknown): Promise<unknown> {
    if (name === "heal") return this.#readHeld(actor, args);
    if (this.#waiting.length >= WAITING_MOST) throw unavailable();
    const link = this.#free.pop() ?? (await new Promise<Link>((go) => this.#waiting.push(go)));
    try {
      // Who is here keeps their socket before who comes is greeted: else each that is cut comes back, and more are cut.
      if (this.#asked && performance.now() > this.#asked.lateFrom) {
        await Promise.race([this.#asked.done, Bun.sleep(LATE_MOST)]);
      }
      return await readOnce(link, name, actor, args);
    } finally {
      const next = this.#waiting.shift();
      if (next) next(link);
      else this.#free.push(link);
    }
  }

  close(): void {
    for (const link of [...this.#links, this.#held]) link.close();
  }

  #readHeld(actor: Actor, args: unknown): Promise<unknown> {
    const read = this.#lastHeld.then(() => readOnce(this.#held, "heal", actor, args));
    const done = read.catch(() => {});
    this.#lastHeld = done;
    const { rooms, sessions, people } = args as Holds;
    const lateAfter = HELD_IS_LATE_AFTER + HELD_TAKES_EACH * (rooms.length + sessions.length + people.length);
    const asked = { done, lateFrom: performance.now() + lateAfter };
    this.#asked = asked;
    void done.then(() => {
      if (this.#asked === asked) this.#asked = null;
    });
    return read;
  }
}

async function readOnce(link: Link, name: string, actor: Actor, args: unknown): Promise<unknown> {
  try {
    return await readOn(link, name, actor, args).catch((error: unknown) => {
      // A connection that was lost while nobody used it shows only now, and so does a table that was changed.
      if (isUnheard(error) || isOutdated(error)) return readOn(link, name, actor, args);
      throw error;
    });
  } catch (error) {
    throw refusalOf(error);
  }
}

/** One snapshot for all statements of a read: a page and the seq it was read at belong together. */
async function readOn(link: Link, name: string, actor: Actor, args: unknown): Promise<unknown> {
  const action = reads[name as keyof typeof reads] as (sql: Sql, actor: Actor, args: unknown) => Promise<unknown>;
  const connection = await link.get();
  await connection.script(BEGIN);
  try {
    return await action(new PostgresSql(connection), actor, args);
  } finally {
    if (!connection.isClosed) await connection.query("END").catch(() => connection.kill());
  }
}

const BEGIN =
  "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL search_path = parlour, pg_temp; SET LOCAL statement_timeout = '15s'; SET LOCAL idle_in_transaction_session_timeout = '20s'";
