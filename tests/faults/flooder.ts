import type { Ack, ClientFrame, ServerFrame } from "#shared/frames.ts";
import type { Person } from "#tests/support/people.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import { idOf, textOf } from "./told.ts";

interface Place {
  seq: number;
  n: number;
}

const IN_FLIGHT = 32;
const TOP_UP_EVERY = 25;

/**
 * One socket of one person that keeps many sends in flight in all rooms. Everything without an answer goes again by the
 * same nonce on the next socket; what it hears is recorded as it comes by the wire.
 */
export class Flooder {
  readonly name: string;
  /** Sends that have no answer yet, in the order in which they were said first. */
  readonly #pending = new Map<string, { id: string; room: number }>();
  readonly #places: Map<number, Place>;
  readonly #history: HistoryEntry[];
  readonly #person: Person;
  readonly #url: string;
  readonly #topUp: ReturnType<typeof setInterval>;
  #epoch: string | null = null;
  #socket: WebSocket | null = null;
  /** In full: what the hello asked for is there. */
  #isReady = false;
  #isFlooding = true;
  #isOver = false;
  #said = 0;
  /** Acknowledgements since the last socket began. */
  acknowledged = 0;
  /** Nonces that were without an answer when a line was cut. */
  readonly everUnknown = new Set<string>();
  readonly faults: string[] = [];

  constructor(person: Person, url: string, places: Record<number, Place>, history: HistoryEntry[]) {
    this.#person = person;
    this.name = person.username;
    this.#url = `${url.replace(/^http/, "ws")}/ws`;
    this.#places = new Map(Object.entries(places).map(([room, place]) => [Number(room), { ...place }]));
    this.#history = history;
    void this.#connect();
    this.#topUp = setInterval(() => this.#flood(), TOP_UP_EVERY);
  }

  get unanswered(): number {
    return this.#socket && this.#isReady ? this.#pending.size : 0;
  }

  /** Says nothing new from here on; what has no answer still goes again. */
  rest(): void {
    this.#isFlooding = false;
  }

  hasAll(room: number, n: number): boolean {
    return this.#isReady && this.#pending.size === 0 && this.#places.get(room)?.n === n;
  }

  end(): void {
    this.#isOver = true;
    clearInterval(this.#topUp);
    this.#socket?.close();
  }

  async #connect(): Promise<void> {
    const token = await this.#person.token().catch(() => null);
    if (this.#isOver) return;
    if (token === null) return this.#again();
    // Bun's WebSocket takes headers, which the type that browsers share does not know.
    const socket = new WebSocket(this.#url, { headers: { authorization: `Bearer ${token}` } } as unknown as string[]);
    this.#socket = socket;
    socket.onopen = () => {
      const ids = [...this.#places.keys()];
      const rooms = Object.fromEntries([...this.#places].map(([room, { seq }]) => [room, seq]));
      this.#say({ type: "hello", ...(this.#epoch === null ? {} : { epoch: this.#epoch }), rooms, open: ids });
    };
    socket.onmessage = ({ data }) => this.#heard(JSON.parse(String(data)) as ServerFrame);
    socket.onclose = () => {
      if (this.#isReady) this.#cut();
      this.#isReady = false;
      this.#socket = null;
      if (!this.#isOver) this.#again();
    };
  }

  #again(): void {
    setTimeout(() => void this.#connect(), 20);
  }

  #cut(): void {
    this.acknowledged = 0;
    for (const [nonce, { id, room }] of this.#pending) {
      this.everUnknown.add(nonce);
      this.#history.push({ op: "send", ty: "info", p: this.name, room, id, t: performance.now() });
    }
  }

  #flood(): void {
    if (!this.#isReady || !this.#isFlooding) return;
    const rooms = [...this.#places.keys()];
    while (this.#pending.size < IN_FLIGHT) {
      this.#said += 1;
      const nonce = `${this.name}-${this.#said}`;
      const room = rooms[this.#said % rooms.length] ?? 0;
      this.#pending.set(nonce, { id: nonce, room });
      this.#history.push({ op: "send", ty: "invoke", p: this.name, room, id: nonce, t: performance.now() });
      this.#say({ type: "send", room_id: room, nonce, content: textOf(nonce) });
    }
  }

  #heard(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        if (this.#epoch !== null && this.#epoch !== frame.epoch) this.faults.push(`${this.name} met another epoch`);
        this.#epoch = frame.epoch;
        break;
      case "ready":
        this.#isReady = true;
        for (const [nonce, { id, room }] of this.#pending) {
          this.#say({ type: "send", room_id: room, nonce, content: textOf(id) });
        }
        break;
      case "ack":
        this.#acked(frame);
        break;
      case "message":
        this.#placed(frame.room_id, frame);
        this.#history.push({ ...this.#entry(frame.room_id), op: "recv", seq: frame.n, id: idOf(frame.content) });
        break;
      case "members.added":
      case "member.left":
      case "member.removed":
      case "member.renamed":
      case "member.role":
      case "room.changed":
      case "message.edited":
      case "message.deleted":
      case "reaction.added":
      case "reaction.removed":
        this.#placed(frame.room_id, { seq: frame.seq, n: this.#places.get(frame.room_id)?.n ?? 0 });
        break;
      case "resync":
        void this.#load(frame.room_id);
        break;
      case "error":
        this.faults.push(`${this.name} was refused: ${frame.code}`);
        break;
      case "closed":
        this.faults.push(`${this.name} lost room ${frame.room_id}: ${frame.code}`);
        break;
      default:
    }
  }

  #acked({ nonce, n }: Ack): void {
    const send = this.#pending.get(nonce);
    if (!send) return;
    this.#pending.delete(nonce);
    this.acknowledged += 1;
    this.#history.push({ ...this.#entry(send.room), op: "send", ty: "ok", id: send.id, seq: n });
  }

  #placed(room: number, { seq, n }: Place): void {
    const place = this.#places.get(room);
    if (place && seq !== place.seq + 1) this.faults.push(`${this.name} heard seq ${seq} after ${place.seq} in ${room}`);
    this.#places.set(room, { seq, n });
  }

  /** The room went on for longer than a resume gives: from a page on it can be continued. */
  async #load(room: number): Promise<void> {
    const socket = this.#socket;
    const page = await this.#person.api.messages(room).catch(() => null);
    // Another socket asks again by itself.
    if (page === null || socket !== this.#socket || this.#epoch === null) return;
    this.#places.set(room, { seq: page.seq, n: page.n });
    this.#history.push({ ...this.#entry(room), op: "reset", after: page.n });
    this.#say({ type: "open", room_id: room, epoch: this.#epoch, seq: page.seq });
  }

  #entry(room: number) {
    return { p: this.name, room, t: performance.now() };
  }

  #say(frame: ClientFrame): void {
    this.#socket?.send(JSON.stringify(frame));
  }
}
