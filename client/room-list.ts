import { calledIn } from "#shared/called.ts";
import { limits } from "#shared/limits.ts";
import { type Replica, unreadIn, unreadInThread } from "#shared/replica.ts";
import { roomTitle } from "./room-title.ts";
import type { RoomRow } from "./room-view.ts";

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * One's own rooms by name, and behind them direct talks, the one in which something was said last first. Rows and the list
 * itself stay the same objects until something in them changes.
 */
export class RoomList {
  readonly #now: () => number;
  /** Of each direct talk the newest message that is known, and when it was said or heard of. */
  readonly #said = new Map<number, { n: number; at: number }>();
  #rows: readonly RoomRow[] = [];
  #byId = new Map<number, RoomRow>();
  #isStale = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  stale(): void {
    this.#isStale = true;
  }

  of(replica: Replica): readonly RoomRow[] {
    if (this.#isStale) this.#build(replica);
    return this.#rows;
  }

  #build(replica: Replica): void {
    this.#isStale = false;
    const byId = new Map<number, RoomRow>();
    const threads = unreadThreads(replica);
    for (const [id, { room, role, people, notify = null, favourite = false, hidden = false }] of replica.mine) {
      const title = roomTitle(room, people);
      const unread = unreadIn(replica, id);
      const calls = calledIn(replica, id);
      const called = Math.min(calls.length, limits.calledCounted);
      const counts = { unread, unreadThreads: threads.get(id) ?? 0, called, firstCalled: calls[0] ?? null, notify };
      const lastAt = room.kind === "direct" ? this.#lastSaid(replica, id) : 0;
      const apart = { isFavourite: favourite, isHidden: hidden };
      const row: RoomRow = {
        room,
        title,
        people,
        role,
        ...counts,
        ...apart,
        lastAt,
        head: replica.heads.get(id) ?? null,
      };
      const former = this.#byId.get(id);
      byId.set(id, former && isSame(former, row) ? former : row);
    }
    // Most changes are of numbers, and leave the order as it is.
    const rows = this.#rows.flatMap((former) => byId.get(former.room.id) ?? []);
    const isSameRooms = rows.length === byId.size && rows.length === this.#rows.length;
    const isInOrder =
      isSameRooms &&
      rows.every(
        (row, at) =>
          row.room === this.#rows[at]?.room &&
          row.title === this.#rows[at]?.title &&
          row.lastAt === this.#rows[at]?.lastAt,
      );
    this.#byId = byId;
    if (!isInOrder) this.#rows = [...byId.values()].sort(inOrder);
    else if (rows.some((row, at) => row !== this.#rows[at])) this.#rows = rows;
  }

  /** What is not open is told of by its number alone: it was said about when it is heard of. */
  #lastSaid(replica: Replica, id: number): number {
    const row = replica.mine.get(id);
    const counted = { n: row?.counted_n ?? 0, at: Date.parse(row?.last_at ?? row?.room.created_at ?? "") || 0 };
    const known = this.#said.get(id) ?? counted;
    const n = Math.max(counted.n, replica.heads.get(id)?.n ?? 0);
    if (n <= known.n) return this.#keep(id, known);
    const newest = replica.logs.get(id)?.messages.at(-1);
    const at = n === counted.n ? counted.at : newest?.n === n ? Date.parse(newest.timestamp) : this.#now();
    return this.#keep(id, { n, at });
  }

  #keep(id: number, said: { n: number; at: number }): number {
    this.#said.set(id, said);
    return said.at;
  }
}

/** By room, in how many of the threads that one follows something is unread. */
function unreadThreads(replica: Replica): Map<number, number> {
  const counts = new Map<number, number>();
  for (const [rootId, { room_id }] of replica.threads) {
    if (unreadInThread(replica, rootId) > 0) counts.set(room_id, (counts.get(room_id) ?? 0) + 1);
  }
  return counts;
}

function inOrder(a: RoomRow, b: RoomRow): number {
  const isTalk = (row: RoomRow) => row.room.kind === "direct";
  if (isTalk(a) !== isTalk(b)) return isTalk(a) ? 1 : -1;
  if (isTalk(a) && a.lastAt !== b.lastAt) return b.lastAt - a.lastAt;
  return byName.compare(a.title, b.title) || a.room.id - b.room.id;
}

function isSame(a: RoomRow, b: RoomRow): boolean {
  return (
    a.room === b.room &&
    a.people === b.people &&
    a.role === b.role &&
    a.unread === b.unread &&
    a.isFavourite === b.isFavourite &&
    a.isHidden === b.isHidden &&
    a.unreadThreads === b.unreadThreads &&
    a.called === b.called &&
    a.firstCalled?.id === b.firstCalled?.id &&
    a.notify === b.notify &&
    a.lastAt === b.lastAt &&
    a.head?.seq === b.head?.seq &&
    a.head?.n === b.head?.n
  );
}
