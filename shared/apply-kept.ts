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
  if ((drafts.get(row.room_id)?.version ?? 0) <= row.version) drafts.set(row.room_id, row);
}

export function applySaved({ saved }: Replica, row: SavedMark): void {
  if ((saved.get(row.message_id)?.version ?? 0) <= row.version) saved.set(row.message_id, row);
}

export function applyScheduled({ scheduled }: Replica, row: Scheduled): void {
  if ((scheduled.get(row.id)?.version ?? 0) <= row.version) scheduled.set(row.id, row);
}
