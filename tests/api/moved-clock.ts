import { type Clock, systemClock } from "#server/clock.ts";

/** The server's clock, with its hands in the test's own. Timers keep running in real time. */
export function movedClock(): Clock & { forward(ms: number): void } {
  let ahead = 0;
  return {
    now: () => Date.now() + ahead,
    after: systemClock.after,
    forward: (ms) => {
      ahead += ms;
    },
  };
}
