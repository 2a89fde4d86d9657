import type { Chat } from "#client/chat.ts";
import type { ClientFrame, ServerFrame } from "#shared/frames.ts";
import { type Device, deviceOf } from "#tests/support/device.ts";
import type { Person } from "#tests/support/people.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import { idOf, textOf } from "./told.ts";

const PENDING_IN_A_ROOM = 4;
const TOP_UP_EVERY = 25;

export interface TalkerWishes {
  /** Says one message in so many milliseconds in one of its rooms; else a few are always under way in each. */
  every?: number;
  /** The client of another version. */
  made?: typeof Chat;
}

/** The real client, which sends, comes back and asks again by itself. What passes on its wire is recorded. */
export class Talker {
  readonly name: string;
  readonly person: Person;
  readonly chat: Device["chat"];
  /** Breaks the line without a close frame. */
  readonly cut: () => void;
  readonly everUnknown = new Set<string>();
  readonly faults: string[] = [];
  acknowledged = 0;
  readonly #history: HistoryEntry[];
  readonly #ids = new Map<string, { id: string; room: number }>();
  readonly #inFlight = new Set<string>();
  readonly #heardUpTo = new Map<number, number>();
  readonly #topUp: ReturnType<typeof setInterval>;
  #said = 0;
  #isTalking = true;

  constructor(
    name: string,
    person: Person,
    url: string,
    rooms: readonly number[],
    history: HistoryEntry[],
    { every, made }: TalkerWishes = {},
  ) {
    this.name = name;
    this.person = person;
    this.#history = history;
    const device = deviceOf(person, url, {
      isPatient: every !== undefined,
      ...(made && { made }),
      said: (text) => this.#says(JSON.parse(text) as ClientFrame),
      heard: (text) => {
        this.#hears(JSON.parse(text) as ServerFrame);
        return true;
      },
    });
    this.chat = device.chat;
    this.cut = device.cut;
    this.chat.on((notice) => {
      if (notice.type === "line" && notice.line.state !== "live") this.#lineDown();
    });
    this.chat.start();
    for (const room of rooms) void this.chat.openRoom(room);
    this.#topUp = setInterval(() => this.#talk(every === undefined ? rooms : [oneOf(rooms)]), every ?? TOP_UP_EVERY);
  }

  get unanswered(): number {
    return this.#inFlight.size;
  }

  rest(): void {
    this.#isTalking = false;
  }

  hasAll(room: number, n: number): boolean {
    const { pending, log, status } = this.chat.room(room);
    return this.chat.line.state === "live" && status === "ready" && pending.length === 0 && log?.n === n;
  }

  end(): void {
    clearInterval(this.#topUp);
    this.chat.stop();
  }

  #talk(rooms: readonly number[]): void {
    if (!this.#isTalking) return;
    for (const room of rooms) {
      if (this.chat.room(room).pending.length >= PENDING_IN_A_ROOM) continue;
      this.#said += 1;
      const id = `${this.name}-${this.#said}`;
      // Those that may call somebody go another way through the store than the others.
      const text = this.#said % 5 === 0 ? `${textOf(id)} @nobody` : textOf(id);
      // Before it is said: it may go out at once.
      this.#history.push({ ...this.#entry(room), op: "send", ty: "invoke", id });
      this.#ids.set(text, { id, room });
      this.chat.send(room, text);
    }
  }

  #says(frame: ClientFrame): void {
    if (frame.type === "send") {
      const send = this.#ids.get(frame.content);
      if (send) this.#ids.set(frame.nonce, send);
      this.#inFlight.add(frame.nonce);
    }
    if (frame.type === "open") this.#continues(frame.room_id);
    if (frame.type === "hello") for (const room of Object.keys(frame.rooms ?? {})) this.#continues(Number(room));
  }

  /** Where the client loaded a page, its stream begins anew behind that. */
  #continues(room: number): void {
    const after = this.chat.replica.logs.get(room)?.n ?? 0;
    if (this.#heardUpTo.get(room) === after) return;
    this.#heardUpTo.set(room, after);
    this.#history.push({ ...this.#entry(room), op: "reset", after });
  }

  #hears(frame: ServerFrame): void {
    if (frame.type === "ack") {
      const send = this.#ids.get(frame.nonce);
      if (!send) return;
      this.#inFlight.delete(frame.nonce);
      this.acknowledged += 1;
      this.#history.push({ ...this.#entry(send.room), op: "send", ty: "ok", id: send.id, seq: frame.n });
    } else if (frame.type === "message") {
      this.#heardUpTo.set(frame.room_id, frame.n);
      this.#history.push({ ...this.#entry(frame.room_id), op: "recv", seq: frame.n, id: idOf(frame.content) });
    } else if (frame.type === "error") this.faults.push(`${this.name} was refused: ${frame.code}`);
    else if (frame.type === "closed") this.faults.push(`${this.name} lost room ${frame.room_id}: ${frame.code}`);
  }

  #lineDown(): void {
    this.acknowledged = 0;
    for (const nonce of this.#inFlight) {
      const send = this.#ids.get(nonce);
      if (!send) continue;
      this.everUnknown.add(send.id);
      this.#history.push({ ...this.#entry(send.room), op: "send", ty: "info", id: send.id });
    }
    this.#inFlight.clear();
  }

  #entry(room: number) {
    return { p: this.name, room, t: performance.now() };
  }
}

function oneOf(rooms: readonly number[]): number {
  return rooms[Math.floor(Math.random() * rooms.length)] ?? 0;
}
