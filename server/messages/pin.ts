import type { PinList, PinnedIds } from "#shared/contract/messages.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { roomFor } from "../rooms/standing.ts";
import { isIn, visible } from "../rooms/visible.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { type MessageAt, messageFor, recordChange, refuseUnless } from "./message-for.ts";
import { MESSAGE, type MessageRow, presentMessage } from "./present.ts";

/** Pins a message to its room, or takes the pin off. What is so already records nothing. */
export async function pin(tx: Tx, actor: Actor, args: MessageAt & { on: boolean }): Promise<Message> {
  const found = await messageFor(tx, actor, args);
  refuseUnless("pin", found);
  const { row } = found;
  if ((row.pinned_at !== null) === args.on) return presentMessage(row);
  const at = args.on ? await nextPinTime(tx, row.room_id) : null;
  return recordChange(tx, actor, args, args.on ? "message.pinned" : "message.unpinned", (seq) =>
    tx.run(
      "UPDATE messages SET pinned_by = ?, pinned_at = ?, changed = ? WHERE id = ?",
      args.on ? actor.userId : null,
      at,
      seq,
      row.id,
    ),
  );
}

/** Later than all pins that are there: their times are their order. */
async function nextPinTime(tx: Tx, roomId: number): Promise<number> {
  const pins = await tx.get<{ count: number; newest: number | null }>(
    "SELECT count(*) AS count, max(pinned_at) AS newest FROM messages WHERE room_id = ? AND pinned_at IS NOT NULL AND deleted_at IS NULL",
    roomId,
  );
  if ((pins?.count ?? 0) < limits.pinsPerRoom) return Math.max(tx.now, (pins?.newest ?? 0) + 1);
  throw new Refusal("full", `A room has at most ${limits.pinsPerRoom} pinned messages. Unpin one first.`);
}

/** Which messages are pinned in a room and open to this person, without their words. */
export async function listPinned(sql: Sql, actor: Actor, args: { roomId: number }): Promise<PinnedIds> {
  const ranges = await visible(sql, actor, await roomFor(sql, actor, args.roomId, "read"));
  const rows = await sql.all<{ id: number; seq: number }>(
    "SELECT id, seq FROM messages WHERE room_id = ? AND pinned_at IS NOT NULL AND deleted_at IS NULL ORDER BY id",
    args.roomId,
  );
  return { ids: rows.filter(({ seq }) => isIn(ranges, seq)).map(({ id }) => id) };
}

/** What is pinned in a room and open to this person, the newest pin first. */
export async function listPins(sql: Sql, actor: Actor, args: { roomId: number }): Promise<PinList> {
  const standpoint = await roomFor(sql, actor, args.roomId, "read");
  const ranges = await visible(sql, actor, standpoint);
  const rows = await sql.all<MessageRow>(
    `SELECT ${MESSAGE} FROM messages m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.pinned_at IS NOT NULL AND m.deleted_at IS NULL ORDER BY m.pinned_at DESC, m.id DESC`,
    args.roomId,
  );
  return { items: rows.filter((row) => isIn(ranges, row.seq)).map(presentMessage) };
}
