import type { ActiveUsers, Presence as PresenceFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Clock } from "../clock.ts";
import { type Hub, topics } from "./hub.ts";

const GRACE = 3_000;
const COUNT_EVERY = 1_000;

interface Present {
  username: string;
  sockets: number;
  /** Waiting to be told as gone: their line was cut and may be back at once. */
  leaving: (() => void) | null;
}

/** Who has a room open. Not events: nothing of it is stored, and it may be lost. */
export class Presence {
  readonly #rooms = new Map<number, Map<number, Present>>();
  readonly #counting = new Set<number>();
  readonly #hub: Hub;
  readonly #clock: Clock;

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  enter(roomId: number, userId: number, username: string): void {
    const room = this.#rooms.get(roomId) ?? new Map<number, Present>();
    this.#rooms.set(roomId, room);
    const present = room.get(userId);
    if (present) {
      present.leaving?.();
      present.leaving = null;
      present.sockets += 1;
      return;
    }
    room.set(userId, { username, sockets: 1, leaving: null });
    this.#tell("join", roomId, userId, username);
  }

  /** `cut`: the line broke rather than being closed; a person who is back within three seconds was never gone. */
  exit(roomId: number, userId: number, cut: boolean): void {
    const present = this.#rooms.get(roomId)?.get(userId);
    if (!present) return;
    present.sockets -= 1;
    if (present.sockets > 0) return;
    if (!cut) return this.#gone(roomId, userId);
    present.leaving = this.#clock.after(GRACE, () => this.#gone(roomId, userId));
  }

  renamed(userId: number, username: string): void {
    for (const room of this.#rooms.values()) {
      const present = room.get(userId);
      if (present) present.username = username;
    }
  }

  in(roomId: number): ActiveUsers {
    const room = this.#rooms.get(roomId);
    const users = [];
    for (const [id, present] of room ?? []) {
      if (users.length === limits.activeListed) break;
      users.push({ id, username: present.username });
    }
    return { type: "active_users", room_id: roomId, users, count: room?.size ?? 0 };
  }

  #gone(roomId: number, userId: number): void {
    const room = this.#rooms.get(roomId);
    const present = room?.get(userId);
    if (!room || !present) return;
    room.delete(userId);
    if (room.size === 0) this.#rooms.delete(roomId);
    this.#tell("leave", roomId, userId, present.username);
  }

  #tell(type: "join" | "leave", roomId: number, userId: number, username: string): void {
    const count = this.#rooms.get(roomId)?.size ?? 0;
    // Who saw a crowd has no names of it: when it has shrunk its list is told, in place of the leave that made it small.
    const isCrowd = count > limits.activeListed || (type === "leave" && count === limits.activeListed);
    if (isCrowd || this.#counting.has(roomId)) return this.#tellCount(roomId);
    const timestamp = new Date(this.#clock.now()).toISOString();
    const frame: PresenceFrame = { type, user_id: userId, username, room_id: roomId, timestamp };
    this.#hub.mention(topics.talk(roomId), JSON.stringify(frame));
  }

  #tellCount(roomId: number): void {
    if (this.#counting.has(roomId)) return;
    this.#counting.add(roomId);
    this.#clock.after(COUNT_EVERY, () => {
      this.#counting.delete(roomId);
      const present = this.in(roomId);
      const frame = present.count > limits.activeListed ? { ...present, users: [] } : present;
      this.#hub.mention(topics.talk(roomId), JSON.stringify(frame));
    });
  }
}
