import type { CloseReason } from "#shared/close-codes.ts";
import { Refusal } from "#shared/errors.ts";
import { type At, ClientFrame, type Closed, type HelloFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Signed } from "../auth/sessions.ts";
import type { TalkState } from "../messages/read-missed.ts";
import { type Author, isAlone, type Sending } from "../messages/send.ts";
import { presentUser } from "../users/queries.ts";
import type { Answering } from "./acks.ts";
import { FrameBudget } from "./frame-budget.ts";
import type { Listener } from "./hub.ts";
import { topics } from "./hub.ts";
import { openRoom, resumeRooms } from "./open-room.ts";
import { Outflow } from "./outflow.ts";
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
import type { Known } from "./streams.ts";
import { welcome } from "./welcome.ts";

type State =
  | { is: "awaiting-hello"; giveUp: () => void }
  /** Frames that arrive while the hello is answered wait, in order. */
  | { is: "catching-up"; waiting: ClientFrame[]; length: number }
  | { is: "live" }
  | { is: "closed" };

/** Rooms that came and went, and the places of own messages by other sockets. */
export interface Meanwhile {
  /** With the seq up to which the row counts; undefined: it was read since the hello. */
  readonly gained: Map<number, number | undefined>;
  readonly lost: Set<number>;
  readonly own: At[];
  /** Threads by what they hang on, and in which room; null: not followed any more. */
  readonly threads: Map<number, number | null>;
}

export function nothingYet(): Meanwhile {
  return { gained: new Map(), lost: new Set(), own: [], threads: new Map() };
}

/** One socket on `/ws`: all rooms of one person on one device. */
export class Connection implements SocketEnd, Listener, Author, Answering {
  readonly realtime: Realtime;
  userId = 0;
  sessionId = "";
  username = "";
  usernameJson = "";
  actedAt = 0;
  isGuest = false;
  /** Rooms whose every event this socket hears. */
  readonly open = new Set<number>();
  /** Rooms being opened: a newer attempt, a close or a removal takes the number away from the older one. */
  readonly opening = new Map<number, number>();
  /** By what they hang on, the rooms of the threads that are heard. */
  readonly #threads = new Map<number, number>();
  /** What happened before the places of one's rooms are said; null: they are. */
  meanwhile: Meanwhile | null = nothingYet();
  #ws: NativeSocket | null = null;
  #out: Outflow | null = null;
  #state: State = { is: "closed" };
  #signed: Signed | null;
  readonly #budget: FrameBudget | null;
  readonly #address: string;
  #answers: string[] = [];
  #typedAt = 0;
  #attempts = 0;

  constructor(realtime: Realtime, signed: Signed | null, address: string) {
    this.#address = address;
    this.realtime = realtime;
    this.#signed = signed;
    this.#budget = realtime.limited ? new FrameBudget(realtime.clock.now()) : null;
  }

  opened(ws: NativeSocket): void {
    this.#ws = ws;
    this.#out = new Outflow(ws, this.realtime.clock, () => this.end("tooSlow", "What was said was not read."));
    const giveUp = this.realtime.clock.after(limits.helloWithin, () =>
      this.end(this.#signed ? "badFrame" : "unauthorized", "The first frame is a hello, within five seconds."),
    );
    this.#state = { is: "awaiting-hello", giveUp };
    if (this.#signed) this.#becomes(this.#signed);
  }

  heard(text: string): void {
    const may = this.#budget?.take(this.realtime.clock.now()) ?? "taken";
    if (may === "enough") return this.end("tooMany", "Too many frames in excess.");
    if (may === "excess") {
      const about = text.length > limits.excessBytes ? {} : aboutOf(text);
      return this.say({ ...errorFrame("rate_limited", undefined, about), retry_after: 1 });
    }
    const frame = this.#parse(text);
    if (!frame) return;
    if (isByHand(frame)) this.actedAt = this.realtime.clock.now();
    switch (this.#state.is) {
      case "awaiting-hello":
        return this.#first(frame, this.#state.giveUp);
      case "catching-up":
        if (frame.type === "ping") return this.sayText(PONG);
        this.#state.length += text.length;
        if (this.#state.waiting.length < limits.frameBurst && this.#state.length <= limits.waitingBytes) {
          this.#state.waiting.push(frame);
        } else this.end("tooMany", "Too many frames before the hello was answered.");
        return;
      case "live":
        return this.#handle(frame);
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
    if (this.#state.is === "awaiting-hello") this.#state.giveUp();
    this.#state = { is: "closed" };
    this.realtime.hub.remove(this);
    this.realtime.addresses.leave(this.#address);
    this.opening.clear();
    this.#out?.drained();
    const cut = code === 1006;
    for (const roomId of this.open) this.realtime.presence.exit(roomId, this.userId, cut);
    this.open.clear();
  }

  get isClosed(): boolean {
    return this.#state.is === "closed";
  }

  say(frame: Parameters<typeof sendFrame>[1]): void {
    if (this.#ws && this.#state.is !== "closed") sendFrame(this.#ws, frame);
  }

  sayText(text: string): void {
    if (this.#ws && this.#state.is !== "closed") this.#ws.send(text);
  }

  /** Runs what it is given with all frames joined into one write. */
  together(run: () => void): void {
    this.#ws?.cork(run);
  }

  giveAnswers(): void {
    const answers = this.#answers;
    this.#answers = [];
    this.together(() => {
      for (const text of answers) this.sayText(text);
    });
  }

  async outflow(): Promise<void> {
    await this.#out?.room();
  }

  listen(topic: string): void {
    if (this.#state.is !== "closed") this.#ws?.subscribe(topic);
  }

  deafen(topic: string): void {
    if (this.#state.is !== "closed") this.#ws?.unsubscribe(topic);
  }

  listenToPlaces(roomId: number, known: Known = {}): void {
    this.listen(topics.at(roomId));
    this.realtime.streams.listRoom(roomId, this.userId, known);
  }

  /** Others here may have listened for long, and have heard where the room stands. */
  #gainPlaces(roomId: number, counted: number): void {
    if (this.#ws?.isSubscribed(topics.at(roomId))) return;
    this.listen(topics.at(roomId));
    const place = this.realtime.streams.listRoom(roomId, this.userId, { counted });
    if (place !== null) this.sayText(place);
  }

  nextAttempt(): number {
    this.#attempts += 1;
    return this.#attempts;
  }

  roomIsMine(roomId: number, counted: number): void {
    if (this.meanwhile) {
      this.meanwhile.lost.delete(roomId);
      this.meanwhile.gained.set(roomId, counted);
    } else if (!this.open.has(roomId)) this.#gainPlaces(roomId, counted);
  }

  roomStands(room: TalkState): void {
    if (this.open.has(room.id) || this.opening.has(room.id)) this.realtime.presence.heed(room);
  }

  roomIsNotMine(roomId: number): void {
    this.meanwhile?.gained.delete(roomId);
    this.meanwhile?.lost.add(roomId);
    this.deafen(topics.at(roomId));
    for (const [rootId, of] of this.#threads) if (of === roomId) this.threadIsNotMine(rootId);
  }

  threadIsMine(roomId: number, rootId: number): void {
    if (this.meanwhile) {
      this.meanwhile.threads.set(rootId, roomId);
      return;
    }
    this.#threads.set(rootId, roomId);
    this.listen(topics.thread(rootId));
  }

  threadIsNotMine(rootId: number): void {
    this.meanwhile?.threads.set(rootId, null);
    if (this.#threads.delete(rootId)) this.deafen(topics.thread(rootId));
  }

  ownMessage(roomId: number, seq: number, n: number): void {
    if (this.open.has(roomId)) return;
    const at: At = { type: "at", room_id: roomId, seq, n, own: true };
    if (this.meanwhile) this.meanwhile.own.push(at);
    else this.say(at);
  }

  renamed(username: string): void {
    this.username = username;
    this.usernameJson = JSON.stringify(username);
  }

  hush(roomId: number, code: Closed["code"]): void {
    const knew = this.opening.delete(roomId) || this.open.has(roomId);
    this.closeRoom(roomId);
    this.roomIsNotMine(roomId);
    if (knew) this.say({ type: "closed", room_id: roomId, code });
  }

  /** Closes a room that stays one's own: its places are told again. */
  closeToPlaces(roomId: number): void {
    const wasOpen = this.open.has(roomId);
    this.closeRoom(roomId);
    if (wasOpen) this.listenToPlaces(roomId);
  }

  closeRoom(roomId: number): void {
    this.opening.delete(roomId);
    if (!this.open.delete(roomId)) return;
    this.deafen(topics.talk(roomId));
    this.deafen(topics.room(roomId));
    this.realtime.presence.exit(roomId, this.userId, false);
  }

  drain(retryAfter: number): void {
    this.say({ type: "draining", retry_after: retryAfter });
    this.end("restarting", "The server is restarting.");
  }

  end(reason: CloseReason, detail: string): void {
    if (this.#ws && this.#state.is !== "closed") closeSocket(this.#ws, reason, detail);
  }

  #parse(text: string): ClientFrame | null {
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      this.say(errorFrame("bad_json", "A frame is one JSON object."));
      return null;
    }
    const parsed = ClientFrame.safeParse(json);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue?.path.join(".");
    this.say(errorFrame("invalid", where ? `${where}: ${issue?.message}` : issue?.message, aboutOf(text)));
    return null;
  }

  #first(frame: ClientFrame, giveUp: () => void): void {
    giveUp();
    if (frame.type !== "hello") {
      return this.end(this.#signed ? "badFrame" : "unauthorized", "The first frame is a hello.");
    }
    this.#state = { is: "catching-up", waiting: [], length: 0 };
    this.#greet(frame).catch((error: unknown) => {
      if (this.isClosed) return;
      this.end(closeReasonFor(error) ?? "unavailable", error instanceof Refusal ? error.message : "Try again.");
    });
  }

  async #greet(hello: HelloFrame): Promise<void> {
    if (!this.#signed || hello.token !== undefined) {
      this.#becomes(await this.realtime.authenticate(hello.token ?? ""));
    }
    if (this.isClosed || !this.#signed) return;
    const signed = this.#signed;
    this.#signed = null;
    const account = { id: signed.userId, username: signed.username, role: signed.role, created_at: signed.createdAt };
    await welcome(this, presentUser({ ...account, email: null }), hello);
    await resumeRooms(this, hello);
    if (this.#state.is !== "catching-up") return;
    this.say({ type: "ready" });
    const { waiting } = this.#state;
    this.#state = { is: "live" };
    for (const frame of waiting) this.#handle(frame);
  }

  #becomes(signed: Signed): void {
    if (this.userId !== 0) this.realtime.hub.remove(this);
    this.meanwhile = nothingYet();
    this.#signed = signed;
    this.userId = signed.userId;
    this.sessionId = signed.sessionId;
    this.isGuest = signed.role === "guest";
    this.renamed(signed.username);
    if (this.isClosed) return;
    if (this.realtime.limited && this.realtime.hub.countOf(this.userId) >= limits.socketsPerPerson) {
      return this.end("tooMany", `A person may have ${limits.socketsPerPerson} sockets open.`);
    }
    this.realtime.hub.add(this);
  }

  #handle(frame: ClientFrame): void {
    switch (frame.type) {
      case "send":
        return this.#send({
          roomId: frame.room_id,
          nonce: frame.nonce,
          content: frame.content,
          replyTo: frame.reply_to,
          thread: frame.thread,
        });
      case "open":
        return this.#answer(openRoom(this, frame), frame.room_id);
      case "close":
        return this.closeToPlaces(frame.room_id);
      case "read":
        return this.#answer(this.#read(frame), frame.room_id);
      case "typing":
        return void this.#type(frame.room_id);
      case "ping":
        return this.sayText(PONG);
      case "hello":
        return this.say(errorFrame("invalid", "A hello comes once, first."));
      default:
        return frame satisfies never;
    }
  }

  #send(sending: Sending & { nonce: string }): void {
    const { roomId, nonce } = sending;
    this.realtime.sends.send(this, sending, (sent) => {
      if ("refused" in sent) this.say(errorFrame(sent.refused, undefined, { nonce, roomId }));
      // Not of a commit of sends, at whose end the gathered answers are given.
      else if (isAlone(sending)) this.sayText(sent.ack);
      else {
        this.#answers.push(sent.ack);
        if (this.#answers.length === 1) this.realtime.acks.wait(this);
      }
    });
  }

  async #read({ room_id: roomId, seq, thread: rootId }: Extract<ClientFrame, { type: "read" }>): Promise<void> {
    const { store } = this.realtime;
    if (rootId === undefined) await store.write("mark-read", this, { roomId, seq });
    else await store.write("mark-thread-read", this, { roomId, rootId, seq });
  }

  // Whoever has the room open may read it; writing is asked about each time. Who may not write is told nothing either.
  async #type(roomId: number): Promise<void> {
    const now = this.realtime.clock.now();
    if (!this.open.has(roomId) || Math.abs(now - this.#typedAt) < limits.typingEvery / 2) return;
    this.#typedAt = now;
    const mayWrite = await this.realtime.store.read("may-in", this, { roomId, action: "send" }).then(
      () => true,
      () => false,
    );
    if (!mayWrite || !this.open.has(roomId)) return;
    const text = `{"type":"typing","room_id":${roomId},"user_id":${this.userId},"username":${this.usernameJson}}`;
    this.realtime.hub.mention(topics.room(roomId), text);
    this.realtime.streams.mention(roomId, text);
  }

  #answer(work: Promise<void>, roomId: number): void {
    work.catch((error: unknown) => this.say(refusalFrame(error, { roomId })));
  }
}

/** A page that lies open reads and opens rooms by itself. */
function isByHand(frame: ClientFrame): boolean {
  return frame.type === "send" || frame.type === "typing" || (frame.type === "ping" && frame.acted === true);
}

const PONG = '{"type":"pong"}';

/** What an error frame can say it is about, from a frame that was not understood or not wanted. */
function aboutOf(text: string): { nonce?: string; roomId?: number } {
  try {
    const frame = JSON.parse(text) as { nonce?: unknown; room_id?: unknown } | null;
    const about: { nonce?: string; roomId?: number } = {};
    if (typeof frame?.nonce === "string" && frame.nonce.length <= limits.nonceBytes) about.nonce = frame.nonce;
    if (typeof frame?.room_id === "number") about.roomId = frame.room_id;
    return about;
  } catch {
    return {};
  }
}
