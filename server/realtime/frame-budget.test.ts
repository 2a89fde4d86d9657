import { expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { FrameBudget } from "./frame-budget.ts";

const flood = (budget: FrameBudget, frames: number, now: number) =>
  Array.from({ length: frames }, () => budget.take(now));

test("five hundred frames in excess are answered, and then it is enough [L4]", () => {
  const budget = new FrameBudget(0);
  expect(new Set(flood(budget, limits.frameBurst, 0))).toEqual(new Set(["taken"]));
  expect(new Set(flood(budget, limits.framesInExcess, 0))).toEqual(new Set(["excess"]));
  expect(budget.take(0)).toBe("enough");
});

test("who was quiet for as long as a burst takes begins anew", () => {
  const budget = new FrameBudget(0);
  for (let round = 0; round < 5; round++) {
    expect(flood(budget, limits.frameBurst + 400, round * 10_000)).not.toContain("enough");
  }
});

test("a clock that is set back takes nothing away", () => {
  const budget = new FrameBudget(3_600_000);
  expect(budget.take(0)).toBe("taken");
  expect(flood(budget, limits.frameBurst - 1, 0)).not.toContain("excess");
  expect(flood(budget, 51, 1_000).filter((may) => may === "taken")).toHaveLength(50);
});
