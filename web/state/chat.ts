import { useCallback, useEffect, useSyncExternalStore } from "react";
import type { Chat, Line, RoomRow, RoomView, ThreadView } from "#client/chat.ts";
import { titleIn } from "#client/room-title.ts";
import type { Seen, Status } from "#shared/contract/people.ts";
import type { Face, Message, MyRoom, Preferences, Room } from "#shared/models.ts";
import type { Standing } from "#shared/permissions.ts";
import { roomOf, unreadInThread } from "#shared/replica.ts";
import { useHouse } from "./house.ts";
import { useAtDesk } from "./presence.ts";

/** Reads something of the chat and draws again when it is another object. `read` must answer the same one until then. */
export function useChat<Value>(read: (chat: Chat) => Value): Value {
  const { chat } = useHouse();
  const subscribe = useCallback((listener: () => void) => chat.subscribe(listener), [chat]);
  return useSyncExternalStore(subscribe, () => read(chat));
}

export function useRooms(): readonly RoomRow[] {
  return useChat((chat) => chat.rooms());
}

export function useRoomView(roomId: number): RoomView {
  return useChat((chat) => chat.room(roomId));
}

export function useThreadView(roomId: number, rootId: number): ThreadView {
  return useChat((chat) => chat.thread(roomId, rootId));
}

/** What is unread in a thread; 0 in one that one does not follow. */
export function useThreadUnread(rootId: number): number {
  return useChat((chat) => unreadInThread(chat.replica, rootId));
}

/** What is unread in all threads that one follows. */
export function useThreadsUnread(): number {
  return useChat((chat) => {
    let total = 0;
    for (const rootId of chat.replica.threads.keys()) total += unreadInThread(chat.replica, rootId);
    return total;
  });
}

/** The room as it is known so far; undefined when it is none of one's own and no public one. */
export function useRoom(roomId: number): Room | undefined {
  return useChat((chat) => roomOf(chat.replica, roomId));
}

/** One's own place in the room; undefined: not a member. */
export function useMyRoom(roomId: number): MyRoom | undefined {
  return useChat((chat) => chat.replica.mine.get(roomId));
}

/** What one may do in the room is asked with this; null: nothing of the room is known. */
export function useStanding(roomId: number): Standing | null {
  const { user } = useHouse();
  const room = useRoom(roomId);
  const mine = useMyRoom(roomId);
  if (!room) return null;
  return {
    role: user.role,
    place: mine?.role ?? null,
    kind: room.kind,
    posting: room.posting,
    archived: room.archived,
  };
}

/** What the room is called; empty while nothing is known of it. */
export function useRoomTitle(roomId: number): string {
  return useChat((chat) => titleIn(chat.replica, roomId));
}

/** A message of the room's log or of a thread of it, as far as they are loaded. */
export function useChatMessage(roomId: number, id: number): Message | undefined {
  return useChat((chat) => {
    const log = chat.replica.logs.get(roomId);
    if (!log) return undefined;
    for (const { messages, past } of [log, ...log.threads.values()]) {
      const found = messageIn(messages, id) ?? messageIn(past?.messages ?? [], id);
      if (found) return found;
    }
    return undefined;
  });
}

/** In a room ids rise with the places. */
function messageIn(messages: readonly Message[], id: number): Message | undefined {
  let from = 0;
  let to = messages.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if ((messages[middle]?.id ?? 0) < id) from = middle + 1;
    else to = middle;
  }
  return messages[from]?.id === id ? messages[from] : undefined;
}

/** How somebody is drawn; null: not known yet. It is asked for by being shown. */
export function useFace(id: number): Face | null {
  const { chat } = useHouse();
  const face = useChat((known) => known.people.face(id));
  const isKnown = face !== null;
  useEffect(() => {
    if (!isKnown) chat.people.want(id);
  }, [chat, id, isKnown]);
  return face;
}

/** What somebody says they are up to now, asked for anew where it comes to be shown; null: nothing, or not known. */
export function useStatus(id: number): Status | null {
  const { chat } = useHouse();
  useEffect(() => {
    chat.people.again([id]);
    chat.people.want(id);
  }, [chat, id]);
  const status = useChat((known) => known.people.status(id));
  return status === null || status.until === null || Date.parse(status.until) > Date.now() ? status : null;
}

/** Whether somebody is connected; null: not, or nobody here may know. It is asked for while one is at the page. */
export function useSeen(id: number): Seen | null {
  const { chat } = useHouse();
  const isAtDesk = useAtDesk();
  useEffect(() => (isAtDesk ? chat.seen.watch(id) : undefined), [chat, id, isAtDesk]);
  return useChat((known) => known.seen.of(id));
}

/** Whether one blocks this person. */
export function useIsBlocked(id: number): boolean {
  return useChat((chat) => chat.replica.blocks.has(id));
}

export function useLine(): Line {
  return useChat((chat) => chat.line);
}

/** Whether the list of rooms has arrived at all: before that, "no rooms" would be a lie. */
export function useKnowsRooms(): boolean {
  return useChat(
    (chat) => chat.replica.epoch !== null && (chat.line.state !== "catching-up" || chat.replica.mine.size > 0),
  );
}

/** Of rooms that one wants to be told of nothing in, nothing counts. */
export function useUnreadTotal(): number {
  return useChat((chat) => chat.rooms().reduce((total, row) => total + (row.notify === "nothing" ? 0 : row.unread), 0));
}

/** Unread messages that call one, in all rooms. */
export function useCalledTotal(): number {
  return useChat((chat) => chat.rooms().reduce((total, row) => total + row.called, 0));
}

export function usePreferences(): Preferences {
  return useChat((chat) => chat.replica.preferences);
}

/** Changes whenever the public rooms do; their rows themselves are read from the replica. */
export function useHouseVersion(): number {
  return useChat((chat) => chat.replica.houseVersion);
}
