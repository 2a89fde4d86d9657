import type { ActiveUsers, Presence as PresenceFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { isClosedTalk } from "#shared/permissions.ts";
import type { Clock } from "../clock.ts";
import type { TalkState } from "../messages/read-missed.ts";
import { type Hub, topics } from "./hub.ts";

const GRACE = 3_000;
const COUNT_EVERY = 1_000;

interface Present {
  username: string;
  /** Of this process. */
  sockets: number;
  /** Waiting to be told as gone: their line was cut and may be back at once. */
  leaving: (() => void) | null;
  /** Other nodes where they have the room open too. */
  elsewhere: Set<string> | null;
}

/** Whoever else must know who comes to a room here, and who goes from it. */
export interface Outside {
  came(roomId: number, userId: number, username: string): void;
  went(roomId: number, userId: number): void;
}

/** Who has a room open. Not events: nothing of it is stored, and it may be lost. */
export class Presence {
  outside: Outside | null = null;
  readonly #rooms = new Map<number, Map<number, Present>>();
  /** Direct talks that somebody has open here, as the newest that was heard of them says. */
  readonly #talks = new Map<number, { version: number; isClosed: boolean }>();
  readonly #counting = new Set<number>();
  readonly #hub: Hub;
  readonly #clock: Clock;

  constructor(hub: Hub, clock: Clock) {
    this.#hub = hub;
    this.#clock = clock;
  }

  enter(roomId: number, userId: number, username: string): void {
    const present = this.#of(roomId, userId, username);
    const isNew = !isHere(present) && present.elsewhere === null;
    const wasHere = isHere(present);
    present.leaving?.();
    present.leaving = null;
    present.sockets += 1;
    if (!wasHere) this.outside?.came(roomId, userId, username);
    if (isNew) this.#tell("join", roomId, userId, username);
  }

  /** `cut`: the line broke rather than being closed; a person who is back within three seconds was never gone. */
  exit(roomId: number, userId: number, cut: boolean): void {
    const present = this.#rooms.get(roomId)?.get(userId);
    if (!present) return;
    present.sockets -= 1;
    if (present.sockets > 0) return;
    if (!cut) return this.#goneHere(roomId, userId, present);
    present.leaving = this.#clock.after(GRACE, () => this.#goneHere(roomId, userId, present));
  }

  cameElsewhere(roomId: number, userId: number, username: string, node: string): void {
    const present = this.#of(roomId, userId, username);
    const isNew = !isHere(present) && present.elsewhere === null;
    present.elsewhere ??= new Set();
    present.elsewhere.add(node);
    if (isNew) this.#tell("join", roomId, userId, username);
  }

  wentElsewhere(roomId: number, userId: number, node: string): void {
    const present = this.#rooms.get(roomId)?.get(userId);
    if (!present?.elsewhere?.delete(node)) return;
    if (present.elsewhere.size === 0) present.elsewhere = null;
    this.#goneEverywhere(roomId, userId, present);
  }

  /** Nobody here looks at the room any more, so nobody is told. */
  forgetOthers(roomId: number): void {
    const room = this.#rooms.get(roomId);
    for (const [userId, present] of room ?? []) {
      present.elsewhere = null;
      if (!isHere(present)) room?.delete(userId);
    }
    if (room?.size === 0) this.#forget(roomId);
  }

  renamed(userId: number, username: string): void {
    for (const room of this.#rooms.values()) {
      const present = room.get(userId);
      if (present) present.username = username;
    }
  }

  /** In a talk that one of the two closed neither is told that the other is there, nor that they come and go. */
  heed(room: TalkState): void {
    const known = this.#talks.get(room.id);
    if (room.kind !== "direct" || (known && known.version >= room.version)) return;
    const isClosed = isClosedTalk(room);
    this.#talks.set(room.id, { version: room.version, isClosed });
    if (isClosed !== (known?.isClosed ?? false)) {
      this.#hub.mention(topics.talk(room.id), JSON.stringify(this.in(room.id)));
    }
  }

  in(roomId: number): ActiveUsers {
    if (this.#talks.get(roomId)?.isClosed) return { type: "active_users", room_id: roomId, users: [], count: 0 };
    const room = this.#rooms.get(roomId);
    const users = [];
    for (const [id, present] of room ?? []) {
      if (users.length === limits.activeListed) break;
      users.push({ id, username: present.username });
    }
    return { type: "active_users", room_id: roomId, users, count: room?.size ?? 0 };
  }

  /** Those who have it open by a socket of this process. */
  *here(roomId: number): Iterable<[userId: number, username: string]> {
    for (const [userId, present] of this.#rooms.get(roomId) ?? []) {
      if (isHere(present)) yield [userId, present.username];
    }
  }

  isHere(roomId: number): boolean {
    for (const _ of this.here(roomId)) return true;
    return false;
  }

  #of(roomId: number, userId: number, username: string): Present {
    const room = this.#rooms.get(roomId) ?? new Map<number, Present>();
    this.#rooms.set(roomId, room);
    const present = room.get(userId) ?? { username, sockets: 0, leaving: null, elsewhere: null };
    room.set(userId, present);
    return present;
  }

  #goneHere(roomId: number, userId: number, present: Present): void {
    present.leaving = null;
    this.outside?.went(roomId, userId);
    this.#goneEverywhere(roomId, userId, present);
  }

  #goneEverywhere(roomId: number, userId: number, present: Present): void {
    const room = this.#rooms.get(roomId);
    if (!room || room.get(userId) !== present || isHere(present) || present.elsewhere !== null) return;
    room.delete(userId);
    if (room.size === 0) this.#forget(roomId);
    this.#tell("leave", roomId, userId, present.username);
  }

  #forget(roomId: number): void {
    this.#rooms.delete(roomId);
    this.#talks.delete(roomId);
  }

  #tell(type: "join" | "leave", roomId: number, userId: number, username: string): void {
    if (this.#talks.get(roomId)?.isClosed) return;
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

function isHere(present: Present): boolean {
  return present.sockets > 0 || present.leaving !== null;
}
