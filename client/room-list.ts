import { type Replica, unreadIn } from "#shared/replica.ts";
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
    for (const [id, { room, role, people }] of replica.mine) {
      const title = roomTitle(room, people);
      const unread = unreadIn(replica, id);
      const row: RoomRow = { room, title, people, role, unread, head: replica.heads.get(id) ?? null };
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

function inOrder(a: RoomRow, b: RoomRow): number {
  return byName.compare(a.title, b.title) || a.room.id - b.room.id;
}

function isSame(a: RoomRow, b: RoomRow): boolean {
  return (
    a.room === b.room &&
    a.people === b.people &&
    a.role === b.role &&
    a.unread === b.unread &&
    a.head?.seq === b.head?.seq &&
    a.head?.n === b.head?.n
  );
}
