import type { Dialect, Group } from "../load.ts";
import type { Cores } from "../machine.ts";

export interface Contestant {
  name: string;
  /** What it does and leaves out, for the foot of the table. */
  about: string;
  stores: boolean;
  start(place: Place): Promise<Server>;
}

export interface Place {
  cores: Cores;
  /** Every flush to disk takes this long, as on a disk without a cache of its own. */
  flushDelayMs: number;
}

export interface Server {
  pid: number;
  dialect: Dialect;
  /** A part of it, its database, is on the load client's core. */
  besideLoad?: true;
  /** Fresh rooms, so that no run hears another. */
  gather(shape: Shape): Promise<Group[]>;
  /** Sockets that only stand there, each a member of `rooms` rooms. */
  idlers(count: number, rooms: number): Promise<Group[]>;
  /** Connections that join, leave and change rooms by request, or undefined where there is no such thing. */
  callers?(count: number): Promise<Group[]>;
  /** Connections that read pages of 50 at any depth of a room of so many messages, or undefined where there is none. */
  readers?(count: number, messages: number): Promise<Group[]>;
  stop(): Promise<void>;
}

export interface Shape {
  rooms: number;
  members: number;
  senders: number;
  inFlight: number;
  /** Members beyond `members` that stop reading after the warm-up. */
  stalled?: number;
}
