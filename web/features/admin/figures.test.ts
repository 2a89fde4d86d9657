import { expect, test } from "bun:test";
import type { HouseHealth } from "#shared/contract/house.ts";
import { perSecond, sizeText } from "./figures.ts";

test("a size is told in the unit in which it has few digits", () => {
  expect([0, 999, 1_000, 999_499, 999_600, 12_345_678, 5e14].map(sizeText)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.0 KB",
    "999 KB",
    "1.0 MB",
    "12.3 MB",
    "500 TB",
  ]);
});

test("a rate is what was done between two looks, and a server that began anew has counted from nothing", () => {
  const at = (second: number, sends: number, started = "2026-01-01T00:00:00.000Z") =>
    ({ at: new Date(second * 1_000).toISOString(), started_at: started, sends, commits: 0 }) as HouseHealth;
  expect(perSecond(null, at(0, 5), "sends")).toBe("…");
  expect(perSecond(at(0, 5), at(2, 8), "sends")).toBe("1.5");
  expect(perSecond(at(0, 5), at(2, 105), "sends")).toBe("50");
  expect(perSecond(at(0, 500), at(2, 0), "commits")).toBe("0");
  expect(perSecond(at(0, 500), at(2, 40, "2026-01-02T00:00:00.000Z"), "sends")).toBe("20");
});
