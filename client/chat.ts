import type { RoomEvent } from "#shared/events.ts";
import type { Ack, ErrorFrame } from "#shared/frames.ts";
import type { User } from "#shared/models.ts";
import { emptyReplica, type Replica } from "#shared/replica.ts";
import { type Api, createApi, type Fetch } from "./api.ts";
import type { Clock } from "./clock.ts";
import type { Line } from "./connection.ts";
import type { Random } from "./nonce.ts";
import type { RoomRow, RoomView } from "./room-view.ts";
import type { SendStorage } from "./send-queue.ts";
import type { Session } from "./session.ts";
import type { OpenSocket } from "./socket.ts";

export type { Line } from "./connection.ts";
export type { RoomRow, RoomStatus, RoomView } from "./room-view.ts";
export type { PendingSend, SendState, SendStorage, StoredSend } from "./send-queue.ts";

export interface ChatOptions {
  /** Where the server is, without a slash at the end: `https://chat.example`. */
  base: string;
  session: Session;
  openSocket: OpenSocket;
  fetch: Fetch;
  clock: Clock;
  random: Random;
  queue: SendStorage;
  /** How many rooms are kept open, the most recently opened first. */
  keepOpen?: number;
}

/** For bots, tests and tools, which want each thing as it happens. */
export type Notice =
  | { readonly type: "event"; readonly event: RoomEvent }
  | { readonly type: "ack"; readonly ack: Ack }
  | { readonly type: "error"; readonly error: ErrorFrame }
  | { readonly type: "line"; readonly line: Line }
  | { readonly type: "raw"; readonly text: string };

/** A chat without a face: what the web, bots, tests and load tools talk to. */
export class Chat {
  readonly api: Api;
  readonly replica: Replica = emptyReplica();
  line: Line = { state: "idle" };
  me: User | null = null;

  constructor(options: ChatOptions) {
    this.api = createApi(options);
  }

  start(): void {}
  stop(): void {}
  /** The page is looked at again, or somebody pressed "try now". */
  wake(): void {}
  online(): void {}
  offline(): void {}

  /** Ends when the room is shown or cannot be; never rejects. What came of it is in `room(id).status`. */
  async openRoom(_id: number): Promise<void> {}
  async loadOlder(_id: number): Promise<void> {}
  async loadMembers(_id: number): Promise<void> {}

  /** Answers the nonce. */
  send(_roomId: number, _content: string): string {
    return "";
  }
  retry(_nonce: string): void {}
  discard(_nonce: string): void {}
  markRead(_roomId: number, _seq: number): void {}
  typing(_roomId: number): void {}

  room(_id: number): RoomView {
    return { log: null, status: "loading", older: "idle", pending: [], typing: [], active: null };
  }
  rooms(): readonly RoomRow[] {
    return [];
  }

  /** Called after anything changed, at most once a microtask. */
  subscribe(_listener: () => void): () => void {
    return () => {};
  }
  on(_listener: (notice: Notice) => void): () => void {
    return () => {};
  }
}
