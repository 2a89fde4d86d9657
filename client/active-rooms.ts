import type { ActiveUsers, Presence } from "#shared/frames.ts";
import type { RoomView } from "./room-view.ts";

/** Who is in the rooms that are open. What is known stays until the next telling: a short cut changes nothing to see. */
export class ActiveRooms {
  readonly #rooms = new Map<number, NonNullable<RoomView["active"]>>();

  in(roomId: number): RoomView["active"] {
    return this.#rooms.get(roomId) ?? null;
  }

  told(frame: ActiveUsers): void {
    this.#rooms.set(frame.room_id, { users: frame.users, count: frame.count });
  }

  /** Before the first list there is nothing to add to. */
  heard({ room_id, user_id, username, type }: Presence): void {
    const active = this.#rooms.get(room_id);
    if (!active) return;
    const others = active.users.filter((user) => user.id !== user_id);
    const was = active.users.length - others.length;
    const users = type === "join" ? [...others, { id: user_id, username }] : others;
    this.#rooms.set(room_id, { users, count: active.count - was + (type === "join" ? 1 : 0) });
  }

  renamed(roomId: number, userId: number, username: string): void {
    const active = this.#rooms.get(roomId);
    if (!active?.users.some((user) => user.id === userId)) return;
    const users = active.users.map((user) => (user.id === userId ? { ...user, username } : user));
    this.#rooms.set(roomId, { ...active, users });
  }

  forget(roomId: number): void {
    this.#rooms.delete(roomId);
  }
}
