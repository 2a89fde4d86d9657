import { type Clock, systemClock } from "#server/clock.ts";

/** The server's clock, standing still but where the test moves it. Timers keep running in real time. */
export function movedClock(): Clock & { forward(ms: number): void } {
  let now = Date.now();
  return {
    now: () => now,
    after: systemClock.after,
    forward: (ms) => {
      now += ms;
    },
  };
}
