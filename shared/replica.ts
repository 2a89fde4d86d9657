import type { KnownCalls } from "./called.ts";
import type {
  Draft,
  Member,
  Message,
  MessagePage,
  MyBlock,
  MyRoom,
  MyThread,
  Preferences,
  Room,
  SavedMark,
  Scheduled,
} from "./models.ts";
import { DEFAULTS } from "./notify.ts";
import type { Talk } from "./past.ts";

/** What one client knows of a server: the two streams, where every room stands, and the rooms it has loaded. */
export interface Replica {
  epoch: string | null;
  /** The person whose replica this is; 0 until the first welcome. */
  meId: number;
  meVersion: number;
  houseVersion: number;
  readonly mine: Map<number, MyRoom>;
  readonly house: Map<number, Room>;
  /** By room, the numbers of own messages that are younger than the server's count of them. */
  readonly own: Map<number, Set<number>>;
  /** By room, the numbers of others' messages that were deleted since the server's count, and at which seq. */
  readonly gone: Map<number, Map<number, number>>;
  /** By room and message, whom messages call that are younger than the server's count, or changed since. */
  readonly calls: Map<number, Map<number, KnownCalls>>;
  preferences: Preferences;
  readonly heads: Map<number, Head>;
  /** By the message that they hang on, the threads that this person follows. */
  readonly threads: Map<number, MyThread>;
  /** Whom this person blocks. */
  readonly blocks: Map<number, MyBlock>;
  /** By thread, what is known of it beyond its row. */
  readonly threadHeads: Map<number, ThreadHead>;
  /** By their place, as `draftPlace` names it. Those that are empty were sent or thrown away. */
  readonly drafts: Map<string, Draft>;
  /** By message. */
  readonly saved: Map<number, SavedMark>;
  /** By id. Those that were sent or cancelled are marks alone. */
  readonly scheduled: Map<number, Scheduled>;
  readonly logs: Map<number, RoomLog>;
}

export interface Head {
  readonly seq: number;
  readonly n: number;
}

/** Where a thread stands, and its own and deleted replies that are younger than the server's count of them. */
export interface ThreadHead {
  readonly roomId: number;
  n: number;
  readonly own: Set<number>;
  /** By number, at which seq. */
  readonly gone: Map<number, number>;
}

/** A thread that is shown: its replies without holes up to the seq of its room's log. */
export interface ThreadLog extends Talk {
  readonly root: Message;
}

/**
 * A run of a room's log without holes, up to `seq`. Never changed in place: a new object says that something changed.
 */
export interface RoomLog extends Talk {
  readonly seq: number;
  readonly n: number;
  /** By user_id; null: not loaded. */
  readonly members: readonly Member[] | null;
  /** By the message that they hang on, the threads that are loaded. */
  readonly threads: ReadonlyMap<number, ThreadLog>;
}

export function emptyReplica(): Replica {
  return {
    epoch: null,
    meId: 0,
    meVersion: 0,
    houseVersion: 0,
    mine: new Map(),
    house: new Map(),
    own: new Map(),
    gone: new Map(),
    calls: new Map(),
    preferences: DEFAULTS,
    heads: new Map(),
    threads: new Map(),
    blocks: new Map(),
    threadHeads: new Map(),
    drafts: new Map(),
    saved: new Map(),
    scheduled: new Map(),
    logs: new Map(),
  };
}

/** The newest page is where a log begins: events after its seq follow. */
export function logFromPage(page: MessagePage): RoomLog {
  const { seq, n, items: messages, happenings = [], before } = page;
  return { seq, n, messages, happenings, before, past: null, members: null, threads: new Map() };
}

/** Replies by others after the cursor in a thread that one follows. */
export function unreadInThread(replica: Replica, rootId: number): number {
  const row = replica.threads.get(rootId);
  if (!row) return 0;
  const head = replica.threadHeads.get(rootId);
  let own = row.mine;
  for (const n of head?.own ?? []) if (n > row.n && n > row.read_n) own += 1;
  for (const [n, seq] of head?.gone ?? []) if (seq > row.counted_seq && n > row.read_n) own += 1;
  return Math.max(0, Math.max(row.n, head?.n ?? 0) - row.read_n - own);
}

/** The room as this person knows it: their own entry first, then the house's. */
export function roomOf(replica: Replica, roomId: number): Room | undefined {
  return replica.mine.get(roomId)?.room ?? replica.house.get(roomId);
}

/** Messages by others after the read cursor; 0 in rooms one is not a member of. */
export function unreadIn(replica: Replica, roomId: number): number {
  const mine = replica.mine.get(roomId);
  const head = replica.heads.get(roomId);
  if (!mine || !head) return 0;
  let own = mine.mine;
  for (const n of replica.own.get(roomId) ?? []) if (n > mine.counted_n && n > mine.read_n) own += 1;
  for (const [n, seq] of replica.gone.get(roomId) ?? []) if (seq > mine.counted_seq && n > mine.read_n) own += 1;
  return Math.max(0, head.n - mine.read_n - own);
}
