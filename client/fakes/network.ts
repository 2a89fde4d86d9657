import type { ClientFrame, ServerFrame } from "#shared/frames.ts";
import type { OpenSocket, Socket, SocketEvents } from "../socket.ts";
import type { FakeClock } from "./clock.ts";

/** The server's end of one socket. */
export interface Line {
  readonly userId: number;
  readonly open: Set<number>;
  live: boolean;
  say(frame: ServerFrame): void;
  close(code: number, reason?: string): void;
}

export interface Peer {
  userOf(token: string): number | null;
  heard(line: Line, frame: ClientFrame): void;
  left(line: Line): void;
}

const LATENCY = 2;

/** Sockets over a line that can be cut, go silent, lose frames and bring them twice, but never swaps two. */
export class FakeNetwork {
  readonly #clock: FakeClock;
  readonly #peer: Peer;
  readonly #wires = new Set<Wire>();
  isDown = false;
  /** How often a frame arrives: 0 is lost, 2 is twice. */
  arrivals: (frame: ServerFrame) => number = () => 1;
  opened = 0;
  readonly said: ClientFrame[] = [];

  constructor(clock: FakeClock, peer: Peer) {
    this.#clock = clock;
    this.#peer = peer;
  }

  readonly openSocket: OpenSocket = (_url, protocols, on) => {
    this.opened += 1;
    const wire = new Wire(this.#peer.userOf((protocols[1] ?? "").replace("bearer.", "")) ?? 0, on);
    this.#wires.add(wire);
    const line = this.#line(wire);
    this.#clock.after(LATENCY, () => {
      if (this.isDown) this.#end(wire, line, 1006);
      else if (wire.userId === 0) this.#end(wire, line, 4401);
      else if (wire.isUp) on.open();
    });
    return this.#socket(wire, line);
  };

  /** Both ends learn of it. */
  cut(): void {
    for (const wire of [...this.#wires]) this.#end(wire, this.#line(wire), 1006);
  }

  /** Neither end learns of it: what is sent from now on is lost. */
  fallSilent(): void {
    for (const wire of this.#wires) wire.isSilent = true;
  }

  lines(): Line[] {
    return [...this.#wires].filter((wire) => wire.isUp).map((wire) => this.#line(wire));
  }

  #socket(wire: Wire, line: Line): Socket {
    return {
      send: (text) => {
        if (!wire.isUp) return;
        const frame = JSON.parse(text) as ClientFrame;
        this.said.push(frame);
        this.#clock.after(LATENCY, () => {
          if (wire.isUp && !wire.isSilent) this.#peer.heard(line, frame);
        });
      },
      close: () => {
        if (!wire.isUp) return;
        wire.isUp = false;
        this.#wires.delete(wire);
        this.#clock.after(LATENCY, () => this.#peer.left(line));
      },
    };
  }

  #line(wire: Wire): Line {
    wire.line ??= {
      userId: wire.userId,
      open: new Set(),
      live: false,
      say: (frame) => this.#say(wire, frame),
      close: (code, reason) => {
        this.#clock.after(LATENCY, () => this.#end(wire, this.#line(wire), code, reason));
      },
    };
    return wire.line;
  }

  #say(wire: Wire, frame: ServerFrame): void {
    const text = JSON.stringify(frame);
    const times = this.arrivals(frame);
    this.#clock.after(LATENCY, () => {
      for (let time = 0; time < times && wire.isUp && !wire.isSilent; time++) wire.on.text(text);
    });
  }

  #end(wire: Wire, line: Line, code: number, reason = ""): void {
    if (!wire.isUp) return;
    wire.isUp = false;
    this.#wires.delete(wire);
    this.#peer.left(line);
    wire.on.close(code, reason);
  }
}

class Wire {
  readonly userId: number;
  readonly on: SocketEvents;
  line: Line | null = null;
  isUp = true;
  isSilent = false;

  constructor(userId: number, on: SocketEvents) {
    this.userId = userId;
    this.on = on;
  }
}
