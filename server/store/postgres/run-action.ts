import { writes } from "../actions.ts";
import type { Actor, Tx } from "../sql.ts";
import type { Tell } from "../tell.ts";
import { type Connection, PostgresFault } from "./connection.ts";
import type { Fate } from "./fate.ts";
import { isUnheard, isWorthAnotherTry, unavailable } from "./faults.ts";
import { type InOrder, streamsOf } from "./in-order.ts";
import type { Link } from "./link.ts";
import { PostgresSql } from "./postgres-sql.ts";

export interface ActionParts {
  readonly inOrder: InOrder;
  now(): number;
  contentHash(text: string): string;
}

/** Committed, and to be told when `before` is. */
export interface Done {
  result: unknown;
  tells: Tell[];
  before: Promise<unknown> | null;
  leave(): void;
}

const TRIES = 8;

/**
 * One action in a transaction of its own; thrown is why nothing of it was kept.
 *
 * Actions read and then write as if they were alone, as on SQLite they are. Here an action in a room runs under the lock
 * of that room's row, and all others, which are about accounts, sessions and what the house has, under one lock of the
 * house. Each statement sees what was committed before it. One snapshot for all of them (`SERIALIZABLE`) would not let a
 * change of name pass through a busy room: somebody has always just spoken.
 */
export async function runAction(
  { link, fate }: { link: Link; fate: Fate },
  parts: ActionParts,
  { name, actor, args }: { name: string; actor: Actor; args: unknown },
  keepAsking: () => boolean,
): Promise<Done> {
  const action = writes[name as keyof typeof writes] as (tx: Tx, actor: Actor, args: unknown) => Promise<unknown>;
  const roomId = roomOf(args);
  for (let tries = 1; ; tries++) {
    const connection = await link.get();
    const tells: Tell[] = [];
    let leave = () => {};
    try {
      await connection.script(`${BEGIN}; ${fate.begin()}`);
      await connection.query(roomId === null ? LOCK_HOUSE : LOCK_ROOM, [String(roomId ?? HOUSE)]);
      const result = await action(transaction(connection, parts, tells), actor, args);
      const also = AFTERWARDS[name];
      if (also !== undefined) await connection.script(also);
      const place = parts.inOrder.enter(streamsOf(tells));
      leave = place.leave;
      await commit(connection, () => fate.isCommitted(link, keepAsking));
      fate.committed();
      return { result, tells, ...place };
    } catch (error) {
      leave();
      await rollBack(connection);
      // A connection that was lost before the COMMIT took the transaction with it: nothing of it can be there.
      if (!(isWorthAnotherTry(error) || isUnheard(error)) || tries >= TRIES) throw error;
      await Bun.sleep(Math.random() * 10 * tries);
    }
  }
}

const BEGIN = `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path = parlour, pg_temp;
  SET LOCAL statement_timeout = '15s'; SET LOCAL lock_timeout = '5s';
  SET LOCAL idle_in_transaction_session_timeout = '20s'`;
/** Any number will do, as long as all nodes of every version take the same. */
const HOUSE = 7_264_530_915;
const LOCK_HOUSE = "SELECT pg_advisory_xact_lock($1::bigint)";
const LOCK_ROOM = "SELECT 1 FROM rooms WHERE id = $1::bigint FOR NO KEY UPDATE";

/** An import writes messages with ids of its own; those of sends go on above them. */
const AFTERWARDS: Readonly<Record<string, string>> = {
  "import-batch": `SELECT setval('messages_id_seq', greatest(last_value, (SELECT max(id) FROM messages), 1)) FROM messages_id_seq`,
};

export function roomOf(args: unknown): number | null {
  if (typeof args !== "object" || args === null || !("roomId" in args)) return null;
  return typeof args.roomId === "number" ? args.roomId : null;
}

function transaction(connection: Connection, parts: ActionParts, tells: Tell[]): Tx {
  const sql = new PostgresSql(connection);
  return {
    now: parts.now(),
    contentHash: parts.contentHash,
    tell: (tell) => tells.push(tell),
    listed: sql.listed,
    get: (text, ...params) => sql.get(text, ...params),
    all: (text, ...params) => sql.all(text, ...params),
    run: (text, ...params) => sql.run(text, ...params),
  };
}

/** When the answer is lost the database is asked what became of the transaction: neither answer may be a guess. */
async function commit(connection: Connection, isCommitted: () => Promise<boolean>): Promise<void> {
  try {
    const { command } = await connection.query("COMMIT");
    // A transaction in which a statement failed answers a COMMIT with ROLLBACK.
    if (command !== "COMMIT") throw new PostgresFault("25P02", "The transaction was undone.");
  } catch (error) {
    if (!isUnheard(error)) throw error;
    if (!(await isCommitted())) throw unavailable();
  }
}

async function rollBack(connection: Connection): Promise<void> {
  if (connection.isClosed) return;
  await connection.query("ROLLBACK").catch(() => connection.kill());
}
