import type { ActiveUser, Room } from "#shared/models.ts";
import type { Replica } from "#shared/replica.ts";
import { roomOf } from "#shared/replica.ts";

/** What a room is called by this person: a direct talk has no name of its own and is called by the others in it. */
export function roomTitle(room: Room, people: readonly ActiveUser[]): string {
  if (room.kind !== "direct") return room.name;
  return people.length === 0 ? "Only you" : people.map((person) => person.username).join(", ");
}

/** Empty while nothing is known of the room. */
export function titleIn(replica: Replica, roomId: number): string {
  const room = roomOf(replica, roomId);
  return room ? roomTitle(room, replica.mine.get(roomId)?.people ?? []) : "";
}
