import type { Calls } from "./called.ts";
import type { Happened, Member, Message, Pin, Room, RoomRole } from "./models.ts";

/**
 * What a room's log says, as it is sent. An event is made from what stands now, so a fold over any suffix of the log
 * ends in the same state as a fold over all of it.
 */
export type RoomEvent =
  | Message
  | MembersAdded
  | MemberLeft
  | MemberRemoved
  | MemberRenamed
  | MemberRole
  | RoomChanged
  | MessageEvent
  | ThreadReplied;

interface Logged {
  room_id: number;
  seq: number;
  timestamp: string;
  /** Who did it. */
  actor_id: number;
}

/** What a timeline shows of it. Left out: recorded by a program that did not keep as much. */
interface Shown extends Logged {
  happened?: Happened;
}

/** Those of the people added at this seq who are still here by it. */
export interface MembersAdded extends Shown {
  type: "members.added";
  members: Member[];
}

export interface MemberLeft extends Shown {
  type: "member.left";
  user_id: number;
}

export interface MemberRemoved extends Shown {
  type: "member.removed";
  user_id: number;
}

/** Name and colour as they are now, of somebody who is or was in the room: their messages are drawn with them. */
export interface MemberRenamed extends Logged {
  type: "member.renamed";
  user_id: number;
  username: string;
  display_name?: string | undefined;
  hue?: number | undefined;
  guest?: true | undefined;
  gone?: true | undefined;
}

/** What the person is in the room as it is now. */
export interface MemberRole extends Shown {
  type: "member.role";
  user_id: number;
  role: RoomRole;
}

export interface RoomChanged extends Shown {
  type: "room.changed";
  room: Room;
}

/** What happened to a message since it was sent. */
export type MessageEvent = MessageEdited | MessageDeleted | Reacted | MessagePinned;

/**
 * The message as it stands now. Null: not everybody who hears this may see the message, so whoever has it asks for it
 * by its id.
 */
export interface MessageEdited extends Logged {
  type: "message.edited";
  message_id: number;
  message: Message | null;
  /** Of a message that calls many, or did so before: whom it calls now. Everybody in the room may know as much. */
  calls?: Calls;
}

/** Of the message nothing is left but its place and who wrote it: everybody in the room may know as much. */
export interface MessageDeleted extends Logged {
  type: "message.deleted";
  message_id: number;
  n: number;
  /** The message in whose thread it stands, and its number there; without: the room's own talk. */
  thread?: number;
  author_id: number;
  deleted_at: string;
  erased?: true;
  /** Of a message that called many: it calls nobody any more. */
  calls?: Calls;
}

/** A message in the thread of another one: `message.thread` names that, and `message.n` counts there. */
export interface ThreadReplied extends Logged {
  type: "thread.replied";
  message: Message;
}

/** All that this person has on the message now; null as for an edit. */
export interface Reacted extends Logged {
  type: "reaction.added" | "reaction.removed";
  message_id: number;
  user_id: number;
  emojis: string[] | null;
}

/** Whether the message is pinned now, and by whom. Of its words it says nothing: everybody in the room may know as much. */
export interface MessagePinned extends Logged {
  type: "message.pinned" | "message.unpinned";
  message_id: number;
  pinned: Pin | null;
}
