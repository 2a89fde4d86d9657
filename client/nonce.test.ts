import { expect, test } from "bun:test";
import fc from "fast-check";
import { fakeRandom } from "./fakes/chat.ts";
import { makeNonce } from "./nonce.ts";

const UUID_V7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test("a nonce is a UUID of version 7, and sorts by the time it was made", () => {
  const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });
  fc.assert(
    fc.property(time, time, fc.integer(), (a, b, seed) => {
      const random = fakeRandom(seed);
      const [one, two] = [makeNonce(a, random), makeNonce(b, random)];
      expect(one).toMatch(UUID_V7);
      expect(one).not.toBe(two);
      if (a !== b) expect(one < two).toBe(a < b);
    }),
  );
});
