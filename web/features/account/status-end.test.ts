import { expect, test } from "bun:test";
import { endOf } from "./status-end.ts";

test("a status ends when its word says, and tonight is the coming midnight where one is", () => {
  const now = new Date(2026, 4, 14, 16, 52).getTime();
  expect(endOf("keep", now)).toBeNull();
  expect(endOf("hour", now)).toBe(new Date(2026, 4, 14, 17, 52).toISOString());
  expect(endOf("today", now)).toBe(new Date(2026, 4, 15, 0, 0).toISOString());
  expect(endOf("week", now)).toBe(new Date(now + 604_800_000).toISOString());
});
