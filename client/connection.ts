import { afterClose, closeCodes } from "#shared/close-codes.ts";
import { Refusal } from "#shared/errors.ts";
import type { ClientFrame, HelloFrame, ServerFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { PROTOCOL } from "#shared/subprotocol.ts";
import { backoff } from "./backoff.ts";
import { type Clock, Timer } from "./clock.ts";
import type { Random } from "./nonce.ts";
import type { Session } from "./session.ts";
import type { OpenSocket, Socket } from "./socket.ts";

/** How the line to the server stands, as a person may be told. */
export type Line =
  | { readonly state: "idle" }
  | { readonly state: "connecting" }
  | { readonly state: "catching-up" }
  | { readonly state: "live" }
  | { readonly state: "waiting"; readonly until: number; readonly why: "cut" | "offline" | "draining" | "refused" }
  | { readonly state: "signed-out" }
  | { readonly state: "stopped"; readonly code: number; readonly detail: string };

type Why = Extract<Line, { state: "waiting" }>["why"];

export interface ConnectionOptions {
  base: string;
  session: Session;
  openSocket: OpenSocket;
  clock: Clock;
  random: Random;
  /** What the client has, asked at the moment of saying it. */
  hello(): HelloFrame;
  heard(frame: ServerFrame): void;
  raw(text: string): void;
  changed(line: Line): void;
}

/** From asking for a token to `welcome`. */
const WELCOME_WITHIN = 15_000;
/** A page that slept holds a socket that says OPEN and is dead: a ping tells within this. */
const WAKE_WITHIN = 5_000;
/** An act is said at once, and those that follow not again within this. */
const ACTS_EVERY = 20_000;
/** A line that lived this long was a good one: the next failure is a first one. */
const STEADY_AFTER = 30_000;

/** One socket at a time, and another after it: hello, heartbeats, backoff. It knows no rooms. */
export class Connection {
  line: Line = { state: "idle" };
  readonly #options: ConnectionOptions;
  readonly #wait: Timer;
  #attempt: Attempt | null = null;
  #failures = 0;
  /** A token was refused and no `welcome` came since: another refusal is not the token's age. */
  #tokenRefused = false;
  #isOffline = false;
  #actedAt = Number.NEGATIVE_INFINITY;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#wait = new Timer(options.clock);
  }

  start(): void {
    const { state } = this.line;
    if (state === "idle" || state === "signed-out" || state === "stopped") this.#connect();
  }

  stop(): void {
    this.#end(1000);
    this.#failures = 0;
    this.#become({ state: "idle" });
  }

  /** Somebody looks: do not sit out a wait, and do not believe a socket that may have died while nobody looked. */
  wake(): void {
    const attempt = this.#attempt;
    if (this.line.state === "waiting") this.#connect();
    else if (attempt?.welcomed && !attempt.probe.running) {
      attempt.probe.set(WAKE_WITHIN, () => this.#lost(attempt, "cut"));
      this.#ping(attempt);
    }
  }

  /** Somebody did something at this device: the server tells them elsewhere of nothing that they see here. */
  acted(): void {
    this.#actedAt = this.#options.clock.now();
    if (this.#attempt?.welcomed) this.#sayAct(this.#attempt);
  }

  online(): void {
    this.#isOffline = false;
    this.wake();
  }

  /** Browsers are sometimes wrong about being offline, so attempts go on. */
  offline(): void {
    this.#isOffline = true;
    if (this.#attempt) this.#lost(this.#attempt, "offline");
    else if (this.line.state === "waiting") this.#become({ ...this.line, why: "offline" });
  }

  /** The line is up and tells something that cannot be: begin anew. */
  reconnect(): void {
    if (this.#attempt) this.#lost(this.#attempt, "cut");
  }

  /** Whether the frame was handed to a socket that knows us. It may still be lost: only an answer is certain. */
  send(frame: ClientFrame): boolean {
    const attempt = this.#attempt;
    if (!attempt?.welcomed) return false;
    attempt.socket?.send(JSON.stringify(frame));
    return true;
  }

  #connect(): void {
    this.#wait.clear();
    const attempt = newAttempt(this.#options.clock);
    this.#attempt = attempt;
    attempt.deadline.set(WELCOME_WITHIN, () => this.#lost(attempt, "cut"));
    this.#become({ state: "connecting" });
    void this.#open(attempt);
  }

  async #open(attempt: Attempt): Promise<void> {
    try {
      attempt.token = await this.#options.session.accessToken();
    } catch (error) {
      if (this.#attempt === attempt) this.#withoutToken(attempt, error);
      return;
    }
    if (this.#attempt !== attempt) return;
    const { base, openSocket } = this.#options;
    try {
      // What a socket says after its attempt was given up concerns nobody.
      attempt.socket = openSocket(`${base.replace(/^http/, "ws")}/ws`, [PROTOCOL, `bearer.${attempt.token}`], {
        open: () => this.#attempt === attempt && this.#greet(attempt),
        text: (text) => this.#attempt === attempt && this.#text(attempt, text),
        close: (code, reason) => this.#attempt === attempt && this.#closed(attempt, code, reason),
      });
    } catch {
      this.#lost(attempt, "cut");
    }
  }

  #withoutToken(attempt: Attempt, error: unknown): void {
    if (!(error instanceof Refusal)) this.#lost(attempt, "cut");
    else if (error.status !== 401) this.#lost(attempt, "refused");
    else {
      this.#end();
      this.#become({ state: "signed-out" });
    }
  }

  #greet(attempt: Attempt): void {
    attempt.socket?.send(JSON.stringify(this.#options.hello()));
  }

  #text(attempt: Attempt, text: string): void {
    attempt.unanswered = false;
    attempt.probe.clear();
    this.#options.raw(text);
    const frame = parsed(text);
    if (!frame) return;
    switch (frame.type) {
      case "welcome":
        attempt.welcomed = true;
        attempt.deadline.clear();
        this.#tokenRefused = false;
        this.#beat(attempt, frame.heartbeat);
        this.#sayAct(attempt);
        this.#become({ state: "catching-up" });
        break;
      case "ready":
        attempt.steady.set(STEADY_AFTER, () => {
          this.#failures = 0;
        });
        this.#become({ state: "live" });
        break;
      case "draining":
        attempt.drainedUntil = this.#options.clock.now() + frame.retry_after;
        attempt.deadline.set(frame.retry_after, () => {
          this.#end();
          this.#connect();
        });
        break;
      default:
    }
    if (this.#attempt === attempt) this.#options.heard(frame);
  }

  #beat(attempt: Attempt, every: number): void {
    attempt.beat.set(every > 0 ? every : limits.heartbeatEvery, () => {
      if (attempt.unanswered) {
        this.#lost(attempt, "cut");
        return;
      }
      attempt.unanswered = true;
      this.#ping(attempt);
      this.#beat(attempt, every);
    });
  }

  #ping(attempt: Attempt): void {
    attempt.socket?.send(JSON.stringify({ type: "ping" } satisfies ClientFrame));
  }

  #sayAct(attempt: Attempt): void {
    const now = this.#options.clock.now();
    if (now - this.#actedAt >= ACTS_EVERY || now - attempt.actSaidAt < ACTS_EVERY) return;
    attempt.actSaidAt = now;
    attempt.socket?.send(JSON.stringify({ type: "ping", acted: true } satisfies ClientFrame));
  }

  #closed(attempt: Attempt, code: number, reason: string): void {
    const then = afterClose(code);
    switch (then) {
      case "reconnect":
        if (attempt.drainedUntil !== null) this.#waitUntil(attempt.drainedUntil, "draining");
        else this.#lost(attempt, isRefusal(code) ? "refused" : "cut");
        break;
      case "sign-in":
        this.#options.session.rejected(attempt.token);
        if (this.#tokenRefused) this.#lost(attempt, "refused");
        else {
          this.#tokenRefused = true;
          this.#end();
          this.#connect();
        }
        break;
      case "stop":
        this.#end();
        this.#become({ state: "stopped", code, detail: reason });
        break;
      default:
        then satisfies never;
    }
  }

  #lost(attempt: Attempt, why: Why): void {
    if (this.#attempt !== attempt) return;
    const { clock, random } = this.#options;
    this.#waitUntil(clock.now() + backoff(this.#failures, random), this.#isOffline ? "offline" : why);
    this.#failures += 1;
  }

  #waitUntil(until: number, why: Why): void {
    this.#end();
    this.#wait.set(Math.max(0, until - this.#options.clock.now()), () => this.#connect());
    this.#become({ state: "waiting", until, why });
  }

  #end(code?: number): void {
    this.#wait.clear();
    const attempt = this.#attempt;
    if (!attempt) return;
    this.#attempt = null;
    for (const timer of [attempt.deadline, attempt.beat, attempt.probe, attempt.steady]) timer.clear();
    attempt.socket?.close(code);
  }

  #become(line: Line): void {
    this.line = line;
    this.#options.changed(line);
  }
}

/** One try at a socket, from its token to its end. */
interface Attempt {
  token: string;
  socket: Socket | null;
  welcomed: boolean;
  /** A heartbeat went out and nothing was heard since. */
  unanswered: boolean;
  drainedUntil: number | null;
  actSaidAt: number;
  readonly deadline: Timer;
  readonly beat: Timer;
  readonly probe: Timer;
  readonly steady: Timer;
}

function newAttempt(clock: Clock): Attempt {
  return {
    token: "",
    socket: null,
    welcomed: false,
    unanswered: false,
    drainedUntil: null,
    actSaidAt: Number.NEGATIVE_INFINITY,
    deadline: new Timer(clock),
    beat: new Timer(clock),
    probe: new Timer(clock),
    steady: new Timer(clock),
  };
}

function isRefusal(code: number): boolean {
  return code === closeCodes.tooMany.code || code === closeCodes.unavailable.code;
}

function parsed(text: string): ServerFrame | null {
  try {
    return JSON.parse(text) as ServerFrame;
  } catch {
    return null;
  }
}
