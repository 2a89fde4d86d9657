import { inThread } from "#shared/apply-thread.ts";
import { calledBy } from "#shared/called.ts";
import type { At, MyRooms } from "#shared/frames.ts";
import type { Author } from "../messages/send.ts";
import type { Tell } from "../store/tell.ts";
import { type Hub, keys, type Listener, topics } from "./hub.ts";
import { plainChange } from "./plain-change.ts";

/** What reacts to tells besides the hub: the remembered sessions. */
export interface Remembered {
  forget(sessionId: string): void;
  forgetUser(userId: number): void;
  renamed(userId: number, username: string): void;
}

/** Turns what a committed action has to say into frames, in the order of the commits. */
export function tell(hub: Hub, remembered: Remembered, what: Tell): void {
  switch (what.to) {
    case "room":
      return tellRoom(hub, what.event, what.n);
    case "person":
      hub.say(keys.me(what.userId), topics.me(what.userId), what.frame.version, JSON.stringify(what.frame));
      for (const listener of hub.of(what.userId)) {
        for (const roomId of what.frame.gone) listener.roomIsNotMine(roomId);
        for (const { room, counted_seq } of what.frame.rooms) {
          listener.roomIsMine(room.id, counted_seq);
          listener.roomStands(room);
        }
        heedThreads(listener, what.frame);
      }
      return;
    case "house":
      return hub.say(keys.house, topics.house, what.frame.version, JSON.stringify(what.frame));
    case "ears": {
      const deaf = what.userId === "everyone" ? hub.everyone() : hub.of(what.userId);
      for (const listener of [...deaf]) listener.hush(what.roomId, what.code);
      return;
    }
    case "sessions":
      for (const sessionId of what.sessionIds) remembered.forget(sessionId);
      return endSessions(hub, new Set(what.sessionIds));
    case "name":
      for (const listener of hub.of(what.userId)) listener.renamed(what.username);
      return remembered.renamed(what.userId, what.username);
    case "account":
      return remembered.forgetUser(what.userId);
    default:
      return what satisfies never;
  }
}

function tellRoom(hub: Hub, event: Extract<Tell, { to: "room" }>["event"], n: number): void {
  const { room_id, seq } = event;
  sayInRoom(hub, room_id, seq, JSON.stringify(event));
  tellPlace(hub, room_id, seq, n);
  if (event.type === "message") for (const each of hub.of(event.user_id)) each.ownMessage(room_id, seq, n);
  const called = calledBy(event);
  if (called) tellCalled(hub, room_id, seq, called);
  const thread = inThread(event);
  if (thread) tellReply(hub, room_id, seq, thread);
  else if (event.type === "message.deleted") tellGone(hub, room_id, seq, { n: event.n, userId: event.author_id });
}

/** What a person's frame says of the threads that they follow: their sockets hear those from here on. */
export function heedThreads(listener: Listener, { threads = [] }: MyRooms): void {
  for (const { root_id, room_id, following } of threads) {
    if (following) listener.threadIsMine(room_id, root_id);
    else listener.threadIsNotMine(root_id);
  }
}

/** What happened in a thread: told to those who follow it, whether they have the room open or not. */
export function tellReply(hub: Hub, roomId: number, seq: number, thread: NonNullable<At["thread"]>): void {
  hub.reply(thread.id, JSON.stringify({ type: "at", room_id: roomId, seq, n: 0, thread }));
}

/** One event to those who have its room open, and in their own words to the sockets of that room alone. */
export function sayInRoom(hub: Hub, roomId: number, seq: number, text: string): void {
  const topic = isMessageText(text) ? topics.talk(roomId) : topics.room(roomId);
  hub.say(keys.room(roomId), topic, seq, text);
  const plain = topic === topics.talk(roomId) ? null : plainChange(text);
  if (plain !== null) hub.mention(topics.plain(roomId), plain);
}

/** A deleted message is unread no more: told to those who have the room and not open. */
export function tellGone(hub: Hub, roomId: number, seq: number, { n, userId }: { n: number; userId: number }): void {
  hub.gone(roomId, `{"type":"at","room_id":${roomId},"seq":${seq},"n":0,"gone":{"n":${n},"user_id":${userId}}}`);
}

/** Everybody or a group is called: those who have the room and not open learn it, and its message's words do not. */
export function tellCalled(hub: Hub, roomId: number, seq: number, called: NonNullable<At["called"]>): void {
  hub.gone(roomId, JSON.stringify({ type: "at", room_id: roomId, seq, n: 0, called } satisfies At));
}

/** A new message on the busiest path: its JSON is put together once from parts that are JSON already. */
export function tellMessage(
  hub: Hub,
  author: Author,
  roomId: number,
  { seq, n }: { seq: number; n: number },
  text: string,
): void {
  hub.say(keys.room(roomId), topics.talk(roomId), seq, text);
  tellPlace(hub, roomId, seq, n);
  for (const listener of hub.of(author.userId)) {
    if ((listener as object) !== author) listener.ownMessage(roomId, seq, n);
  }
}

/** Whether a published text is a message, told by how both ways of making one begin. */
export function isMessageText(text: string): boolean {
  return text.startsWith('{"type":"message",');
}

function tellPlace(hub: Hub, roomId: number, seq: number, n: number): void {
  hub.place(roomId, `{"type":"at","room_id":${roomId},"seq":${seq},"n":${n}}`);
}

function endSessions(hub: Hub, sessionIds: ReadonlySet<string>): void {
  for (const listener of [...hub.everyone()]) {
    if (sessionIds.has(listener.sessionId)) listener.end("unauthorized", "This session has ended.");
  }
}
