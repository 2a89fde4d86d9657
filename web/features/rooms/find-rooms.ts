import type { Room } from "#shared/models.ts";

/** By name; the rooms whose name begins with what is wanted come first, then those that only contain it. */
export function findRooms(rooms: Iterable<Room>, wanted: string): Room[] {
  const part = wanted.trim().toLowerCase();
  const rank = (room: Room) => {
    const name = room.name.toLowerCase();
    if (name.startsWith(part)) return 0;
    if (name.includes(part)) return 1;
    return room.description.toLowerCase().includes(part) ? 2 : 3;
  };
  return [...rooms]
    .map((room) => ({ room, rank: rank(room) }))
    .filter((each) => each.rank < 3)
    .sort((a, b) => a.rank - b.rank || collator.compare(a.room.name, b.room.name))
    .map((each) => each.room);
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });
