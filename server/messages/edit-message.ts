import type { FormerTexts } from "#shared/contract/messages.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { calledBy, moveRows, writeCalls } from "../notify/call-people.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import { roomFor } from "../rooms/standing.ts";
import { settingOr } from "../settings/settings.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { type MessageAt, messageFor, recordChange, refuseUnless } from "./message-for.ts";
import { mentionsIn, presentMessage } from "./present.ts";

/** Puts other words into one's own message. The former ones stay to be read; the same words change nothing. */
export async function editMessage(tx: Tx, actor: Actor, args: MessageAt & { content: string }): Promise<Message> {
  const found = await messageFor(tx, actor, args);
  const { row } = found;
  if (row.user_id !== actor.userId) throw new Refusal("forbidden", "Only its author may edit a message.");
  refuseUnless(row.thread === null ? "edit-own" : "reply", found);
  const fault = contentFault(args.content);
  if (fault) throw new Refusal(fault, undefined, { field: "content" });
  if (args.content === row.content) return presentMessage(row);
  const former = await tx.get<{ count: number }>(
    "SELECT count(*) AS count FROM former_texts WHERE message_id = ?",
    row.id,
  );
  const number = (former?.count ?? 0) + 1;
  if (number > limits.editsPerMessage) {
    throw new Refusal("full", `A message is edited at most ${limits.editsPerMessage} times.`);
  }
  const standpoint = await roomFor(tx, actor, row.room_id, "read");
  const before = mentionsIn(row) ?? null;
  const after = await calledBy(tx, standpoint, { content: args.content, seq: row.seq });
  let rows: ReadonlyMap<number, number> = new Map();
  const message = await recordChange(tx, actor, args, "message.edited", async (seq) => {
    const writtenAt = row.edited_at ?? row.created_at;
    await tx.run("INSERT INTO former_texts VALUES (?, ?, ?, ?)", row.id, number, row.content, writtenAt);
    await tx.run(
      "UPDATE messages SET content = ?, edited_at = ?, changed = ?, mentions = ? WHERE id = ?",
      args.content,
      tx.now,
      seq,
      after === null ? null : JSON.stringify(after),
      row.id,
    );
    const called = { roomId: row.room_id, seq: row.seq, id: row.id, author: row.user_id, thread: row.thread };
    rows = await moveRows(tx, row.room_id, await writeCalls(tx, called, before, after));
  });
  for (const [userId, version] of rows) await tellMyRoom(tx, userId, row.room_id, version);
  return message;
}

/**
 * What the message said before, the first words first, for whoever may read the message; for its author alone where the house
 * hides it from others.
 */
export async function listFormerTexts(
  sql: Sql,
  actor: Actor,
  args: { id: number; setting: "shown" | "hidden" },
): Promise<FormerTexts> {
  const { row } = await messageFor(sql, actor, { id: args.id });
  if (row.user_id !== actor.userId && (await settingOr(sql, "former_texts", args.setting)) === "hidden") {
    throw new Refusal("forbidden", "On this server only its author reads what a message said before.");
  }
  const texts = await sql.all<{ content: string; written_at: number }>(
    "SELECT content, written_at FROM former_texts WHERE message_id = ? ORDER BY number",
    row.id,
  );
  return {
    items: texts.map(({ content, written_at }) => ({ content, written_at: new Date(written_at).toISOString() })),
  };
}
