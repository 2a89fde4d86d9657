import { z } from "zod";

/** What a client may see. One schema a noun; the type of the same name is what the rest of the code passes round. */

const timestamp = z.iso.datetime({ precision: 3 }).describe("ISO 8601, UTC, milliseconds");
const id = z.int().positive();

/** A guest knows only of the rooms they are in and of the people there. */
export const Role = z.enum(["admin", "user", "guest"]);
export type Role = z.infer<typeof Role>;

export const RoomRole = z.enum(["admin", "moderator", "member", "reader"]);
export type RoomRole = z.infer<typeof RoomRole>;

export const User = z.strictObject({
  id,
  username: z.string(),
  role: Role,
  created_at: timestamp,
});
export type User = z.infer<typeof User>;

/** Oneself, or somebody seen by an admin: only here is the e-mail address shown. */
export const Account = User.extend({ email: z.string().nullable() });
export type Account = z.infer<typeof Account>;

/** An account as it is kept: what oneself and admins are shown after a change. */
export const ManagedAccount = Account.extend({ active: z.boolean().describe("False: deactivated by an admin") });
export type ManagedAccount = z.infer<typeof ManagedAccount>;

export const Session = z.strictObject({
  id: z.string(),
  client: z.string().describe("What logged in, as it named itself"),
  created_at: timestamp,
  last_used_at: timestamp,
  current: z.boolean(),
});
export type Session = z.infer<typeof Session>;

/** Which messages of a room somebody is told of: all, those that call them, or none. */
export const Level = z.enum(["all", "mentions", "nothing"]);
export type Level = z.infer<typeof Level>;

/** Minutes of the day in the person's own place, as `22:30`. It may reach over midnight. */
export const QuietHours = z.strictObject({
  from: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  to: z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/),
  zone: z.string().max(64).describe("As in the IANA's list: Europe/Paris"),
});
export type QuietHours = z.infer<typeof QuietHours>;

/** What one wants to be told of, and when. */
export const Preferences = z.strictObject({
  rooms: Level.describe("For rooms that have no level of their own; a direct talk's is `all`"),
  keywords: z.array(z.string()).describe("Words that call one wherever they are said"),
  words: z.boolean().describe("Whether what is told says a message's words"),
  paused_until: timestamp.nullable().describe("Nothing is told until then"),
  quiet: QuietHours.nullable().describe("Nothing is told between these, every day"),
  groups: z.array(id).describe("Groups that one is in: they are called by one name"),
});
export type Preferences = z.infer<typeof Preferences>;

export const RoomKind = z.enum(["public", "private", "direct"]);
export type RoomKind = z.infer<typeof RoomKind>;

/** Who may write in a room: its members, or its moderators and admins alone. */
export const Posting = z.enum(["members", "moderators"]);
export type Posting = z.infer<typeof Posting>;

export const Room = z.strictObject({
  id,
  kind: RoomKind,
  name: z.string().describe("Empty for a direct talk: it is named by the people in it"),
  description: z.string(),
  posting: Posting,
  archived: z.boolean().describe("It can be read, and nothing is written to it any more"),
  pair: z.literal(true).optional().describe("The talk of two, which neither leaves; a direct talk without it is left"),
  created_by: id.nullable(),
  created_at: timestamp,
  version: z.int().describe("The version of its stream at its last change"),
});
export type Room = z.infer<typeof Room>;

/** A room in a directory. The count stands outside `Room`, so that a join does not change what everybody holds. */
export const ListedRoom = Room.extend({ member_count: z.int() });
export type ListedRoom = z.infer<typeof ListedRoom>;

/**
 * A room as the server's admin has it. Of a private one that they are not in, only that it exists, its name and its
 * size: the rest is null.
 */
export const HouseRoom = z.strictObject({
  id,
  kind: RoomKind,
  name: z.string(),
  member_count: z.int(),
  description: z.string().nullable(),
  created_by: id.nullable(),
  created_at: timestamp.nullable(),
});
export type HouseRoom = z.infer<typeof HouseRoom>;

export const ActiveUser = z.strictObject({ id, username: z.string() });
export type ActiveUser = z.infer<typeof ActiveUser>;

/** Somebody as they are drawn. What was not chosen is left out: by the user name, in a colour that follows from the id. */
const look = {
  display_name: z.string().optional(),
  hue: z.int().min(0).max(359).optional(),
  guest: z.literal(true).optional().describe("A guest of the house"),
  gone: z.literal(true).optional().describe("Their account is deactivated or erased: they read nothing"),
};
export const Face = ActiveUser.extend(look);
export type Face = z.infer<typeof Face>;

/** Whom one blocks, or does not block any more. */
export const MyBlock = z.strictObject({ user_id: id, blocked: z.boolean(), version: z.int() });
export type MyBlock = z.infer<typeof MyBlock>;

/** A room as one person has it: the room, their place in it, and how far they have read. */
export const MyRoom = z.strictObject({
  room: Room,
  role: RoomRole,
  people: z.array(Face).describe("The others of a direct talk, by id; empty for rooms that have a name"),
  joined_seq: z.int().describe("The seq by which they came, the last time"),
  read_seq: z.int().describe("The seq up to which they have read"),
  read_n: z.int().describe("The number of the last message at or before read_seq"),
  mine: z.int().describe("Own and deleted messages after read_seq, counted to 999: they are not unread"),
  counted_n: z.int().describe("The number of the newest message when `mine` was counted"),
  counted_seq: z.int().describe("The room's newest seq when `mine` was counted"),
  last_at: timestamp.optional().describe("Of a direct talk: when its newest message was said, as of counted_n"),
  called: z
    .array(
      z.strictObject({
        id,
        seq: z.int().positive(),
        by: id,
        thread: id
          .optional()
          .describe("It stands in this thread, and is unread by the thread's cursor if one follows it"),
      }),
    )
    .min(1)
    .optional()
    .describe("Unread messages that call this person, oldest first, the first 100"),
  notify: Level.optional().describe("Which messages they are told of; left out: as their preferences say"),
  favourite: z.literal(true).optional().describe("It stands on top of one's list"),
  hidden: z.literal(true).optional().describe("It is not in one's list while nothing in it is unread"),
  version: z.int(),
});
export type MyRoom = z.infer<typeof MyRoom>;

/** A thread as one person who follows it has it: where it stands, and how far they have read. */
export const MyThread = z.strictObject({
  root_id: id,
  room_id: id,
  following: z.boolean().describe("False: they follow it no more"),
  n: z.int().describe("The number of its newest reply when this was counted"),
  read_seq: z.int().describe("The seq up to which they have read"),
  read_n: z.int().describe("The number of the last reply at or before read_seq"),
  mine: z.int().describe("Own and deleted replies after read_n, counted to 999: they are not unread"),
  counted_seq: z.int().describe("The room's newest seq when `mine` was counted"),
  notify: Level.optional().describe(
    "Which replies they are told of; left out: all, unless they are told of nothing in the room",
  ),
  version: z.int(),
});
export type MyThread = z.infer<typeof MyThread>;

export const Member = z.strictObject({
  user_id: id,
  username: z.string(),
  role: RoomRole,
  ...look,
});
export type Member = z.infer<typeof Member>;

/** Somebody whom a room keeps out until they are let in again. */
export const KeptOut = z.strictObject({
  user_id: id,
  username: z.string(),
  ban: z
    .strictObject({ by: ActiveUser, at: timestamp, until: timestamp.nullable(), reason: z.string() })
    .nullable()
    .describe("null: removed, for no reason that was given and for no time"),
});
export type KeptOut = z.infer<typeof KeptOut>;

/** Who reacted with what: both in a fixed order, so that two who hold the same show the same. */
export const Reaction = z.strictObject({ emoji: z.string(), user_ids: z.array(id).min(1) });
export type Reaction = z.infer<typeof Reaction>;

/** Who pinned a message to its room, and when. */
export const Pin = z.strictObject({ by: id, at: timestamp });
export type Pin = z.infer<typeof Pin>;

const CalledName = z.strictObject({ id, as: z.string().describe("The name as it is written in the text") });

/** Whom a message calls. What its text calls besides is nobody here. */
export const Mentions = z.strictObject({
  people: z.array(CalledName).min(1).optional(),
  groups: z.array(CalledName).min(1).optional(),
  room: z.literal(true).optional().describe("Everybody in the room"),
  here: z.literal(true).optional().describe("Everybody in the room who is connected"),
});
export type Mentions = z.infer<typeof Mentions>;

/** What a message knows of its thread. */
export const Replies = z.strictObject({
  n: z.int().positive().describe("The number of its newest reply"),
  last_at: timestamp,
  people: z.array(id).max(3).describe("Who wrote there last, the latest first"),
});
export type Replies = z.infer<typeof Replies>;

/** `type` makes a message its own event: the frame that announces it and the item of a page are the same object. */
export const Message = z.strictObject({
  type: z.literal("message"),
  id,
  room_id: id,
  seq: z.int().positive().describe("Its place in the room's log"),
  n: z.int().positive().describe("Its number among the room's messages, or among its thread's"),
  changed: z.int().positive().describe("The seq of the last event that touched it"),
  user_id: id,
  username: z.string(),
  content: z.string().describe("Empty once it is deleted"),
  timestamp,
  edited_at: timestamp.optional().describe("When these words took the place of others"),
  deleted_at: timestamp.optional().describe("It was taken back: nothing of its words is left"),
  erased: z.literal(true).optional().describe("An admin of the server had every trace of its words removed"),
  reactions: z.array(Reaction).min(1).optional(),
  reply_to: id.optional().describe("The message of the same room that it answers"),
  pinned: Pin.optional(),
  thread: id.optional().describe("The message in whose thread it stands; without: the room's own talk"),
  replies: Replies.optional().describe("Its thread, once somebody replied in it"),
  mentions: Mentions.optional(),
});
export type Message = z.infer<typeof Message>;

/** What a person has written in a room or a thread and not sent, on whichever device. */
export const Draft = z.strictObject({
  room_id: id,
  thread: id.optional().describe("The message in whose thread it is written; without: in the room itself"),
  content: z.string().describe("Empty once it is sent or thrown away"),
  written_at: timestamp,
  version: z.int().describe("The version of the person's stream at its last change"),
});
export type Draft = z.infer<typeof Draft>;

/** That a person keeps a message for later. */
export const SavedMark = z.strictObject({
  message_id: id,
  saved_at: timestamp.nullable().describe("null: not any more"),
  version: z.int(),
});
export type SavedMark = z.infer<typeof SavedMark>;

/** A message that is to be sent later. */
export const Scheduled = z.strictObject({
  id,
  room_id: id,
  thread: id.optional().describe("The message in whose thread it is to stand"),
  reply_to: id.optional().describe("The message that it answers"),
  content: z.string().describe("Empty once it is sent or cancelled"),
  at: timestamp,
  state: z.enum(["waiting", "failed", "sent", "cancelled"]),
  fault: z.string().nullable().describe("The code of the refusal for which it was not sent"),
  version: z.int(),
});
export type Scheduled = z.infer<typeof Scheduled>;

/** What was changed of a room. The words themselves stand with the room as it is now. */
export const RoomChange = z.enum(["name", "description", "announcements", "talk", "archived", "unarchived"]);
export type RoomChange = z.infer<typeof RoomChange>;

const people = z.array(ActiveUser).min(1).describe("By id");

/** What happened in a room besides its messages, told as it was then. */
export const Deed = z.discriminatedUnion("is", [
  z.strictObject({
    is: z.literal("came"),
    people,
    invited: z.literal(true).optional().describe("By a link that was made by `by`"),
  }),
  z.strictObject({ is: z.literal("left"), people }),
  z.strictObject({ is: z.literal("removed"), people }),
  z.strictObject({ is: z.literal("role"), people, role: RoomRole }),
  z.strictObject({ is: z.literal("changed"), changes: z.array(RoomChange).min(1) }),
]);
export type Deed = z.infer<typeof Deed>;

export const Happened = z.strictObject({ by: ActiveUser.describe("Who did it"), deed: Deed });
export type Happened = z.infer<typeof Happened>;

/** Of one event of a room's log, what a timeline shows between messages. */
export const Happening = Happened.extend({
  seq: z.int().positive().describe("Its place in the room's log"),
  timestamp,
});
export type Happening = z.infer<typeof Happening>;

/** A page of a talk: the room's own, or a thread's. */
export const TalkPage = z.strictObject({
  epoch: z.string(),
  seq: z.int().describe("The newest seq of the room when this page was read"),
  n: z.int().describe("The newest message number when this page was read"),
  items: z.array(Message).describe("Oldest first"),
  before: z.int().nullable().describe("Ask ?before= this for older ones; null: none"),
  after: z.int().nullable().describe("Ask ?after= this for newer ones; null: none"),
});

export const MessagePage = TalkPage.extend({
  happenings: z
    .array(Happening)
    .min(1)
    .optional()
    .describe("What happened from its first message to its last one, or to the room's beginning or end; oldest first"),
});
export type MessagePage = z.infer<typeof MessagePage>;
