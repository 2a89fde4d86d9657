import type { MyRooms } from "#shared/frames.ts";
import { keys, topics } from "../realtime/hub.ts";
import { heedThreads } from "../realtime/tell.ts";
import type { HeldNow } from "../store/held.ts";
import { NOBODY } from "../store/store.ts";
import { FrameStream } from "./frame-stream.ts";
import { framesSince } from "./frames-since.ts";
import { type NodeParts, subjectIn } from "./parts.ts";

export interface PeopleParts extends NodeParts {
  /** Whether the person was removed from the room after all that is known of their own stream. */
  isDeaf(roomId: number, userId: number): boolean;
}

const AGAIN_AFTER = 500;

/** The streams of the people who have a socket here. */
export class HeldPeople {
  readonly #parts: PeopleParts;
  readonly #streams = new Map<number, FrameStream<MyRooms>>();

  constructor(parts: PeopleParts) {
    this.#parts = parts;
  }

  get ids(): number[] {
    return [...this.#streams.keys()];
  }

  async open(userId: number): Promise<void> {
    const stream = this.#streams.get(userId) ?? this.#make(userId);
    this.#streams.set(userId, stream);
    await stream.begun();
  }

  async reached(userId: number, version: number): Promise<void> {
    await this.#streams.get(userId)?.reached(version);
  }

  /** What this node has just committed. */
  said(userId: number, frame: MyRooms): void {
    const { bus, store } = this.#parts;
    bus.publish(subjectIn(store, "person", userId), JSON.stringify(frame));
    const stream = this.#streams.get(userId);
    if (stream) stream.said(frame);
    else this.#mine(userId, frame);
  }

  async isMember(userId: number, roomId: number): Promise<boolean> {
    const row = await this.#parts.store.read("my-room", { userId }, { roomId }).catch(() => null);
    return row !== null;
  }

  /** Says one row as it stands now, without a new version. */
  async sayAgain(userId: number, roomId: number): Promise<void> {
    const stream = this.#streams.get(userId);
    const version = stream?.version;
    const row = await this.#parts.store.read("my-room", { userId }, { roomId }).catch(() => "unknown" as const);
    if (!stream || this.#streams.get(userId) !== stream || this.#parts.isDeaf(roomId, userId)) return;
    if (row === "unknown") {
      this.#parts.clock.after(AGAIN_AFTER, () => void this.sayAgain(userId, roomId));
      return;
    }
    // What was read before the stream moved may be of a room that the person has left by what was said since.
    if (stream.version !== version) return this.sayAgain(userId, roomId);
    if (row === null) return;
    const frame: MyRooms = { type: "me", version: stream.version, reset: false, rooms: [row], gone: [] };
    this.#parts.hub.mention(topics.me(userId), JSON.stringify(frame));
  }

  heal(found: HeldNow["people"]): void {
    for (const { id, version } of found) this.#streams.get(id)?.expect(version);
  }

  release(): void {
    for (const [userId, stream] of this.#streams) {
      if (this.#parts.hub.countOf(userId) > 0 || this.#parts.hub.isRecording(keys.me(userId))) continue;
      stream.end();
      this.#streams.delete(userId);
    }
  }

  #make(userId: number): FrameStream<MyRooms> {
    const { store, hub } = this.#parts;
    return new FrameStream<MyRooms>(this.#parts, {
      subject: subjectIn(store, "person", userId),
      head: async () => {
        const { people } = await store.read("held", NOBODY, {
          rooms: [],
          sessions: [],
          people: [userId],
          usedSince: 0,
        });
        return people[0]?.version ?? 0;
      },
      since: (since) => framesSince((from) => store.read("my-rooms", { userId }, { since, from })),
      say: (frame) => {
        hub.say(keys.me(userId), topics.me(userId), frame.version, JSON.stringify(frame));
        this.#mine(userId, frame);
      },
    });
  }

  #mine(userId: number, frame: MyRooms): void {
    const { rooms, gone } = frame;
    const threads = (frame.threads ?? []).filter(({ room_id }) => !this.#parts.isDeaf(room_id, userId));
    for (const listener of this.#parts.hub.of(userId)) {
      // The room itself says who may not hear it. But who read their places before, and listens since, learns it here alone.
      for (const roomId of gone) listener.roomIsNotMine(roomId);
      for (const { room, counted_seq } of rooms) {
        if (!this.#parts.isDeaf(room.id, userId)) listener.roomIsMine(room.id, counted_seq);
        listener.roomStands(room);
      }
      heedThreads(listener, { ...frame, threads });
    }
  }
}
