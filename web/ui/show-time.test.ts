import { expect, test } from "bun:test";
import { dayName, narrowTime } from "./show-time.ts";

const now = new Date(2026, 4, 12, 9, 5).getTime();

test("today and yesterday are called by name, older days by date", () => {
  expect(dayName(now - 9 * 3_600_000, now)).toBe("Today");
  expect(dayName(new Date(2026, 4, 11, 23, 59).getTime(), now)).toBe("Yesterday");
  expect(dayName(new Date(2026, 4, 10).getTime(), now)).toContain("10");
  expect(dayName(new Date(2025, 4, 12).getTime(), now)).toContain("2025");
});

test("the narrow time has no AM and no PM", () => {
  expect(narrowTime(now)).toMatch(/^0?9:05$/);
});
