import { expect, test } from "bun:test";
import { chooseRuns, enough, type Run } from "./choose-runs.ts";
import type { Lay, Window } from "./load.ts";

const times = { count: 0, p50: 0, p99: 0, p999: 0, most: 0 };

function run(figure: number | null, lay: Lay | null, strangersCpu = 0): Run {
  const counts = { deliveries: 0, answers: 0, sent: 0, withheld: 0, bytes: 0, reads: 0 };
  const cpu = { lay, idle: 0, own_cpu: 0, server_cpu: 0, machine_cpu: strangersCpu };
  const window: Window = { seconds: 1, ...counts, ...cpu, answer: times, last: times, request: times };
  return { figure, lay, window, faults: [] };
}

const figures = (runs: Run[] | undefined) => runs?.map((each) => each.figure);

test("figures are only compared when the processors stood alike for both", () => {
  const all = new Map([
    ["ours", [run(10, "far"), run(30, "near"), run(31, "near")]],
    ["limit", [run(40, "near"), run(41, "near"), run(12, "far")]],
  ]);
  const chosen = chooseRuns(all);
  expect(chosen.lay).toBe("near");
  expect(figures(chosen.runs.get("ours"))).toEqual([30, 31]);
  expect(figures(chosen.runs.get("limit"))).toEqual([40, 41]);
});

test("a run that other programs disturbed is left out while there are quiet ones", () => {
  const all = new Map([["ours", [run(10, "near", 1.5), run(30, "near")]]]);
  expect(figures(chooseRuns(all).runs.get("ours"))).toEqual([30]);
});

test("on a machine that is never quiet the disturbed runs are shown rather than none", () => {
  const all = new Map([["ours", [run(10, "near", 1.5), run(11, "near", 1.5)]]]);
  expect(figures(chooseRuns(all).runs.get("ours"))).toEqual([10, 11]);
});

test("a contestant that was never undisturbed does not take the quiet runs from the others", () => {
  const all = new Map([
    ["ours", [run(10, "near", 1.5)]],
    ["limit", [run(40, "near"), run(20, "near", 1.5)]],
  ]);
  expect(figures(chooseRuns(all).runs.get("ours"))).toEqual([10]);
  expect(figures(chooseRuns(all).runs.get("limit"))).toEqual([40]);
});

test("whoever has nothing but void runs does not keep the others waiting", () => {
  const all = new Map([
    ["broken", [run(null, "near")]],
    ["limit", [run(40, "near")]],
  ]);
  expect(enough(all, 1)).toBe(true);
  expect(enough(all, 2)).toBe(false);
  expect(figures(chooseRuns(all).runs.get("broken"))).toEqual([]);
});
