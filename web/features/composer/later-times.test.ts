import { expect, test } from "bun:test";
import { laterTimes } from "./later-times.ts";

const named = (now: Date) =>
  laterTimes(now.getTime()).map(
    ({ label, at }) => `${label}: ${new Date(at).toDateString()} ${new Date(at).getHours()}`,
  );

test("later is in an hour, tomorrow morning, or the Monday that comes", () => {
  expect(named(new Date(2026, 0, 7, 15))).toEqual([
    "In an hour: Wed Jan 07 2026 16",
    "Tomorrow at nine: Thu Jan 08 2026 9",
    "On Monday at nine: Mon Jan 12 2026 9",
  ]);
});

test("on a Sunday tomorrow is the Monday, and on a Monday the next one is meant", () => {
  expect(named(new Date(2026, 0, 11, 8)).slice(1)).toEqual(["Tomorrow at nine: Mon Jan 12 2026 9"]);
  expect(named(new Date(2026, 0, 12, 8))[2]).toBe("On Monday at nine: Mon Jan 19 2026 9");
});
