/**
 * Carries hints between nodes. It may lose, repeat, reorder and delay what it is given, and nobody who hears of it may
 * rely on it: what is true stands in the database, and whoever held the bus for the truth would lose a message with it.
 */
export interface Bus {
  readonly isUp: boolean;
  publish(subject: string, text: string): void;
  subscribe(subject: string, hear: (text: string) => void): Subscription;
  /** Called each time the line is there again: what was said meanwhile was not heard. */
  onBack(run: () => void): void;
  close(): Promise<void>;
}

export interface Subscription {
  /** Resolves when what is said from now on will be heard, or when that cannot be known soon. */
  live(): Promise<void>;
  end(): void;
}
