import { Refusal } from "#shared/errors.ts";
import type { Standing } from "#shared/permissions.ts";
import { messageFor } from "../messages/message-for.ts";
import type { MessageRow } from "../messages/present.ts";
import type { Actor, Sql } from "../store/sql.ts";

/** A thread is named by the message that it hangs on, in its room. */
export interface ThreadAt {
  roomId: number;
  rootId: number;
}

/**
 * The one way to a thread: through the message that it hangs on, which the actor may see. A reply carries no thread of
 * its own.
 */
export async function rootFor(
  sql: Sql,
  actor: Actor,
  { roomId, rootId }: ThreadAt,
): Promise<{ root: MessageRow; standing: Standing }> {
  const { row: root, standing } = await messageFor(sql, actor, { roomId, id: rootId });
  if (root.thread !== null) {
    throw new Refusal("invalid", "A thread hangs on a message of the room's own talk.", { field: "thread" });
  }
  return { root, standing };
}
