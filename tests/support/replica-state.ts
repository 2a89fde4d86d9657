import type { Chat } from "#client/chat.ts";
import { calledIn } from "#shared/called.ts";
import type {
  Draft,
  Happening,
  Member,
  Message,
  MyBlock,
  MyRoom,
  MyThread,
  Preferences,
  Room,
  SavedMark,
  Scheduled,
} from "#shared/models.ts";
import { unreadIn, unreadInThread } from "#shared/replica.ts";

/** What a device holds, in a form in which two devices of one person that hold the same are equal. */
export interface ReplicaState {
  epoch: string | null;
  versions: [me: number, house: number];
  mine: Record<number, Omit<MyRoom, "mine" | "counted_n" | "counted_seq" | "last_at"> & { unread: number }>;
  preferences: Preferences;
  house: Record<number, Room>;
  heads: Record<number, { seq: number; n: number }>;
  blocks: readonly MyBlock[];
  threads: Record<number, Pick<MyThread, "room_id" | "version" | "read_n" | "notify"> & { unread: number }>;
  drafts: Draft[];
  saved: SavedMark[];
  scheduled: Scheduled[];
  logs: Record<number, LogState | "closed" | "not shown">;
}

interface LogState {
  seq: number;
  messages: readonly Message[];
  happenings: readonly Happening[];
  members: readonly Member[] | null;
  threads: Record<number, { root: Message; messages: readonly Message[] }>;
}

/**
 * `rooms` are those that were opened. Own messages behind the cursor are counted at different times: what a person sees
 * of them is the number of unread ones. Only heads of one's own rooms are promised.
 */
export function stateOf(chat: Chat, rooms: readonly number[]): ReplicaState {
  const { replica } = chat;
  const state: ReplicaState = {
    epoch: replica.epoch,
    versions: [replica.meVersion, replica.houseVersion],
    mine: {},
    preferences: replica.preferences,
    house: Object.fromEntries(replica.house),
    heads: {},
    threads: {},
    blocks: [...replica.blocks.values()].sort((a, b) => a.user_id - b.user_id),
    drafts: inOrder(replica.drafts).filter(({ content }) => content !== ""),
    saved: inOrder(replica.saved).filter(({ saved_at }) => saved_at !== null),
    scheduled: inOrder(replica.scheduled).filter(({ state }) => state === "waiting" || state === "failed"),
    logs: {},
  };
  for (const [id, { mine: _, counted_n: __, counted_seq: ___, last_at: ____, ...row }] of replica.mine) {
    state.mine[id] = { ...row, called: calledIn(replica, id), unread: unreadIn(replica, id) };
    const head = replica.heads.get(id);
    if (head) state.heads[id] = head;
  }
  for (const [id, { room_id, version, read_n, notify }] of replica.threads) {
    state.threads[id] = { room_id, version, read_n, notify, unread: unreadInThread(replica, id) };
  }
  for (const id of rooms) state.logs[id] = logOf(chat, id);
  return state;
}

function inOrder<Row>(rows: ReadonlyMap<number | string, Row>): Row[] {
  return [...rows].sort(([a], [b]) => Number(a) - Number(b)).map(([, row]) => row);
}

// Why it is closed is told once: whether by a removal or by the end of the room, there is nothing to be seen.
function logOf(chat: Chat, id: number): LogState | "closed" | "not shown" {
  const log = chat.replica.logs.get(id);
  const { status } = chat.room(id);
  if (typeof status === "object" && "closed" in status) return "closed";
  if (!log || status !== "ready") return "not shown";
  const threads = [...log.threads].map(([rootId, { root, messages }]) => [rootId, { root, messages }]);
  const { seq, messages, happenings, members } = log;
  return { seq, messages, happenings, members, threads: Object.fromEntries(threads) };
}
