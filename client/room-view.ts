import type { ErrorCode } from "#shared/errors.ts";
import type { ActiveUser, Face, Level, Room, RoomRole } from "#shared/models.ts";
import type { Head, RoomLog, ThreadLog } from "#shared/replica.ts";
import type { PendingSend } from "./send-queue.ts";

/** `loading` is also what a room says that was never opened. */
export type RoomStatus =
  | "loading"
  | "ready"
  | { readonly failed: ErrorCode | "offline" }
  | { readonly closed: "removed" | "not_found" | "forbidden" };

/** Which messages are shown. */
export interface Sight {
  /** Another number when what is shown does not go on from what was shown before. */
  readonly key: number;
  /** The message that was sought; null: the newest are. */
  readonly at: number | null;
}

/** `gone`: it is not in this talk, or not for this person. `overtaken`: something else is shown meanwhile. */
export type Sought = "shown" | "gone" | "failed" | "overtaken";

/** One room as it is shown. The same object as long as nothing in it changed. */
export interface RoomView {
  readonly log: RoomLog | null;
  readonly status: RoomStatus;
  readonly older: "idle" | "loading" | "failed";
  /** Whether the room has members beside those in its log: it has very many. */
  readonly hasMoreMembers: boolean;
  readonly newer: "idle" | "loading" | "failed";
  readonly sight: Sight;
  /** In the order they were written. */
  readonly pending: readonly PendingSend[];
  /** Names of the others who are writing. */
  readonly typing: readonly string[];
  /** null: not told yet. `users` is empty where more than 200 are present. */
  readonly active: { readonly users: readonly ActiveUser[]; readonly count: number } | null;
}

/** One thread as it is shown. The same object as long as nothing in it changed. */
export interface ThreadView {
  readonly log: ThreadLog | null;
  readonly status: RoomStatus;
  readonly older: RoomView["older"];
  readonly newer: RoomView["newer"];
  readonly sight: Sight;
  /** In the order they were written. */
  readonly pending: readonly PendingSend[];
  /** Up to which seq one has read; null: one does not follow it. */
  readonly readSeq: number | null;
  /** Which replies the person is told of; null: as for any thread. */
  readonly notify: Level | null;
}

/** A room of one's own in a list. The same object as long as nothing in it changed. */
export interface RoomRow {
  readonly room: Room;
  /** What it is called in the list. */
  readonly title: string;
  /** The others of a direct talk. */
  readonly people: readonly Face[];
  readonly role: RoomRole;
  readonly unread: number;
  readonly isFavourite: boolean;
  readonly isHidden: boolean;
  /** Threads of the room that one follows and in which something is unread. */
  readonly unreadThreads: number;
  /** How many unread messages call this person, counted to 100, and the first of them. */
  readonly called: number;
  readonly firstCalled: { readonly id: number; readonly seq: number } | null;
  /** What they are told of; null: as their preferences say. */
  readonly notify: Level | null;
  /** Of a direct talk, when something was said there last; 0 of other rooms. */
  readonly lastAt: number;
  readonly head: Head | null;
}
