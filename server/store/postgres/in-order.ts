import type { Tell } from "../tell.ts";

/** What something under way says first in each of its numbered streams. */
type Numbers = ReadonlyMap<string, number>;

interface Place {
  readonly seq: number;
  readonly told: Promise<void>;
}

interface Batch {
  /** Whether it may say something in one of these. */
  isIn(numbers: Numbers): boolean;
  /** Resolves with what it says when the database has answered it. */
  readonly answered: Promise<Numbers>;
  readonly told: Promise<void>;
}

/**
 * Keeps what is told in the order of the commits, where commits run side by side and their answers may overtake each other.
 *
 * An action has taken its numbers under rows' locks that it holds until its commit, and comes here before that commit: so
 * of two in the same stream the one with the lower number is always here first. A batch of sends is one call, and its
 * numbers come with its answer: an action that finds one under way in its rooms waits for that answer, and for the batch
 * to tell if its numbers turn out lower. Locks are held to the end of both, so in all rooms that they share the same one is
 * before the other, and none waits for the one that waits for it.
 */
export class InOrder {
  readonly #places = new Map<string, Place[]>();
  readonly #batches = new Set<Batch>();

  /** Takes a place behind everybody in these streams. `before` resolves when all that come before have told. */
  enter(numbers: Numbers): { before: Promise<unknown> | null; leave: () => void } {
    const { promise: told, resolve } = Promise.withResolvers<void>();
    const before: Promise<unknown>[] = [];
    const mine = new Map<string, Place>();
    for (const [stream, seq] of numbers) {
      const places = this.#places.get(stream) ?? [];
      const last = places.at(-1);
      if (last) before.push(last.told);
      const place = { seq, told };
      mine.set(stream, place);
      this.#places.set(stream, [...places, place]);
    }
    for (const batch of this.#batches) if (batch.isIn(numbers)) before.push(behindIfLower(batch, numbers));
    const leave = () => {
      for (const [stream, place] of mine) {
        const others = this.#places.get(stream)?.filter((other) => other !== place) ?? [];
        if (others.length > 0) this.#places.set(stream, others);
        else this.#places.delete(stream);
      }
      resolve();
    };
    return { before: before.length === 0 ? null : Promise.all(before), leave };
  }

  /** A batch goes to the database now. `rooms` are asked for only when somebody comes meanwhile. */
  begin(rooms: () => ReadonlySet<string>) {
    const answered = Promise.withResolvers<Numbers>();
    const told = Promise.withResolvers<void>();
    let known: ReadonlySet<string> | null = null;
    const batch: Batch = {
      isIn(numbers) {
        known ??= rooms();
        return [...numbers.keys()].some((stream) => known?.has(stream));
      },
      answered: answered.promise,
      told: told.promise,
    };
    this.#batches.add(batch);
    return {
      /** What it says is known now. Null when nobody has to tell before it. */
      answered: (numbers: () => Numbers): Promise<unknown> | null => {
        if (this.#places.size === 0) {
          answered.resolve(NOTHING);
          return null;
        }
        const own = numbers();
        answered.resolve(own);
        return this.#lowerThan(own);
      },
      told: () => {
        this.#batches.delete(batch);
        told.resolve();
      },
    };
  }

  #lowerThan(numbers: Numbers): Promise<unknown> | null {
    const before = new Set<Promise<void>>();
    for (const [stream, seq] of numbers) {
      const lower = this.#places.get(stream)?.findLast((place) => place.seq < seq);
      if (lower) before.add(lower.told);
    }
    return before.size === 0 ? null : Promise.all(before);
  }
}

/** Nobody has a place in any stream: nobody waits for these. */
const NOTHING: Numbers = new Map();

async function behindIfLower(batch: Batch, numbers: Numbers): Promise<void> {
  const theirs = await batch.answered;
  if ([...theirs].some(([stream, seq]) => seq < (numbers.get(stream) ?? 0))) await batch.told;
}

export const roomStream = (roomId: number) => `room ${roomId}`;

/** The numbered streams that these say something in, and from where on. */
export function streamsOf(tells: readonly Tell[]): Map<string, number> {
  const streams = new Map<string, number>();
  for (const tell of tells) {
    const [stream, seq] = streamOf(tell) ?? [];
    if (stream !== undefined && seq !== undefined) streams.set(stream, Math.min(seq, streams.get(stream) ?? seq));
  }
  return streams;
}

function streamOf(tell: Tell): [stream: string, seq: number] | null {
  switch (tell.to) {
    case "room":
      return [roomStream(tell.event.room_id), tell.event.seq];
    case "ears":
      return [roomStream(tell.roomId), tell.userId === "everyone" ? Number.MAX_SAFE_INTEGER : tell.from];
    case "person":
      return [`person ${tell.userId}`, tell.frame.version];
    case "house":
      return ["house", tell.frame.version];
    case "sessions":
    case "name":
    case "account":
      return null;
    default:
      return tell satisfies never;
  }
}
