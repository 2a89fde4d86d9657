import { type Clock, systemClock } from "#server/clock.ts";

/** A clock that stands until it is moved. Its timers are real: a request that gets no answer must still end. */
export function heldClock(start: number): Clock & { moveTo(at: number): void } {
  let held = start;
  return {
    now: () => held,
    after: (ms, run) => systemClock.after(ms, run),
    moveTo(at) {
      held = at;
    },
  };
}
