import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { Hub } from "../realtime/hub.ts";
import type { Store } from "../store/store.ts";

/** What every part of a node works with. */
export interface NodeParts {
  /** A name of this node's own, new at each start. */
  readonly node: string;
  readonly bus: Bus;
  readonly store: Store;
  readonly hub: Hub;
  readonly clock: Clock;
  /** Milliseconds that only go forward. */
  readonly monotonic: () => number;
  /** Whether any socket here listens to a topic. */
  isHeard(topic: string): boolean;
}

/** How many hints are kept for a stream that has not begun. Beyond it they are let go of, and what they said is read. */
export const EARLY_MOST = 1_000;

/** How long a hint may be on its way before what is missing is read. */
export const PATIENCE = 50;

/**
 * Subjects carry the name of the history: nodes on other databases, and on this one before it was restored, share no
 * word with this one.
 */
export function subjectIn(store: Store, ...name: (string | number)[]): string {
  return ["parlour", store.epoch, ...name].join(".");
}
