import type { ServerFrame } from "#shared/frames.ts";
import { deviceOf } from "#tests/support/device.ts";
import type { Person } from "#tests/support/people.ts";
import type { Removal } from "./read-postgres.ts";

/** Listens, and is removed: what it hears of each room is kept by the highest seq. */
export class Ghost {
  readonly person: Person;
  readonly rooms: readonly number[];
  readonly #highest = new Map<number, number>();
  readonly #chat;
  #heard = 0;

  constructor(person: Person, url: string, rooms: readonly number[]) {
    this.person = person;
    this.rooms = rooms;
    const device = deviceOf(person, url, {
      isPatient: true,
      heard: (text) => {
        this.#hears(JSON.parse(text) as ServerFrame);
        return true;
      },
    });
    this.#chat = device.chat;
    this.#chat.start();
    for (const room of rooms) void this.#chat.openRoom(room);
  }

  judge(removals: readonly Removal[]): string[] {
    const own = removals.filter(({ person }) => person === this.person.id);
    const faults = own.flatMap(({ room, seq }) => {
      const highest = this.#highest.get(room) ?? 0;
      return highest > seq ? [`${this.person.username} was removed from ${room} at ${seq} and heard ${highest}`] : [];
    });
    return this.#heard === 0 ? [...faults, `${this.person.username} heard nothing at all`] : faults;
  }

  end(): void {
    this.#chat.stop();
  }

  #hears(frame: ServerFrame): void {
    // A place of a room, a message and every other event have both.
    if (!("room_id" in frame) || !("seq" in frame) || frame.type === "resync" || frame.type === "ack") return;
    if (frame.type === "message") this.#heard += 1;
    this.#highest.set(frame.room_id, Math.max(this.#highest.get(frame.room_id) ?? 0, frame.seq));
  }
}
