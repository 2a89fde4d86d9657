import { inThread } from "#shared/apply-thread.ts";
import { calledBy } from "#shared/called.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { At, Hidden } from "#shared/frames.ts";
import type { Author } from "../messages/send.ts";
import type { Entry } from "./feed.ts";

/** One event of a room as a node hears of it. Without its text it is enough for those who only list the room. */
export interface RoomEntry extends Entry {
  readonly n: number;
  readonly text: string | null;
  readonly isMessage: boolean;
  /** Who wrote the message. */
  readonly by: number;
  readonly who: Who | null;
  /** The socket that sent it, here: it knows by its acknowledgement. */
  readonly author: Author | null;
}

/** Who may hear from here on, or may not, and who has another name. */
export type Who =
  | { did: "removed" | "left"; userId: number }
  | { did: "came"; userIds: number[] }
  | { did: "renamed"; userId: number; username: string }
  /** A message was deleted, which may have been unread. */
  | { did: "deleted"; n: number; userId: number; called?: Called }
  /** Somebody replied in a thread, or such a reply was deleted. */
  | { did: "replied"; thread: NonNullable<At["thread"]>; called?: Called }
  /** A message calls everybody or groups, or does so no more. */
  | { did: "called"; called: Called };

type Called = NonNullable<At["called"]>;

export function entryOfMessage(place: { seq: number; n: number }, by: number, text: string | null): RoomEntry {
  return { at: place.seq, since: place.seq - 1, n: place.n, text, isMessage: true, by, who: null, author: null };
}

/** `n` is the room's by this event; a message brings its own. */
export function entryOfEvent(event: RoomEvent | Hidden, n: number): RoomEntry {
  if (event.type === "message") {
    return { ...entryOfMessage(event, event.user_id, JSON.stringify(event)), who: whoIn(event) };
  }
  if (event.type === "hidden")
    return { ...entryOfMessage({ seq: event.to, n }, 0, JSON.stringify(event)), isMessage: false };
  const entry = { at: event.seq, since: event.seq - 1, n, isMessage: false, by: 0, author: null };
  return { ...entry, text: JSON.stringify(event), who: whoIn(event) };
}

function whoIn(event: RoomEvent): Who | null {
  const thread = inThread(event);
  const called = calledBy(event);
  const calls = called === null ? {} : { called };
  if (thread) return { did: "replied", thread, ...calls };
  switch (event.type) {
    case "member.removed":
      return { did: "removed", userId: event.user_id };
    case "member.left":
      return { did: "left", userId: event.user_id };
    case "members.added":
      return { did: "came", userIds: event.members.map((member) => member.user_id) };
    case "member.renamed":
      return { did: "renamed", userId: event.user_id, username: event.username };
    case "message.deleted":
      return { did: "deleted", n: event.n, userId: event.author_id, ...calls };
    case "message":
    case "thread.replied":
    case "message.edited":
      return called && { did: "called", called };
    case "reaction.added":
    case "reaction.removed":
    case "message.pinned":
    case "message.unpinned":
    case "member.role":
    case "room.changed":
      return null;
    default:
      // Of a newer node: passed on as it is. A kind that closes ears must not come without a schema that needs to be known.
      event satisfies never;
      return null;
  }
}

/** A whole event for nodes where the room is open: two numbers, and the text as it is said to their sockets. */
export function writeWhole(entry: RoomEntry): string {
  return `${entry.n} ${entry.by} ${entry.text}`;
}

export function readWhole(hint: string): RoomEntry | null {
  const found = /^(\d+) (\d+) /.exec(hint);
  if (!found) return null;
  const [head, n, by] = found;
  const text = hint.slice(head.length);
  if (by !== "0") {
    // Not parsed: it is the busiest path, and the seq stands where `messageText` puts it.
    const seq = /^\{"type":"message","id":\d+,"room_id":\d+,"seq":(\d+),/.exec(text)?.[1];
    if (seq === undefined) return null;
    // A quote within the words is written behind a backslash: only a message that calls somebody has this.
    if (text.includes(',"mentions":{')) return entryOfEvent(JSON.parse(text) as RoomEvent, Number(n));
    return entryOfMessage({ seq: Number(seq), n: Number(n) }, Number(by), text);
  }
  const event = JSON.parse(text) as RoomEvent;
  return Number.isSafeInteger(event.seq) ? entryOfEvent(event, Number(n)) : null;
}

/** What nodes where the room is only listed need of an event. */
type Place = [seq: number, n: number, by: number] | [seq: number, n: number, by: number, who: Who];

export function placeOf({ at, n, by, who }: RoomEntry): Place {
  return who === null ? [at, n, by] : [at, n, by, who];
}

export function entryOfPlace([seq, n, by, who]: Place): RoomEntry {
  if (by !== 0) return { ...entryOfMessage({ seq, n }, by, null), who: who ?? null };
  return { at: seq, since: seq - 1, n, text: null, isMessage: false, by: 0, who: who ?? null, author: null };
}

/** On the subject of a room's places: what happened in a tick, or whose ears are closed from a seq on, at once. */
export type PlaceHint =
  | { places: Place[] }
  | { deaf: number; from: number; code: "removed" | "not_found" | "forbidden" }
  | { deleted: true };
