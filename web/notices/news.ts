import type { Chat } from "#client/chat.ts";
import type { RoomRow } from "#client/room-view.ts";
import type { Message } from "#shared/models.ts";
import { type Decision, decide, type Reason } from "#shared/notify.ts";
import { unreadInThread } from "#shared/replica.ts";

export interface News {
  readonly message: Message;
  readonly room: RoomRow;
  readonly decision: Decision;
}

const REMEMBERED = 500;

interface Known {
  readonly called: ReadonlySet<number>;
  readonly seq: number;
}

/**
 * Says what this page should tell the person of, by the function that decides it everywhere. Rooms that are open are read
 * from their log; of others the message that calls is fetched, and the newest where everything is told.
 */
export function watchNews(chat: Chat, now: () => number, tell: (news: News) => void): () => void {
  const known = new Map<number, Known>();
  // What came while the line was down is unread, and no news.
  let isLive = false;
  // The message and the row that says whom it calls come one after the other, either first.
  const told = new Set<number>();
  const replies = new Map<number, number>();
  const look = () => {
    const wasLive = isLive;
    isLive = chat.line.state === "live";
    for (const row of chat.rooms()) {
      const before = known.get(row.room.id);
      const { called = [] } = chat.replica.mine.get(row.room.id) ?? {};
      const ids = new Set([...called.map(({ id }) => id), ...(chat.replica.calls.get(row.room.id)?.keys() ?? [])]);
      known.set(row.room.id, { called: ids, seq: row.head?.seq ?? 0 });
      if (isLive && wasLive && before) void newsIn(row, before, ids);
    }
    for (const [rootId, { room_id, n }] of chat.replica.threads) {
      const before = replies.get(rootId) ?? n;
      const newest = Math.max(n, chat.replica.threadHeads.get(rootId)?.n ?? 0);
      replies.set(rootId, newest);
      if (isLive && wasLive && newest > before) void newsInThread(room_id, rootId, before);
    }
  };
  const newsIn = async (row: RoomRow, before: Known, ids: ReadonlySet<number>) => {
    const found = new Map<number, Message>();
    const log = chat.replica.logs.get(row.room.id);
    for (const message of log?.messages ?? []) if (message.seq > before.seq) found.set(message.id, message);
    for (const id of ids) {
      if (before.called.has(id) || found.has(id)) continue;
      const message = await chat.api.message(id).catch(() => null);
      if (message) found.set(id, message);
    }
    const tellsAll = (row.notify ?? (row.room.kind === "direct" ? "all" : chat.replica.preferences.rooms)) === "all";
    if (tellsAll && !log && row.unread > 0 && (row.head?.seq ?? 0) > before.seq) {
      const page = await chat.api.messages(row.room.id, { after: before.seq }).catch(() => null);
      for (const message of page?.items ?? []) found.set(message.id, message);
    }
    for (const message of found.values()) offer(row, message);
  };
  const newsInThread = async (roomId: number, rootId: number, before: number) => {
    if (unreadInThread(chat.replica, rootId) === 0) return;
    const shown = chat.replica.logs.get(roomId)?.threads.get(rootId)?.messages.at(-1);
    const page = shown ? { items: [shown] } : await chat.api.thread(roomId, rootId, { limit: 1 }).catch(() => null);
    const [newest] = page?.items ?? [];
    const row = chat.rooms().find(({ room }) => room.id === roomId);
    // What calls the person as well is told as what calls them.
    if (newest && row && newest.n > before) offer(row, newest, "thread");
  };
  const offer = (room: RoomRow, message: Message, only?: Reason) => {
    const facts = {
      author: message.user_id,
      isDeleted: message.deleted_at !== undefined,
      content: message.content,
      mentions: message.mentions,
    };
    const person = { id: chat.replica.meId, preferences: chat.replica.preferences };
    const followed = message.thread === undefined ? undefined : chat.replica.threads.get(message.thread);
    const thread = message.thread === undefined ? "none" : followed ? { level: followed.notify ?? null } : "other";
    const isBlocked = chat.replica.blocks.has(message.user_id);
    const place = { isMember: true, sees: true, isConnected: true, isBlocked, thread } as const;
    const decision = decide(facts, person, { kind: room.room.kind, level: room.notify }, place, now());
    if (!decision.notify || (only ?? decision.reason) !== decision.reason || told.has(message.id)) return;
    told.add(message.id);
    const [oldest] = told;
    if (oldest !== undefined && told.size > REMEMBERED) told.delete(oldest);
    tell({ message, room, decision });
  };
  look();
  return chat.subscribe(look);
}
