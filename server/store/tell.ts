import type { RoomEvent } from "#shared/events.ts";
import type { Closed, HouseRooms, MyRooms } from "#shared/frames.ts";

/** What a committed action has to say, and to whom. The hub turns each into frames, in the order of the commits. */
export type Tell =
  | { to: "room"; n: number; event: RoomEvent }
  | { to: "person"; userId: number; frame: MyRooms }
  | { to: "house"; frame: HouseRooms }
  /** The person may hear nothing of the room from this seq on: said before the event that removed them. */
  | { to: "ears"; userId: number; roomId: number; from: number; code: Closed["code"] }
  /** The room is deleted: nobody may hear anything of it. */
  | { to: "ears"; userId: "everyone"; roomId: number; code: Closed["code"] }
  /** Sessions that end now; their sockets close. */
  | { to: "sessions"; sessionIds: string[] }
  /** The person has a new name: what their open sockets say from here on is said under it. */
  | { to: "name"; userId: number; username: string }
  /** The person's name, role or standing changed: what is remembered about their sessions is read anew. */
  | { to: "account"; userId: number };
