import type { RoomEvent } from "./events.ts";
import type { Message, MyRoom } from "./models.ts";
import type { Replica } from "./replica.ts";

/**
 * Whom a message calls that nobody has in their own row: everybody in its room, or groups. As it stands now, so both may
 * be none for a message that called them once.
 */
export interface Calls {
  /** The message's own. */
  readonly seq: number;
  readonly by: number;
  /** The thread in which it stands. */
  readonly thread?: number | undefined;
  readonly everybody: boolean;
  readonly groups: readonly number[];
}

/** Null: it calls nobody but those whom it names. */
function callsOf(message: Pick<Message, "seq" | "user_id" | "thread" | "mentions">): Calls | null {
  const { room = false, here = false, groups = [] } = message.mentions ?? {};
  if (!room && !here && groups.length === 0) return null;
  const { seq, user_id: by, thread } = message;
  const where = thread === undefined ? {} : { thread };
  return { seq, by, ...where, everybody: room || here, groups: groups.map(({ id }) => id) };
}

/** What is known of a message's calls, by its id, since the server counted them in the row, and by which event. */
export interface KnownCalls {
  readonly at: number;
  readonly calls: Calls;
}

/** Whom an event's message calls; null: the event says nothing of that. */
export function calledBy(event: RoomEvent): ({ readonly id: number } & Calls) | null {
  if (event.type === "message.edited" || event.type === "message.deleted") {
    return event.calls ? { id: event.message_id, ...event.calls } : null;
  }
  const message = event.type === "thread.replied" ? event.message : event.type === "message" ? event : null;
  const calls = message && callsOf(message);
  return message && calls ? { id: message.id, ...calls } : null;
}

/** A message comes as it stands now: what was changed in it is told by the later event. */
export function noteCallsIn(replica: Replica, event: RoomEvent): void {
  const found = calledBy(event);
  if (found) noteCalls(replica, event.room_id, event.seq, found);
}

export function noteCalls(replica: Replica, roomId: number, at: number, called: { readonly id: number } & Calls): void {
  const row = replica.mine.get(roomId);
  if (row && at <= row.counted_seq) return;
  const { id, ...calls } = called;
  const ofRoom = replica.calls.get(roomId);
  if ((ofRoom?.get(id)?.at ?? 0) >= at) return;
  if (ofRoom) ofRoom.set(id, { at, calls });
  else replica.calls.set(roomId, new Map([[id, { at, calls }]]));
}

/** Unread messages by others, whom this person does not block, that call them, oldest first. */
export function calledIn(replica: Replica, roomId: number): NonNullable<MyRoom["called"]> {
  const row = replica.mine.get(roomId);
  return row ? calledAfter(replica, row, row.read_seq) : [];
}

/** What calls the person once they have read the room up to here. What stands in a thread that they follow is read there. */
export function calledAfter(replica: Replica, row: MyRoom, readSeq: number): NonNullable<MyRoom["called"]> {
  const isUnread = ({ seq, thread }: Pick<Calls, "seq" | "thread">) =>
    seq > ((thread === undefined ? undefined : replica.threads.get(thread)?.read_seq) ?? readSeq);
  const ofRoom = replica.calls.get(row.room.id);
  const unread = (row.called ?? []).filter((called) => isUnread(called) && !replica.blocks.has(called.by));
  if (!ofRoom || ofRoom.size === 0) return unread;
  const found = new Map(unread.map((message) => [message.id, message]));
  for (const [id, { at, calls }] of ofRoom) {
    if (at <= row.counted_seq) continue;
    const { seq, by, thread } = calls;
    if (isUnread(calls) && isForMe(replica, calls)) {
      found.set(id, { id, seq, by, ...(thread === undefined ? {} : { thread }) });
    } else found.delete(id);
  }
  return [...found.values()].sort((a, b) => a.seq - b.seq);
}

function isForMe({ meId, preferences, blocks }: Replica, { by, everybody, groups }: Calls): boolean {
  return by !== meId && !blocks.has(by) && (everybody || groups.some((id) => preferences.groups.includes(id)));
}
