import { expect, test } from "bun:test";
import { backoff } from "./backoff.ts";
import { fakeRandom } from "./fakes/chat.ts";

test("waits are anywhere below a bound that doubles to 30 seconds", () => {
  const random = fakeRandom(1);
  for (let failures = 0; failures < 2_000; failures++) {
    const wait = backoff(failures % 40, random);
    expect(wait).toBeGreaterThanOrEqual(0);
    expect(wait).toBeLessThan(Math.min(30_000, 1_000 * 2 ** (failures % 40)));
  }
  const first = Array.from({ length: 100 }, () => backoff(0, random));
  expect(new Set(first).size).toBeGreaterThan(50);
});
