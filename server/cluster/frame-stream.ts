import { type Entry, Feed } from "./feed.ts";
import { EARLY_MOST, type NodeParts, PATIENCE } from "./parts.ts";

interface Frame {
  readonly version: number;
}

interface FrameEntry<F extends Frame> extends Entry {
  readonly frames: readonly F[];
}

export interface FrameParts<F extends Frame> {
  readonly subject: string;
  /** The version at which it stands. */
  head(): Promise<number>;
  /** What changed after a version, in as many frames as it takes. All carry the version that they lead to. */
  since(version: number): Promise<F[]>;
  say(frame: F): void;
}

const AGAIN_AFTER = 500;

/**
 * A stream of frames with versions: a person's rooms, or the house's. What changed is told by the node that changed it;
 * a version that does not follow is read, and one frame then stands for all up to it.
 */
export class FrameStream<F extends Frame> {
  readonly #node: NodeParts;
  readonly #parts: FrameParts<F>;
  readonly #subscription: { end(): void };
  readonly #begun = Promise.withResolvers<void>();
  #feed: Feed<FrameEntry<F>> | null = null;
  #early: F[] = [];
  #isEnded = false;

  constructor(node: NodeParts, parts: FrameParts<F>) {
    this.#node = node;
    this.#parts = parts;
    const subscription = node.bus.subscribe(parts.subject, (text) => this.#offer(JSON.parse(text) as F));
    this.#subscription = subscription;
    void subscription.live().then(() => this.#begin());
  }

  get version(): number {
    return this.#feed?.at ?? 0;
  }

  begun(): Promise<void> {
    return this.#begun.promise;
  }

  /** What this node has just committed. */
  said(frame: F): void {
    this.#offer(frame);
  }

  expect(version: number): void {
    this.#feed?.expect(version);
  }

  async reached(version: number): Promise<void> {
    await this.#begun.promise;
    await this.#feed?.reached(version);
  }

  end(): void {
    this.#isEnded = true;
    this.#subscription.end();
    this.#feed?.end();
    this.#begun.resolve();
  }

  async #begin(): Promise<void> {
    const version = await this.#parts.head().catch(() => null);
    if (this.#isEnded) return;
    if (version === null) {
      this.#node.clock.after(AGAIN_AFTER, () => void this.#begin());
      return;
    }
    this.#feed = new Feed<FrameEntry<F>>(version, {
      clock: this.#node.clock,
      patience: PATIENCE,
      suffices: () => true,
      read: (after) => this.#read(after),
      apply: (entry) => {
        for (const frame of entry.frames) this.#parts.say(frame);
      },
    });
    const early = this.#early;
    this.#early = [];
    for (const frame of early) this.#offer(frame);
    this.#begun.resolve();
  }

  #offer(frame: F): void {
    if (this.#feed) this.#feed.offer({ at: frame.version, since: frame.version - 1, frames: [frame] });
    else {
      if (this.#early.length >= EARLY_MOST) this.#early = [];
      this.#early.push(frame);
    }
  }

  async #read(after: number): Promise<FrameEntry<F>[]> {
    const frames = await this.#parts.since(after);
    const at = frames[0]?.version ?? after;
    return at > after ? [{ at, since: after, frames }] : [];
  }
}
