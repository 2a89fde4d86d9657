import { Refusal } from "#shared/errors.ts";
import type { MyRooms } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Draft } from "#shared/models.ts";
import { contentFault } from "#shared/text.ts";
import { roomFor } from "../rooms/standing.ts";
import type { Actor, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";
import { rootFor } from "../threads/root-for.ts";
import { DRAFT, type DraftRow, presentDraft } from "./drafts.ts";

interface Written {
  roomId: number;
  content: string;
  /** The message in whose thread it is written. */
  thread?: number | undefined;
}

/** Keeps what the actor has written and not sent, and tells their other devices. The last one to write wins. */
export async function keepDraft(tx: Tx, actor: Actor, args: Written): Promise<Draft> {
  const { room } = await roomFor(tx, actor, args.roomId, "mark-read");
  const { thread = 0 } = args;
  // What was begun in a thread that is open to the actor no more can still be emptied.
  if (thread !== 0 && args.content !== "") await rootFor(tx, actor, { roomId: room.id, rootId: thread });
  const fault = contentFault(args.content);
  if (fault && fault !== "empty") throw new Refusal(fault, undefined, { field: "content" });
  const known = await tx.get<DraftRow>(
    `SELECT ${DRAFT} FROM drafts WHERE user_id = ? AND room_id = ? AND thread = ?`,
    actor.userId,
    room.id,
    thread,
  );
  if ((known?.content ?? "") === args.content) {
    return presentDraft(known ?? { room_id: room.id, thread, content: "", written_at: tx.now, version: 0 });
  }
  const bytes = Buffer.byteLength(args.content);
  if (bytes > 0) await refuseTooMany(tx, actor, { roomId: room.id, thread }, bytes);
  const version = await nextPersonVersion(tx, actor.userId);
  await tx.run(
    `INSERT INTO drafts (user_id, room_id, thread, content, bytes, written_at, version) VALUES (?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (user_id, room_id, thread) DO UPDATE SET content = excluded.content, bytes = excluded.bytes,
        written_at = excluded.written_at, version = excluded.version`,
    actor.userId,
    room.id,
    thread,
    args.content,
    bytes,
    tx.now,
    version,
  );
  const draft = presentDraft({ room_id: room.id, thread, content: args.content, written_at: tx.now, version });
  const frame: MyRooms = { type: "me", version, reset: false, rooms: [], gone: [], drafts: [draft] };
  tx.tell({ to: "person", userId: actor.userId, frame });
  return draft;
}

async function refuseTooMany(
  tx: Tx,
  actor: Actor,
  beside: { roomId: number; thread: number },
  bytes: number,
): Promise<void> {
  const others = await tx.get<{ count: number; bytes: number }>(
    `SELECT count(*) AS count, CAST(coalesce(sum(bytes), 0) AS BIGINT) AS bytes FROM drafts
      WHERE user_id = ? AND NOT (room_id = ? AND thread = ?) AND content <> ''`,
    actor.userId,
    beside.roomId,
    beside.thread,
  );
  const isFull =
    (others?.count ?? 0) >= limits.draftsPerPerson || (others?.bytes ?? 0) + bytes > limits.draftBytesInAll;
  if (isFull) throw new Refusal("full", "There are too many unsent drafts. Send or empty some of them.");
}
