import type { Face, Room } from "#shared/models.ts";
import type { Replica } from "#shared/replica.ts";
import { roomOf } from "#shared/replica.ts";

/** What a room is called by this person: a direct talk has no name of its own and is called by the others in it. */
export function roomTitle(room: Room, people: readonly Face[]): string {
  if (room.kind !== "direct") return room.name;
  return people.length === 0 ? "Only you" : people.map(nameOf).join(", ");
}

/** The name by which somebody is called; the user name stands beside it where it matters who exactly it is. */
export function nameOf({ username, display_name }: { username: string; display_name?: string | undefined }): string {
  return display_name || username;
}

/** Empty while nothing is known of the room. */
export function titleIn(replica: Replica, roomId: number): string {
  const room = roomOf(replica, roomId);
  return room ? roomTitle(room, replica.mine.get(roomId)?.people ?? []) : "";
}
