import { errors } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { ClientFrame, ServerFrame } from "#shared/frames.ts";
import type { HistoryEntry } from "./check-history.ts";

/** One run's history, written as frames pass, and what is wrong on the wire at first sight. */
export class Recorder {
  readonly history: HistoryEntry[] = [];
  readonly faults: string[] = [];
  /** Each event that reached a person, by their name. */
  readonly heardBy = new Map<string, Map<number, Set<number>>>();
  readonly #attempts = new Map<string, number>();
  readonly #events = new Set<string>();
  /** By room and seq. */
  readonly #said = new Map<string, string>();

  now(): number {
    return performance.now();
  }

  invoked(p: string, room: number, id: string): void {
    this.#attempts.set(id, (this.#attempts.get(id) ?? 0) + 1);
    this.history.push({ op: "send", ty: "invoke", p, room, id, t: this.now() });
  }

  acknowledged(p: string, room: number, id: string, seq: number): void {
    this.#said.set(`${room}/${seq}`, id);
    this.history.push({ op: "send", ty: "ok", p, room, id, t: this.now(), seq });
  }

  /** Sure only of what was tried once and refused for good: an earlier attempt may still be on its way. */
  refused(p: string, room: number, id: string, code: keyof typeof errors | "offline"): void {
    const isSure = code !== "offline" && !errors[code].retry && this.#attempts.get(id) === 1;
    this.history.push({ op: "send", ty: isSure ? "fail" : "info", p, room, id, t: this.now() });
  }

  received(p: string, person: string, event: RoomEvent): void {
    const rooms = this.heardBy.get(person) ?? new Map<number, Set<number>>();
    this.heardBy.set(person, rooms);
    rooms.set(event.room_id, (rooms.get(event.room_id) ?? new Set()).add(event.seq));
    const said = event.type === "thread.replied" ? event.message : event.type === "message" ? event : null;
    const id = said ? this.idOf(said) : this.event(event.room_id, event.seq, event.type);
    // Nobody who was asked has heard what it said before it was deleted.
    if (id === null) this.history.push({ op: "reset", p, room: event.room_id, after: event.seq, t: this.now() });
    else this.history.push({ op: "recv", p, room: event.room_id, seq: event.seq, id, t: this.now() });
  }

  /** What a message said first, whatever was made of it since; null: it was deleted before anybody said what it was. */
  idOf({ room_id, seq, content }: { room_id: number; seq: number; content: string }): string | null {
    const place = `${room_id}/${seq}`;
    if (content === "") return this.#said.get(place) ?? null;
    const id = content.replace(/ \(edited \d+\)$/, "");
    this.#said.set(place, id);
    return id;
  }

  /** Events beside messages are nobody's sends: they count as tried when they are first seen. */
  event(room: number, seq: number, type: string): string {
    const id = `${type} ${room}/${seq}`;
    if (!this.#events.has(id)) this.history.push({ op: "send", ty: "info", p: "server", room, id, t: this.now() });
    this.#events.add(id);
    return id;
  }

  fault(text: string): void {
    if (this.faults.length < 20) this.faults.push(text);
  }
}

/** What one device's wire owes for one room: each seq behind what was asked for, once, until it is closed. */
interface Stream {
  cursor: number;
  /** Opens without an answer: until it comes, what is heard already may come again. */
  asked: number;
  /** The room was closed and opened on this socket: frames of before may still be on their way. */
  isReopened: boolean;
}

/** Listens on the wire of one device, below the client, and holds the server to the protocol. */
export class Wire {
  readonly #recorder: Recorder;
  readonly #device: string;
  readonly #person: string;
  readonly #streams = new Map<number, Stream>();
  readonly #closed = new Set<number>();
  readonly #sends = new Map<string, { room: number; id: string }>();

  constructor(recorder: Recorder, person: string, device: string) {
    this.#recorder = recorder;
    this.#person = person;
    this.#device = device;
  }

  said(text: string): void {
    const frame = JSON.parse(text) as ClientFrame;
    switch (frame.type) {
      case "hello":
        this.#streams.clear();
        this.#closed.clear();
        for (const [id, seq] of Object.entries(frame.rooms ?? {})) this.#ask(Number(id), seq);
        break;
      case "open":
        this.#ask(frame.room_id, frame.seq);
        break;
      case "close":
        this.#streams.delete(frame.room_id);
        this.#closed.add(frame.room_id);
        break;
      case "send":
        this.#sends.set(frame.nonce, { room: frame.room_id, id: frame.content });
        this.#recorder.invoked(this.#device, frame.room_id, frame.content);
        break;
      default:
    }
  }

  heard(text: string): void {
    const frame = JSON.parse(text) as ServerFrame;
    switch (frame.type) {
      case "message":
      case "thread.replied":
      case "members.added":
      case "member.left":
      case "member.removed":
      case "member.renamed":
      case "member.role":
      case "message.edited":
      case "message.deleted":
      case "reaction.added":
      case "reaction.removed":
      case "message.pinned":
      case "message.unpinned":
      case "room.changed":
        this.#event(frame);
        break;
      case "hidden":
        this.#hidden(frame.room_id, frame.from, frame.to);
        break;
      case "opened":
        this.#opened(frame.room_id, frame.seq);
        break;
      case "resync":
        this.#answered(frame.room_id);
        this.#streams.delete(frame.room_id);
        break;
      case "closed":
        this.#streams.delete(frame.room_id);
        break;
      case "ack": {
        const send = this.#sends.get(frame.nonce);
        if (send) this.#recorder.acknowledged(this.#device, send.room, send.id, frame.seq);
        break;
      }
      case "error": {
        const send = frame.nonce === undefined ? undefined : this.#sends.get(frame.nonce);
        if (send) this.#recorder.refused(this.#device, send.room, send.id, frame.code);
        if (frame.code === "internal" || frame.code === "invalid" || frame.code === "bad_json") this.#fault(text);
        break;
      }
      default:
    }
  }

  #ask(room: number, seq: number): void {
    const stream = this.#streams.get(room);
    if (stream) {
      stream.asked += 1;
      return;
    }
    this.#streams.set(room, { cursor: seq, asked: 1, isReopened: this.#closed.has(room) });
    this.#recorder.history.push({ op: "reset", p: this.#device, room, after: seq, t: this.#recorder.now() });
  }

  #event(event: RoomEvent): void {
    const stream = this.#streams.get(event.room_id);
    if (!stream) {
      if (!this.#closed.has(event.room_id)) this.#fault(`heard ${event.room_id}/${event.seq}, which is not open`);
      return;
    }
    if (event.seq <= stream.cursor) {
      if (stream.asked === 0) this.#fault(`heard ${event.room_id}/${event.seq} again, at ${stream.cursor}`);
      return;
    }
    if (event.seq > stream.cursor + 1 && stream.isReopened && stream.asked > 0) return;
    this.#recorder.received(this.#device, this.#person, event);
    stream.cursor = event.seq;
  }

  #hidden(room: number, from: number, to: number): void {
    const stream = this.#streams.get(room);
    if (!stream) return;
    if (from > stream.cursor + 1) this.#fault(`hidden ${room}/${from}-${to} at ${stream.cursor}`);
    stream.cursor = Math.max(stream.cursor, to);
    this.#recorder.history.push({ op: "reset", p: this.#device, room, after: stream.cursor, t: this.#recorder.now() });
  }

  #opened(room: number, seq: number): void {
    const stream = this.#streams.get(room);
    if (!stream) return;
    this.#answered(room);
    stream.isReopened = false;
    if (seq !== stream.cursor) this.#fault(`opened ${room} at ${seq}, but what came ended at ${stream.cursor}`);
  }

  #answered(room: number): void {
    const stream = this.#streams.get(room);
    if (stream && stream.asked > 0) stream.asked -= 1;
  }

  #fault(text: string): void {
    this.#recorder.fault(`${this.#device}: ${text}`);
  }
}
