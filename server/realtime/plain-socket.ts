import type { CloseReason } from "#shared/close-codes.ts";
import { Refusal } from "#shared/errors.ts";
import type { Closed } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Signed } from "../auth/sessions.ts";
import type { TalkState } from "../messages/read-missed.ts";
import type { Author } from "../messages/send.ts";
import { catchUp } from "./catch-up.ts";
import { FrameBudget } from "./frame-budget.ts";
import { keys, type Listener, topics } from "./hub.ts";
import { enterRoom } from "./name-room.ts";
import { Outflow } from "./outflow.ts";
import { plainChange } from "./plain-change.ts";
import { readPlainText } from "./plain-text.ts";
import type { Realtime } from "./realtime.ts";
import {
  closeReasonFor,
  closeSocket,
  errorFrame,
  type NativeSocket,
  refusalFrame,
  type SocketEnd,
  sendFrame,
} from "./socket.ts";
import { isMessageText } from "./tell.ts";

type State =
  | { is: "awaiting-proof"; giveUp: () => void }
  | { is: "entering"; waiting: string[]; length: number }
  | { is: "live"; roomId: number }
  | { is: "closed" };

const HISTORY = 50;

/** One socket on `/ws/{room}`: one room, plain enough for a script, a bot or an old client. */
export class PlainSocket implements SocketEnd, Listener, Author {
  userId = 0;
  isGuest = false;
  sessionId = "";
  username = "";
  usernameJson = "";
  /** Scripts speak here: what they do says nothing of anybody who looks. */
  readonly actedAt = 0;
  readonly #realtime: Realtime;
  readonly #name: string;
  readonly #budget: FrameBudget | null;
  readonly #address: string;
  #signed: Signed | null;
  #ws: NativeSocket | null = null;
  #out: Outflow | null = null;
  #state: State = { is: "closed" };
  /** Rooms that were lost while one of them was being entered. */
  readonly #lost = new Map<number, Closed["code"]>();

  constructor(realtime: Realtime, signed: Signed | null, address: string, name: string) {
    this.#address = address;
    this.#realtime = realtime;
    this.#signed = signed;
    this.#name = name;
    this.#budget = realtime.limited ? new FrameBudget(realtime.clock.now()) : null;
  }

  opened(ws: NativeSocket): void {
    this.#ws = ws;
    this.#out = new Outflow(ws, this.#realtime.clock, () => this.end("tooSlow", "What was said was not read."));
    if (this.#signed) return this.#enter(this.#signed);
    const giveUp = this.#realtime.clock.after(limits.helloWithin, () =>
      this.end("unauthorized", "Prove who you are: a bearer token, ?token=, or a first frame with a token."),
    );
    this.#state = { is: "awaiting-proof", giveUp };
  }

  heard(text: string): void {
    const may = this.#budget?.take(this.#realtime.clock.now()) ?? "taken";
    if (may === "enough") return this.end("tooMany", "Too many frames in excess.");
    if (may === "excess") return this.#say({ ...errorFrame("rate_limited"), retry_after: 1 });
    switch (this.#state.is) {
      case "awaiting-proof":
        this.#state.giveUp();
        return this.#prove(text);
      case "entering":
        this.#state.length += text.length;
        if (this.#state.waiting.length < limits.frameBurst && this.#state.length <= limits.waitingBytes) {
          this.#state.waiting.push(text);
        } else this.end("tooMany", "Too many frames before the socket was live.");
        return;
      case "live":
        return this.#send(this.#state.roomId, text);
      case "closed":
        return;
      default:
        return this.#state satisfies never;
    }
  }

  drained(): void {
    this.#out?.drained();
  }

  closed(code: number): void {
    const state = this.#state;
    this.#state = { is: "closed" };
    this.#realtime.hub.remove(this);
    this.#realtime.addresses.leave(this.#address);
    this.#out?.drained();
    if (state.is === "awaiting-proof") state.giveUp();
    if (state.is === "live") this.#realtime.presence.exit(state.roomId, this.userId, code === 1006);
  }

  roomIsMine(): void {}

  roomStands(room: TalkState): void {
    const { is } = this.#state;
    if (is === "entering" || (is === "live" && this.#state.roomId === room.id)) this.#realtime.presence.heed(room);
  }

  roomIsNotMine(): void {}
  threadIsMine(): void {}
  threadIsNotMine(): void {}
  ownMessage(): void {}

  renamed(username: string): void {
    this.username = username;
    this.usernameJson = JSON.stringify(username);
  }

  hush(roomId: number, code: Closed["code"]): void {
    if (this.#state.is === "live" && this.#state.roomId === roomId) return this.#refused(code);
    // It may be the room that is being entered right now.
    if (this.#state.is === "entering") this.#lost.set(roomId, code);
  }

  drain(): void {
    this.end("restarting", "The server is restarting.");
  }

  end(reason: CloseReason, detail: string): void {
    if (this.#ws && this.#state.is !== "closed") closeSocket(this.#ws, reason, detail);
  }

  #prove(text: string): void {
    const token = tokenIn(text);
    this.#state = { is: "entering", waiting: [], length: 0 };
    this.#realtime.authenticate(token).then(
      (signed) => this.#enter(signed),
      (error: unknown) => this.#failed(error),
    );
  }

  #enter(signed: Signed): void {
    if (this.#state.is === "closed" && this.#signed === null) return;
    const { waiting, length } = this.#state.is === "entering" ? this.#state : { waiting: [], length: 0 };
    this.#signed = null;
    this.#state = { is: "entering", waiting, length };
    this.userId = signed.userId;
    this.isGuest = signed.role === "guest";
    this.sessionId = signed.sessionId;
    this.renamed(signed.username);
    if (this.#realtime.limited && this.#realtime.hub.countOf(this.userId) >= limits.socketsPerPerson) {
      return this.end("tooMany", `A person may have ${limits.socketsPerPerson} sockets open.`);
    }
    this.#realtime.hub.add(this);
    this.#goLive(signed, waiting).catch((error: unknown) => this.#failed(error));
  }

  async #goLive(signed: Signed, waiting: string[]): Promise<void> {
    const { hub, presence, store } = this.#realtime;
    const { streams } = this.#realtime;
    const room = await enterRoom(this.#realtime, this, this.#name);
    const roomId = room.id;
    const read = async () => {
      await streams.openRoom(roomId);
      // What closed the room to them until now, the page is asked about again.
      this.#lost.delete(roomId);
      const page = await store.read("page", this, {
        roomId,
        place: { from: "newest" },
        limit: HISTORY,
        of: "said",
      });
      this.#say({ type: "history", messages: newestWithin(limits.historyBytes, page.items) });
      await this.#out?.room();
      await streams.roomReached(roomId, page.seq);
      return page.seq;
    };
    const caughtUp = await catchUp(hub, keys.room(roomId), read, (since) => {
      if (this.#state.is !== "entering") return;
      const lost = this.#lost.get(roomId);
      if (lost !== undefined) return this.#refused(lost);
      presence.heed(room);
      presence.enter(roomId, signed.userId, this.username);
      this.#say(presence.in(roomId));
      for (const text of since) {
        const heard = isMessageText(text) ? text : plainChange(text);
        if (heard !== null) this.#ws?.send(heard);
      }
      this.#ws?.subscribe(topics.talk(roomId));
      this.#ws?.subscribe(topics.plain(roomId));
      this.#state = { is: "live", roomId };
      for (const text of waiting) this.#send(roomId, text);
    });
    if (caughtUp === "lost") this.end("tooSlow", "More was said than could be kept while the history was read.");
  }

  #send(roomId: number, text: string): void {
    const said = readPlainText(text);
    if ("fault" in said) return this.#say(errorFrame(said.fault, said.detail, said.about));
    const { content, nonce } = said;
    this.#realtime.sends.send(this, { roomId, content, nonce }, (sent) => {
      if ("refused" in sent) this.#say(errorFrame(sent.refused, undefined, nonce === null ? {} : { nonce }));
      else if (nonce !== null && this.#state.is === "live") this.#ws?.send(sent.ack);
    });
  }

  #failed(error: unknown): void {
    const detail = error instanceof Refusal ? error.message : "Something went wrong. Try again.";
    const reason = closeReasonFor(error);
    if (reason) return this.end(reason, detail);
    this.#say(refusalFrame(error));
    this.end("notFound", detail);
  }

  #refused(code: Closed["code"]): void {
    if (code === "not_found") this.end("notFound", "The room is gone.");
    else this.end("forbidden", "You were removed from this room.");
    if (this.#state.is !== "live") return;
    this.#ws?.unsubscribe(topics.talk(this.#state.roomId));
    this.#ws?.unsubscribe(topics.plain(this.#state.roomId));
  }

  #say(frame: Parameters<typeof sendFrame>[1]): void {
    if (this.#ws && this.#state.is !== "closed") sendFrame(this.#ws, frame);
  }
}

/** The last of them, with as many before it as the bytes allow: a frame that fills the queue would cost the socket. */
function newestWithin<Item>(most: number, items: readonly Item[]): Item[] {
  let bytes = 0;
  const at = items.findLastIndex((item) => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1;
    return bytes > most;
  });
  return items.slice(Math.min(at + 1, Math.max(0, items.length - 1)));
}

function tokenIn(text: string): string {
  try {
    const frame = JSON.parse(text) as { token?: unknown } | null;
    return typeof frame?.token === "string" ? frame.token : "";
  } catch {
    return "";
  }
}
