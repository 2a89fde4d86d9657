import type { Bus, Subscription } from "./bus.ts";

/** A line that several nodes in one process can share. Each node has its own end of it and does not hear itself. */
export class LocalLine {
  readonly #ends = new Set<LocalBus>();

  end(): LocalBus {
    const end = new LocalBus((from, subject, text) => {
      for (const other of this.#ends) if (other !== from) other.hear(subject, text);
    });
    this.#ends.add(end);
    return end;
  }
}

export class LocalBus implements Bus {
  readonly isUp = true;
  readonly #say: (from: LocalBus, subject: string, text: string) => void;
  readonly #subscribers = new Map<string, Set<(text: string) => void>>();

  constructor(say: (from: LocalBus, subject: string, text: string) => void = () => {}) {
    this.#say = say;
  }

  publish(subject: string, text: string): void {
    this.#say(this, subject, text);
  }

  subscribe(subject: string, hear: (text: string) => void): Subscription {
    const subscribers = this.#subscribers.get(subject) ?? new Set();
    this.#subscribers.set(subject, subscribers);
    subscribers.add(hear);
    return {
      live: () => Promise.resolve(),
      end: () => {
        subscribers.delete(hear);
        if (subscribers.size === 0) this.#subscribers.delete(subject);
      },
    };
  }

  onBack(): void {}

  hear(subject: string, text: string): void {
    for (const hear of [...(this.#subscribers.get(subject) ?? [])]) queueMicrotask(() => hear(text));
  }

  async close(): Promise<void> {
    this.#subscribers.clear();
  }
}
