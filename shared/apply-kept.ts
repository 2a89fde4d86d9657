import type { MyRooms } from "./frames.ts";
import type { Draft, SavedMark, Scheduled } from "./models.ts";
import type { Replica } from "./replica.ts";

/** Rows of what the person keeps beside their rooms. One that is older than the row here changes nothing. */
export function applyKept(replica: Replica, frame: MyRooms): void {
  if (frame.reset) for (const kept of [replica.drafts, replica.saved, replica.scheduled]) kept.clear();
  for (const row of frame.drafts ?? []) applyDraft(replica, row);
  for (const row of frame.saved ?? []) applySaved(replica, row);
  for (const row of frame.scheduled ?? []) applyScheduled(replica, row);
}

export function applyDraft({ drafts }: Replica, row: Draft): void {
  const place = draftPlace(row.room_id, row.thread);
  if ((drafts.get(place)?.version ?? 0) <= row.version) drafts.set(place, row);
}

/** `7` for a room, `7.12` for a thread in it. */
export function draftPlace(roomId: number, thread: number | undefined): string {
  return thread === undefined ? String(roomId) : `${roomId}.${thread}`;
}

export function applySaved({ saved }: Replica, row: SavedMark): void {
  if ((saved.get(row.message_id)?.version ?? 0) <= row.version) saved.set(row.message_id, row);
}

export function applyScheduled({ scheduled }: Replica, row: Scheduled): void {
  if ((scheduled.get(row.id)?.version ?? 0) <= row.version) scheduled.set(row.id, row);
}
