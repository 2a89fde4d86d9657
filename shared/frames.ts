import { z } from "zod";
import type { Calls } from "./called.ts";
import type { ErrorCode } from "./errors.ts";
import type { RoomEvent } from "./events.ts";
import { limits } from "./limits.ts";
import type {
  ActiveUser,
  Draft,
  Message,
  MyBlock,
  MyRoom,
  MyThread,
  Preferences,
  Room,
  SavedMark,
  Scheduled,
  User,
} from "./models.ts";

const roomId = z.int().positive();
const seq = z.int().nonnegative();

export const Nonce = z
  .string()
  .min(1)
  .refine((text) => text.length <= limits.nonceBytes && new TextEncoder().encode(text).length <= limits.nonceBytes, {
    error: `A nonce may have ${limits.nonceBytes} bytes.`,
  })
  .refine((text) => text.isWellFormed() && !text.includes("\u0000"), {
    error: "A nonce may not contain U+0000 or half of a surrogate pair.",
  });

/** Everything a client may say on `/ws`. The first frame is `hello`; `token` is needed only if the upgrade had none. */
export const ClientFrame = z.discriminatedUnion("type", [
  // A newer page that names more than this server keeps is let in, and hears what this one has.
  z.object({
    type: z.literal("hello"),
    token: z.string().optional(),
    epoch: z.string().optional(),
    me: seq.optional(),
    house: seq.optional(),
    rooms: z.record(z.string().regex(/^[1-9]\d{0,15}$/), seq).optional(),
    open: z.array(roomId).max(limits.openRooms).optional(),
  }),
  z.strictObject({ type: z.literal("open"), room_id: roomId, epoch: z.string(), seq }),
  z.strictObject({ type: z.literal("close"), room_id: roomId }),
  z.strictObject({
    type: z.literal("send"),
    room_id: roomId,
    nonce: Nonce,
    content: z.string(),
    reply_to: roomId.optional(),
    thread: roomId.optional(),
  }),
  z.strictObject({ type: z.literal("read"), room_id: roomId, seq, thread: roomId.optional() }),
  z.strictObject({ type: z.literal("typing"), room_id: roomId }),
  /** `acted`: somebody pressed, typed or turned to the device just now. */
  z.strictObject({ type: z.literal("ping"), acted: z.literal(true).optional() }),
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
export type HelloFrame = Extract<ClientFrame, { type: "hello" }>;

/** Everything a server may say on `/ws`. `docs/protocol.md` has the rules by number. */
export type ServerFrame =
  | RoomEvent
  | Welcome
  | MyRooms
  | HouseRooms
  | { type: "ready" }
  | At
  | Opened
  | Hidden
  | Resync
  | Closed
  | Ack
  | ErrorFrame
  | Presence
  | ActiveUsers
  | { type: "typing"; room_id: number; user_id: number; username: string }
  | Draining
  | { type: "pong" };

export interface Welcome {
  type: "welcome";
  epoch: string;
  user: User;
  session_id: string;
  /** Milliseconds between two `ping` frames of the client. */
  heartbeat: number;
  /** Milliseconds since 1970 on the server's clock, for showing times only. */
  now: number;
}

/**
 * The person's stream: what changed since the version the client had. `reset` says: forget what you had. Lists of what else
 * is theirs are absent where nothing of the kind changed.
 */
export interface MyRooms {
  type: "me";
  version: number;
  reset: boolean;
  rooms: MyRoom[];
  gone: number[];
  threads?: MyThread[];
  /** Left out when they did not change; in a reset: when none were chosen. */
  preferences?: Preferences;
  /** Whom one blocks or blocks no more; left out when nothing of it changed. */
  blocks?: MyBlock[];
  drafts?: Draft[];
  saved?: SavedMark[];
  scheduled?: Scheduled[];
}

/** The house's stream: public rooms. */
export interface HouseRooms {
  type: "house";
  version: number;
  reset: boolean;
  rooms: Room[];
  gone: number[];
}

/** The newest place of a room that is not open. */
export interface At {
  type: "at";
  room_id: number;
  seq: number;
  n: number;
  /** The message of that number is one's own, sent by another socket. */
  own?: true;
  /** The message of this number was deleted at `seq`: if it was somebody else's and unread, it is unread no more. */
  gone?: { n: number; user_id: number };
  /** Of a thread that one follows: somebody wrote the reply of this number there, or it was deleted at `seq`. */
  thread?: { id: number; n: number; user_id: number; gone?: true };
  /** The message calls everybody or groups, or does so no more, by what happened at `seq`. */
  called?: { id: number } & Calls;
}

/** From here on every event of the room arrives, in order, with nothing missing since the seq that was asked for. */
export interface Opened {
  type: "opened";
  room_id: number;
  seq: number;
  n: number;
}

/** These seqs exist and are not for you. */
export interface Hidden {
  type: "hidden";
  room_id: number;
  from: number;
  to: number;
}

/** What you have of this room cannot be continued: load a page and open the room with its seq. */
export interface Resync {
  type: "resync";
  room_id: number;
  seq: number;
}

/** The room is not open to you any more. */
export interface Closed {
  type: "closed";
  room_id: number;
  code: "removed" | "not_found" | "forbidden";
}

export interface Ack {
  type: "ack";
  nonce: string;
  room_id: number;
  id: number;
  seq: number;
  /** Counted in the thread that `thread` names, if it does. */
  n: number;
  thread?: number;
  timestamp: string;
}

export interface ErrorFrame {
  type: "error";
  code: ErrorCode;
  detail: string;
  nonce?: string;
  room_id?: number;
  /** Seconds. */
  retry_after?: number;
}

/** The server is about to stop: come back after so many milliseconds, different for each socket. */
export interface Draining {
  type: "draining";
  retry_after: number;
}

/** A person's first socket in the room, or their last one out. */
export interface Presence {
  type: "join" | "leave";
  user_id: number;
  username: string;
  room_id: number;
  timestamp: string;
}

export interface ActiveUsers {
  type: "active_users";
  room_id: number;
  users: ActiveUser[];
  count: number;
}

/** Heard once on `/ws/{room}` after joining: old messages, marked as old. */
export interface History {
  type: "history";
  messages: Message[];
}
