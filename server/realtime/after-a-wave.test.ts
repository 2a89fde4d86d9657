import { expect, test } from "bun:test";
import { collectAfterWaves } from "./after-a-wave.ts";

test("memory is collected once when a wave of sockets is over, and not for a few or while they come and go", () => {
  let tick = () => {};
  let sockets = 0;
  let collected = 0;
  const clock = {
    now: () => 0,
    after: (_ms: number, run: () => void) => {
      tick = run;
      return () => {
        tick = () => {};
      };
    },
  };
  const stop = collectAfterWaves(
    clock,
    () => sockets,
    () => {
      collected += 1;
    },
  );
  const after = (count: number) => {
    sockets = count;
    tick();
    return collected;
  };
  expect([after(3), after(3), after(3)]).toEqual([0, 0, 0]);
  expect([after(4_000), after(9_000), after(9_000), after(9_000)]).toEqual([0, 0, 1, 1]);
  expect([after(9_100), after(9_100)]).toEqual([1, 1]);
  expect([after(10), after(10)]).toEqual([1, 2]);
  stop();
  expect([after(9_000), after(9_000)]).toEqual([2, 2]);
});
