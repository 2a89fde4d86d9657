import type { Store } from "../store/store.ts";

/**
 * The numbered streams as this process hears them: rooms, people, the house. A socket says which ones it is about to
 * listen to, and waits until what it read has been said, or it would hear that twice.
 */
export interface Streams {
  /** From here on every event of the room is said here. */
  openRoom(roomId: number): Promise<void>;
  /**
   * From here on the room's places are said here. The newest that was said is for whoever has just begun to listen; `told`
   * is the seq that they have been told themselves. If their row counts less than was said before that, it is said again.
   */
  listRoom(roomId: number, userId: number, known?: Known): string | null;
  /** From here on what changes in the person's rooms is said here. */
  openPerson(userId: number): Promise<void>;
  roomReached(roomId: number, seq: number): Promise<void>;
  personReached(userId: number, version: number): Promise<void>;
  houseReached(version: number): Promise<void>;
  /** Something that others who have the room open may hear, and may miss. */
  mention(roomId: number, text: string): void;
  /** Whether this process knows well enough what is true to deliver anything. */
  readonly mayDeliver: boolean;
}

/** Of a room that somebody begins to listen to: which seq they know of, and up to which their row of it counts. */
export interface Known {
  readonly told?: number;
  /** Left out: up to where the room stands here, or it was held before their row was read. */
  readonly counted?: number | undefined;
}

/** One process and no other: whatever is committed is told here. */
export function streamsOfOne(store: Store): Streams {
  const atOnce = Promise.resolve();
  return {
    openRoom: () => atOnce,
    listRoom: () => null,
    openPerson: () => atOnce,
    roomReached: () => store.told(),
    personReached: () => store.told(),
    houseReached: () => store.told(),
    mention() {},
    mayDeliver: true,
  };
}
