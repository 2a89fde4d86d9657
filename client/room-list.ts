import { calledIn } from "#shared/called.ts";
import { limits } from "#shared/limits.ts";
import { type Replica, unreadIn, unreadInThread } from "#shared/replica.ts";
import { roomTitle } from "./room-title.ts";
import type { RoomRow } from "./room-view.ts";

const byName = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** One's own rooms by name. Rows and the list itself stay the same objects until something in them changes. */
export class RoomList {
  #rows: readonly RoomRow[] = [];
  #byId = new Map<number, RoomRow>();
  #isStale = false;

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
      const apart = { isFavourite: favourite, isHidden: hidden };
      const row: RoomRow = { room, title, people, role, ...counts, ...apart, head: replica.heads.get(id) ?? null };
      const former = this.#byId.get(id);
      byId.set(id, former && isSame(former, row) ? former : row);
    }
    // Most changes are of numbers, and leave the order as it is.
    const rows = this.#rows.flatMap((former) => byId.get(former.room.id) ?? []);
    const isSameRooms = rows.length === byId.size && rows.length === this.#rows.length;
    const isInOrder =
      isSameRooms && rows.every((row, at) => row.room === this.#rows[at]?.room && row.title === this.#rows[at]?.title);
    this.#byId = byId;
    if (!isInOrder) this.#rows = [...byId.values()].sort(inOrder);
    else if (rows.some((row, at) => row !== this.#rows[at])) this.#rows = rows;
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
    a.head?.seq === b.head?.seq &&
    a.head?.n === b.head?.n
  );
}
