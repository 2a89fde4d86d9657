import type { ErasureReceipt } from "#shared/contract/messages.ts";
import { Refusal } from "#shared/errors.ts";
import { recordAct } from "../audit/record-act.ts";
import { endCalls, moveRows } from "../notify/call-people.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { whyNot } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { type MessageAt, messageFor, recordChange } from "./message-for.ts";
import { type MessageRow, reactionsIn } from "./present.ts";

/** Takes a message back: its words, the former ones and its reactions are gone, its place stays. Twice is as once. */
export async function deleteMessage(tx: Tx, actor: Actor, args: MessageAt): Promise<null> {
  const { row, standing } = await messageFor(tx, actor, args);
  const isOwn = row.user_id === actor.userId;
  const refused = whyNot("delete-others", standing);
  if (refused && !(isOwn && whyNot("delete-own", standing) === null)) throw new Refusal(refused);
  if (row.deleted_at === null) await blankMessage(tx, actor, args, row, 0);
  return null;
}

/** The same for an admin of the server, who is given in writing what was there and is not any more. */
export async function eraseMessage(tx: Tx, actor: Actor, args: MessageAt & { from?: string }): Promise<ErasureReceipt> {
  const { row, standing } = await messageFor(tx, actor, args);
  const refused = whyNot("erase", standing);
  if (refused) throw new Refusal(refused);
  const former = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM former_texts WHERE message_id = ?",
    row.id,
  );
  const reactions = reactionsIn(row).reduce((sum, { user_ids }) => sum + user_ids.length, 0);
  const { changed } = await blankMessage(tx, actor, args, row, 1);
  await recordAct(tx, {
    act: "message.erased",
    actor: actor.userId,
    // Who writes in a room that is not public is not for the house to know.
    ...(standing.kind === "public" ? { userId: row.user_id } : {}),
    roomId: row.room_id,
    detail: { message: String(row.id) },
    from: args.from,
  });
  return {
    message_id: row.id,
    room_id: row.room_id,
    seq: changed,
    erased_at: new Date(tx.now).toISOString(),
    erased_by: actor.userId,
    removed: { texts: (row.deleted_at === null ? 1 : 0) + (former?.count ?? 0), reactions },
  };
}

/** Records that the words are gone and takes them, without asking who may. */
export async function blankMessage(
  tx: Tx,
  actor: Actor,
  at: MessageAt,
  row: Pick<MessageRow, "id" | "deleted_at">,
  erased: 0 | 1,
) {
  let rows: ReadonlyMap<number, number> = new Map();
  const message = await recordChange(tx, actor, at, "message.deleted", async (seq) => {
    rows = await moveRows(tx, at.roomId, await endCalls(tx, row.id));
    await tx.run("DELETE FROM former_texts WHERE message_id = ?", row.id);
    await tx.run(
      `UPDATE messages SET content = '', edited_at = NULL, reactions = NULL, reply_to = NULL, pinned_by = NULL,
        pinned_at = NULL, mentions = NULL, deleted_at = ?, erased = ?, changed = ?
        WHERE id = ?`,
      row.deleted_at ?? tx.now,
      erased,
      seq,
      row.id,
    );
  });
  for (const [userId, version] of rows) await tellMyRoom(tx, userId, at.roomId, version);
  return message;
}
