import type { ThreadPage } from "#shared/contract/threads.ts";
import { presentMessage } from "../messages/present.ts";
import { itemsAt, type PagePlace } from "../messages/read-page.ts";
import { roomFor } from "../rooms/standing.ts";
import { visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { rootFor, type ThreadAt } from "./root-for.ts";

/** A page of a thread, oldest first. Of its replies a person sees those that were written while they might read. */
export async function readThread(
  sql: Sql,
  actor: Actor,
  args: ThreadAt & { place: PagePlace; limit: number },
): Promise<ThreadPage> {
  const { root } = await rootFor(sql, actor, args);
  const standpoint = await roomFor(sql, actor, args.roomId, "read");
  const ranges = await visible(sql, actor, standpoint);
  const house = await sql.get<{ epoch: string }>("SELECT epoch FROM house WHERE one = 1");
  const { seq } = standpoint.room;
  const found = await itemsAt({ sql, of: "thread", id: root.id, ranges }, args.place, args.limit, seq);
  return { epoch: house?.epoch ?? "", seq, n: root.replies ?? 0, ...found, root: presentMessage(root) };
}
