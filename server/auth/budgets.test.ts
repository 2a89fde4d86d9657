import { expect, test } from "bun:test";
import type { Refusal } from "#shared/errors.ts";
import { Budgets } from "./budgets.ts";

function at(start: number) {
  let now = start;
  const clock = { now: () => now, after: () => () => {} };
  return { clock, pass: (ms: number) => (now += ms) };
}

const refusal = (run: () => void): Refusal | null => {
  try {
    run();
    return null;
  } catch (error) {
    return error as Refusal;
  }
};

test("twenty sign-ups a minute from one address, and the next is told when to come back", () => {
  const { clock, pass } = at(1_000_000);
  const budgets = new Budgets(clock, true);
  for (let i = 0; i < 20; i++) expect(refusal(() => budgets.take("signup", "1.2.3.4"))).toBeNull();
  const refused = refusal(() => budgets.take("signup", "1.2.3.4"));
  expect(refused?.code).toBe("rate_limited");
  expect(refused?.retryAfter).toBe(3);
  expect(refusal(() => budgets.take("signup", "1.2.3.5"))).toBeNull();
  pass(3_000);
  expect(refusal(() => budgets.take("signup", "1.2.3.4"))).toBeNull();
});

test("switched off, nothing is held back", () => {
  const budgets = new Budgets(at(0).clock, false);
  for (let i = 0; i < 1_000; i++) budgets.take("login", "x");
});

test("a clock that is set back by a day keeps nobody out", () => {
  const { clock, pass } = at(100_000_000);
  const budgets = new Budgets(clock, true);
  budgets.take("signup", "1.2.3.4");
  pass(-86_400_000);
  for (let i = 0; i < 19; i++) expect(refusal(() => budgets.take("signup", "1.2.3.4"))).toBeNull();
  expect(refusal(() => budgets.take("signup", "1.2.3.4"))?.retryAfter).toBe(3);
  pass(3_000);
  expect(refusal(() => budgets.take("signup", "1.2.3.4"))).toBeNull();
});
