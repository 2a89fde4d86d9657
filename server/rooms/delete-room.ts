import { recordAct } from "../audit/record-act.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { endRoom } from "./end-room.ts";
import { roomFor } from "./standing.ts";

/**
 * Deletes a room. It is gone for everybody at once; its words are erased by `sweepDeleted` in small parts, so that a
 * room of a million messages does not hold up everybody else's sends.
 */
export async function deleteRoom(tx: Tx, actor: Actor, args: { roomId: number; from?: string }): Promise<null> {
  const { room } = await roomFor(tx, actor, args.roomId, "delete");
  await endRoom(tx, room);
  const detail = { name: room.name, kind: room.kind };
  await recordAct(tx, { act: "room.deleted", actor: actor.userId, roomId: room.id, detail, from: args.from });
  return null;
}

const SWEPT_AT_ONCE = 500;

/**
 * Erases some of what deleted rooms held. Returns whether there is more. The last message of all stays, without its
 * words, until there is a later one: its id would be given again, to a message that is another one.
 */
export async function sweepDeleted(tx: Tx): Promise<{ more: boolean }> {
  const room = await tx.get<{ id: number }>(
    `SELECT r.id FROM rooms r WHERE r.deleted_at IS NOT NULL
      AND EXISTS (SELECT 1 FROM messages m WHERE m.room_id = r.id AND m.id < (${LAST})) ORDER BY r.id LIMIT 1`,
  );
  if (!room) {
    await tx.run(
      `DELETE FROM former_texts WHERE message_id = (${LAST})
        AND message_id IN (SELECT id FROM messages WHERE room_id IN (SELECT id FROM rooms WHERE deleted_at IS NOT NULL))`,
    );
    await tx.run(
      `UPDATE messages SET content = '', reactions = NULL, mentions = NULL WHERE id = (${LAST}) AND content <> ''
        AND room_id IN (SELECT id FROM rooms WHERE deleted_at IS NOT NULL)`,
    );
    return { more: false };
  }
  await tx.run("DELETE FROM thread_followers WHERE room_id = ?", room.id);
  await tx.run(
    `DELETE FROM former_texts WHERE message_id IN
      (SELECT id FROM messages WHERE room_id = ? AND id < (${LAST}) ORDER BY seq LIMIT ?)`,
    room.id,
    SWEPT_AT_ONCE,
  );
  await tx.run("DELETE FROM calls WHERE room_id = ?", room.id);
  await tx.run(
    `DELETE FROM mentions WHERE message_id IN
      (SELECT id FROM messages WHERE room_id = ? AND id < (${LAST}) ORDER BY seq LIMIT ?)`,
    room.id,
    SWEPT_AT_ONCE,
  );
  await tx.run(
    `DELETE FROM messages WHERE id IN
      (SELECT id FROM messages WHERE room_id = ? AND id < (${LAST}) ORDER BY seq LIMIT ?)`,
    room.id,
    SWEPT_AT_ONCE,
  );
  return { more: true };
}

const LAST = "SELECT max(id) FROM messages";
