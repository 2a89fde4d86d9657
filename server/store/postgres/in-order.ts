import type { Tell } from "../tell.ts";

/**
 * Keeps what is told in the order of the commits, where commits run side by side. Whoever tells something numbered has
 * taken the number under a row's lock that it holds until its commit, and comes here before that commit: so of two in the
 * same stream the one with the lower number is always here first, whichever answer arrives first.
 */
export class InOrder {
  readonly #last = new Map<string, Promise<void>>();

  /** Takes a place behind everybody in these streams. `before` resolves when all of them have told. */
  enter(streams: Iterable<string>): { before: Promise<unknown> | null; leave: () => void } {
    const { promise, resolve } = Promise.withResolvers<void>();
    const mine = new Set(streams);
    const before = this.#waitFor(mine);
    for (const stream of mine) this.#last.set(stream, promise);
    const leave = () => {
      for (const stream of mine) if (this.#last.get(stream) === promise) this.#last.delete(stream);
      resolve();
    };
    return { before, leave };
  }

  /** Null when nobody is before. */
  behind(streams: Iterable<string>): Promise<unknown> | null {
    return this.#last.size === 0 ? null : this.#waitFor(new Set(streams));
  }

  #waitFor(streams: ReadonlySet<string>): Promise<unknown> | null {
    const before = new Set<Promise<void>>();
    for (const stream of streams) {
      const last = this.#last.get(stream);
      if (last !== undefined) before.add(last);
    }
    return before.size === 0 ? null : Promise.all(before);
  }
}

export const roomStream = (roomId: number) => `room ${roomId}`;

/** The numbered streams that these say something in. */
export function streamsOf(tells: readonly Tell[]): Set<string> {
  const streams = new Set<string>();
  for (const tell of tells) {
    const stream = streamOf(tell);
    if (stream !== null) streams.add(stream);
  }
  return streams;
}

function streamOf(tell: Tell): string | null {
  switch (tell.to) {
    case "room":
      return roomStream(tell.event.room_id);
    case "ears":
      return roomStream(tell.roomId);
    case "person":
      return `person ${tell.userId}`;
    case "house":
      return "house";
    case "sessions":
    case "name":
    case "account":
      return null;
    default:
      return tell satisfies never;
  }
}
