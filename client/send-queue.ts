import { type ErrorCode, errors } from "#shared/errors.ts";
import type { Ack, ClientFrame, ErrorFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { contentFault, utf8Bytes } from "#shared/text.ts";
import { backoff } from "./backoff.ts";
import { type Clock, Timer } from "./clock.ts";
import { makeNonce, type Random } from "./nonce.ts";

/**
 * `sending`: on its way, no answer yet. `sent`: acknowledged, and shown until its event arrives in the room's log.
 * `failed`: refused; stays until it is retried or discarded.
 */
export type SendState = "waiting" | "sending" | "sent" | { readonly failed: ErrorCode; readonly detail: string };

/** The message that it answers, and the one in whose thread it stands. */
export interface SendPlace {
  readonly replyTo?: number | undefined;
  readonly thread?: number | undefined;
}

export interface PendingSend {
  readonly nonce: string;
  readonly room_id: number;
  readonly content: string;
  readonly reply_to?: number;
  readonly thread?: number;
  /** When it was written, by the own clock. */
  readonly at: number;
  readonly state: SendState;
}

/** What outlives a reload: sends that have no acknowledgement yet. */
export interface StoredSend {
  readonly nonce: string;
  readonly room_id: number;
  readonly content: string;
  readonly reply_to?: number;
  readonly thread?: number;
  readonly at: number;
  readonly failed: { readonly code: ErrorCode; readonly detail: string } | null;
}

/**
 * It belongs to one account: what one person wrote must not go out under another's name after a change of login. Several
 * queues may share it, as the tabs of a browser do: each send is kept by itself and belongs to one of them.
 */
export interface SendStorage {
  /** The answer ends it, and leaves what is kept to others. */
  watch(hear: SendEars): () => void;
  keep(send: StoredSend): void;
  drop(nonce: string): void;
}

export interface SendEars {
  /** Kept from before, and this queue's to send from now on. */
  yours(sends: readonly StoredSend[]): void;
  /** Sent, thrown away or taken over elsewhere. */
  gone(nonce: string): void;
  /** Whether what is taken over would be sent at once. */
  isUp(): boolean;
}

export interface SendQueueOptions {
  clock: Clock;
  random: Random;
  storage: SendStorage;
  /** Whether the frame was handed to a socket. */
  transmit(frame: ClientFrame): boolean;
  /** Up to which seq the room is shown; null: it is not, so nothing has to wait for its event. */
  shownUpTo(roomId: number): number | null;
  changed(roomId: number): void;
}

/** An answer that takes longer than this was lost, or the send was: ask again by the same nonce. */
const ANSWER_WITHIN = 10_000;
const MOST_PENDING = 500;

/**
 * Sends that are not done. In each room one is on its way at a time: behind a send that has to wait, a later one must
 * not slip through.
 */
export class SendQueue {
  readonly #options: SendQueueOptions;
  readonly #lanes = new Map<number, Lane>();
  readonly #unwatch: () => void;
  #isUp = false;
  #lastMoment = 0;

  constructor(options: SendQueueOptions) {
    this.#options = options;
    this.#unwatch = options.storage.watch({
      yours: (sends) => this.#takeOver(sends),
      gone: (nonce) => this.#forget(nonce),
      isUp: () => this.#isUp,
    });
  }

  stop(): void {
    this.lineDown();
    this.#unwatch();
  }

  add(roomId: number, content: string, { replyTo, thread }: SendPlace = {}): string {
    const { clock, random } = this.#options;
    const nonce = makeNonce(clock.now(), random);
    const place = {
      ...(replyTo === undefined ? {} : { reply_to: replyTo }),
      ...(thread === undefined ? {} : { thread }),
    };
    const send: PendingSend = { nonce, room_id: roomId, content, ...place, at: this.#moment(), state: "waiting" };
    const fault = faultOf(send) ?? (this.#count() >= MOST_PENDING ? "rate_limited" : null);
    const lane = this.#lane(roomId);
    this.#push(lane, fault ? { ...send, state: failed(fault) } : send);
    this.#options.changed(roomId);
    this.#next(lane);
    return nonce;
  }

  in(roomId: number): readonly PendingSend[] {
    const lane = this.#lanes.get(roomId);
    return lane ? lane.sends.filter((send) => !lane.landed.has(send.nonce)) : [];
  }

  /** A new socket: whatever has no answer goes again, in order, by the same nonces. */
  lineUp(): void {
    this.#isUp = true;
    for (const lane of this.#lanes.values()) {
      lane.tries = 0;
      this.#next(lane);
    }
  }

  lineDown(): void {
    this.#isUp = false;
    for (const lane of this.#lanes.values()) this.#hold(lane);
  }

  acked(ack: Pick<Ack, "nonce" | "seq">): void {
    const found = this.#find(ack.nonce);
    if (!found || found.send.state === "sent") return;
    const { lane, send } = found;
    if (send.state === "sending") {
      lane.timer.clear();
      lane.tries = 0;
    }
    lane.seqs.set(send.nonce, ack.seq);
    lane.unanswered.delete(send.nonce);
    lane.landed.delete(send.nonce);
    this.#replace(lane, { ...send, state: "sent" });
    this.#options.storage.drop(send.nonce);
    this.settle(send.room_id);
    this.#next(lane);
  }

  refused(error: ErrorFrame): void {
    if (error.nonce === undefined && error.code === "rate_limited") this.#pauseAll(error);
    const found = error.nonce === undefined ? null : this.#find(error.nonce);
    if (found?.send.state !== "sending") return;
    const { lane, send } = found;
    if (mayPass(error.code)) {
      this.#pause(lane, error);
      return;
    }
    lane.timer.clear();
    lane.landed.delete(send.nonce);
    const state = { failed: error.code, detail: error.detail };
    this.#replace(lane, { ...send, state });
    this.#keep({ ...send, state });
    this.#next(lane);
  }

  /**
   * A message of one's own is in the log. Messages carry no nonces: most likely it is the first send with these words
   * that is on its way. Hide it until its answer says so, or the words would stand there twice.
   */
  shown({ room_id, content, thread }: Message): void {
    const lane = this.#lanes.get(room_id);
    const same = lane?.sends.find(
      (send) =>
        send.content === content &&
        send.thread === thread &&
        lane.unanswered.has(send.nonce) &&
        !lane.landed.has(send.nonce),
    );
    if (!lane || !same) return;
    lane.landed.add(same.nonce);
    this.#options.changed(room_id);
  }

  /** The room's log has grown or gone: sends whose events are in it are done. */
  settle(roomId: number): void {
    const lane = this.#lanes.get(roomId);
    if (!lane || lane.seqs.size === 0) return;
    const shown = this.#options.shownUpTo(roomId);
    const done = [...lane.seqs].filter(([, seq]) => shown === null || seq <= shown).map(([nonce]) => nonce);
    for (const nonce of done) this.#remove(lane, nonce);
    if (done.length > 0) this.#options.changed(roomId);
  }

  retry(nonce: string): void {
    const found = this.#find(nonce);
    if (!found || typeof found.send.state === "string") return;
    const { lane, send } = found;
    const { failed: code } = found.send.state;
    const { clock, random } = this.#options;
    // Behind everything written since: its place in the talk has passed.
    this.#remove(lane, nonce);
    this.#options.storage.drop(nonce);
    const named = code === "nonce_reused" ? makeNonce(clock.now(), random) : nonce;
    const again: PendingSend = { ...send, nonce: named, at: this.#moment(), state: "waiting" };
    const fault = faultOf(again);
    this.#push(lane, fault ? { ...again, state: failed(fault) } : again);
    this.#options.changed(send.room_id);
    this.#next(lane);
  }

  discard(nonce: string): void {
    const found = this.#find(nonce);
    if (!found || found.send.state === "sending" || found.send.state === "sent") return;
    this.#remove(found.lane, nonce);
    this.#options.storage.drop(nonce);
    this.#options.changed(found.send.room_id);
    this.#next(found.lane);
  }

  #next(lane: Lane): void {
    if (!this.#isUp || lane.timer.running) return;
    const send = lane.sends.find(({ state }) => state === "waiting");
    if (!send || !this.#options.transmit(frameOf(send))) return;
    lane.unanswered.add(send.nonce);
    lane.timer.set(ANSWER_WITHIN * 2 ** Math.min(lane.tries, 3), () => {
      lane.tries += 1;
      this.#hold(lane);
      this.#next(lane);
    });
    this.#replace(lane, { ...send, state: "sending" });
  }

  #pause(lane: Lane, error: ErrorFrame): void {
    this.#hold(lane);
    const named = Math.min((error.retry_after ?? 0) * 1_000, MOST_PAUSE);
    lane.timer.set(named + backoff(lane.tries, this.#options.random), () => this.#next(lane));
    lane.tries += 1;
  }

  /** Frames in excess are dropped before anybody reads their nonces. */
  #pauseAll(error: ErrorFrame): void {
    for (const lane of this.#lanes.values()) {
      if (lane.sends.some(({ state }) => state === "sending")) this.#pause(lane, error);
    }
  }

  #hold(lane: Lane): void {
    lane.timer.clear();
    const send = lane.sends.find(({ state }) => state === "sending");
    if (send) this.#replace(lane, { ...send, state: "waiting" });
  }

  #lane(roomId: number): Lane {
    let lane = this.#lanes.get(roomId);
    if (!lane) {
      lane = {
        sends: [],
        timer: new Timer(this.#options.clock),
        tries: 0,
        unanswered: new Set(),
        landed: new Set(),
        seqs: new Map(),
      };
      this.#lanes.set(roomId, lane);
    }
    return lane;
  }

  #find(nonce: string): { lane: Lane; send: PendingSend } | null {
    for (const lane of this.#lanes.values()) {
      const send = lane.sends.find((candidate) => candidate.nonce === nonce);
      if (send) return { lane, send };
    }
    return null;
  }

  #replace(lane: Lane, send: PendingSend): void {
    lane.sends = lane.sends.map((former) => (former.nonce === send.nonce ? send : former));
    this.#options.changed(send.room_id);
  }

  #remove(lane: Lane, nonce: string): void {
    lane.sends = lane.sends.filter((send) => send.nonce !== nonce);
    lane.unanswered.delete(nonce);
    lane.landed.delete(nonce);
    lane.seqs.delete(nonce);
  }

  #count(): number {
    let count = 0;
    for (const lane of this.#lanes.values()) count += lane.sends.length;
    return count;
  }

  #push(lane: Lane, send: PendingSend): void {
    lane.sends.push(send);
    this.#keep(send);
  }

  #keep({ state, ...send }: PendingSend): void {
    const refusal = typeof state === "string" ? null : { code: state.failed, detail: state.detail };
    this.#options.storage.keep({ ...send, failed: refusal });
  }

  #takeOver(sends: readonly StoredSend[]): void {
    for (const { failed, ...send } of sends) {
      if (this.#find(send.nonce)) continue;
      this.#lastMoment = Math.max(this.#lastMoment, send.at);
      const lane = this.#lane(send.room_id);
      const state: SendState = failed ? { failed: failed.code, detail: failed.detail } : "waiting";
      lane.sends = [...lane.sends, { ...send, state }].sort((a, b) => a.at - b.at);
      this.#options.changed(send.room_id);
      this.#next(lane);
    }
  }

  /** What is on its way keeps its place until it is answered. */
  #forget(nonce: string): void {
    const found = this.#find(nonce);
    if (!found || found.send.state === "sending" || found.send.state === "sent") return;
    this.#remove(found.lane, nonce);
    this.#options.changed(found.send.room_id);
    this.#next(found.lane);
  }

  /** No two sends of a queue share one: by it their order is known when they are read again. */
  #moment(): number {
    this.#lastMoment = Math.max(this.#options.clock.now(), this.#lastMoment + 1);
    return this.#lastMoment;
  }
}

const MOST_PAUSE = 30_000;

/** The sends of one room, in the order they were written. */
interface Lane {
  sends: PendingSend[];
  /** Runs while an answer is awaited, or while a refusal is waited out. */
  readonly timer: Timer;
  tries: number;
  /** Nonces that went out at least once: what came of them is not known. */
  readonly unanswered: Set<string>;
  /** Nonces whose message seems to be in the log already. */
  readonly landed: Set<string>;
  /** Where the acknowledged ones stand in the log. */
  readonly seqs: Map<string, number>;
}

function frameOf(send: PendingSend): ClientFrame {
  const { room_id, nonce, content, reply_to, thread } = send;
  const answered = reply_to === undefined ? {} : { reply_to };
  return { type: "send", room_id, nonce, content, ...answered, ...(thread === undefined ? {} : { thread }) };
}

/** Refusals that are certain beforehand. A frame that is too big would cost the socket, and every later one too. */
function faultOf(send: PendingSend): ErrorCode | null {
  const fault = contentFault(send.content);
  if (fault) return fault;
  return utf8Bytes(JSON.stringify(frameOf(send))) > limits.frameBytes ? "too_long" : null;
}

function failed(code: ErrorCode): SendState {
  return { failed: code, detail: errors[code].detail };
}

/** What is wrong with the session is mended by the connection, and the send goes out afterwards. */
function mayPass(code: ErrorCode): boolean {
  // A newer server may refuse for reasons that are not in the list; what it says of them is shown.
  if (!Object.hasOwn(errors, code)) return false;
  return errors[code].retry || errors[code].status === 401;
}
