import type { ClientFrame, ServerFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { type Clock, Timer } from "./clock.ts";

export interface TypingOptions {
  clock: Clock;
  transmit(frame: ClientFrame): boolean;
  changed(roomId: number): void;
}

/** Who is writing, and saying so of oneself now and then. Nothing here is ever stored. */
export class Typing {
  readonly #options: TypingOptions;
  readonly #said = new Map<number, number>();
  readonly #rooms = new Map<number, Map<number, Writer>>();

  constructor(options: TypingOptions) {
    this.#options = options;
  }

  say(roomId: number): void {
    const { clock, transmit } = this.#options;
    const last = this.#said.get(roomId) ?? Number.NEGATIVE_INFINITY;
    if (clock.now() - last < limits.typingEvery) return;
    if (transmit({ type: "typing", room_id: roomId })) this.#said.set(roomId, clock.now());
  }

  /** One's own message went out: the next letter is news again. */
  sent(roomId: number): void {
    this.#said.delete(roomId);
  }

  names(roomId: number, nameOf: (userId: number, username: string) => string): readonly string[] {
    return [...(this.#rooms.get(roomId) ?? [])].map(([userId, { username }]) => nameOf(userId, username));
  }

  heard(frame: Extract<ServerFrame, { type: "typing" }>): void {
    const writers = this.#rooms.get(frame.room_id) ?? new Map<number, Writer>();
    this.#rooms.set(frame.room_id, writers);
    const known = writers.get(frame.user_id);
    const writer = known ?? { username: frame.username, end: new Timer(this.#options.clock) };
    writer.end.set(limits.typingShownFor, () => this.ended(frame.room_id, frame.user_id));
    if (known) return;
    writers.set(frame.user_id, writer);
    this.#options.changed(frame.room_id);
  }

  ended(roomId: number, userId: number): void {
    const writers = this.#rooms.get(roomId);
    const writer = writers?.get(userId);
    if (!writers || !writer) return;
    writer.end.clear();
    writers.delete(userId);
    if (writers.size === 0) this.#rooms.delete(roomId);
    this.#options.changed(roomId);
  }

  /** Nobody is heard any more. */
  lineDown(): void {
    this.#said.clear();
    for (const [roomId, writers] of this.#rooms) for (const userId of writers.keys()) this.ended(roomId, userId);
  }
}

interface Writer {
  readonly username: string;
  readonly end: Timer;
}
