import { reads } from "../actions.ts";
import type { Sql } from "../sql.ts";
import { refusalText } from "../wire.ts";
import { SqliteConnection } from "./connection.ts";
import { openForReading } from "./open.ts";

declare const self: Worker;

interface Question {
  id: number;
  name: string;
  userId: number;
  args: unknown;
}

let sql: SqliteConnection | null = null;

/** Reads on a connection of its own: a long read never delays a send. The answer is `id`, `+` or `-`, and JSON. */
self.onmessage = async ({ data }: MessageEvent<{ path: string } | string | null>) => {
  if (data === null) {
    sql?.close();
    sql = null;
    self.postMessage("closed");
  } else if (typeof data !== "string") sql = new SqliteConnection(openForReading(data.path));
  else if (sql) self.postMessage(await answer(sql, JSON.parse(data) as Question));
};

async function answer(db: SqliteConnection, { id, name, userId, args }: Question): Promise<string> {
  const action = reads[name as keyof typeof reads] as (sql: Sql, actor: unknown, args: unknown) => Promise<unknown>;
  // One snapshot for all statements of a read: a page and the seq it was read at belong together.
  db.prepared("BEGIN").run();
  try {
    return `${id} + ${JSON.stringify(await action(db, { userId }, args))}`;
  } catch (error) {
    return `${id} - ${JSON.stringify(refusalText(error))}`;
  } finally {
    db.prepared("COMMIT").run();
  }
}
