import { Refusal } from "#shared/errors.ts";
import type { MyRooms } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Draft } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { type DraftRow, presentDraft } from "./drafts.ts";

/** Keeps what the actor has written in a room and not sent, and tells their other devices. The last one to write wins. */
export async function keepDraft(tx: Tx, actor: Actor, args: { roomId: number; content: string }): Promise<Draft> {
  const { room } = await roomFor(tx, actor, args.roomId, "mark-read");
  const fault = contentFault(args.content);
  if (fault && fault !== "empty") throw new Refusal(fault, undefined, { field: "content" });
  const known = await tx.get<DraftRow>(
    "SELECT room_id, content, written_at, version FROM drafts WHERE user_id = ? AND room_id = ? AND thread = 0",
    actor.userId,
    room.id,
  );
  if ((known?.content ?? "") === args.content) {
    return presentDraft(known ?? { room_id: room.id, content: "", written_at: tx.now, version: 0 });
  }
  const bytes = Buffer.byteLength(args.content);
  if (bytes > 0) await refuseTooMany(tx, actor, room.id, bytes);
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    `INSERT INTO drafts (user_id, room_id, thread, content, bytes, written_at, version) VALUES (?, ?, 0, ?, ?, ?, ?)
      ON CONFLICT (user_id, room_id, thread) DO UPDATE SET content = excluded.content, bytes = excluded.bytes,
        written_at = excluded.written_at, version = excluded.version`,
    actor.userId,
    room.id,
    args.content,
    bytes,
    tx.now,
    version,
  );
  const draft = presentDraft({ room_id: room.id, content: args.content, written_at: tx.now, version });
  const frame: MyRooms = { type: "me", version, reset: false, rooms: [], gone: [], drafts: [draft] };
  tx.tell({ to: "person", userId: actor.userId, frame });
  return draft;
}

async function refuseTooMany(tx: Tx, actor: Actor, roomId: number, bytes: number): Promise<void> {
  const others = await tx.get<{ count: number; bytes: number }>(
    `SELECT count(*) AS count, CAST(coalesce(sum(bytes), 0) AS BIGINT) AS bytes FROM drafts
      WHERE user_id = ? AND room_id <> ? AND content <> ''`,
    actor.userId,
    roomId,
  );
  const isFull =
    (others?.count ?? 0) >= limits.draftsPerPerson || (others?.bytes ?? 0) + bytes > limits.draftBytesInAll;
  if (isFull) throw new Refusal("full", "There are too many unsent drafts. Send or empty some of them.");
}
