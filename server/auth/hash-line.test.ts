import { expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { type For, HashLine, KEPT_FOR_KNOWN, STRANGERS } from "./hash-line.ts";

const stranger = (whose: string): For => ({ whose, isKnown: false });
const known = (whose: string): For => ({ whose, isKnown: true });

/** One at a time, each done when the test says so. */
function line() {
  const hashes = new HashLine(1);
  const begun: string[] = [];
  const refused: string[] = [];
  const done: (() => void)[] = [];
  const ask = (asks: For) => {
    const work = () => {
      begun.push(asks.whose);
      return new Promise<void>((go) => done.push(go));
    };
    hashes.inTurn(asks, work).catch((error: unknown) => {
      if (error instanceof Refusal && error.code === "rate_limited") refused.push(asks.whose);
    });
  };
  const finish = async (count: number) => {
    for (let at = 0; at < count; at++) {
      done.shift()?.();
      for (let turns = 0; turns < 10; turns++) await null;
    }
  };
  return { ask, finish, begun, refused };
}

test("whoever asks for much waits for their own turns; who asks for little is next", async () => {
  const { ask, finish, begun } = line();
  for (let at = 0; at < 10; at++) ask(stranger("flood"));
  ask(stranger("ann"));
  ask(stranger("ben"));
  ask(stranger("ben"));
  await finish(4);
  expect(begun).toEqual(["flood", "flood", "ann", "ben", "flood"]);
  await finish(3);
  expect(begun.slice(5)).toEqual(["ben", "flood", "flood"]);
});

test("a line that one fills gives way to others, and turns away its last ones", async () => {
  const { ask, finish, begun, refused } = line();
  for (let at = 0; at <= STRANGERS; at++) ask(stranger("flood"));
  await finish(0);
  expect(refused).toEqual([]);
  ask(stranger("flood"));
  ask(stranger("ann"));
  await finish(2);
  expect(refused).toEqual(["flood", "flood"]);
  expect(begun).toContain("ann");
});

test("a line that many strangers fill has room for who is known, and no more for strangers", async () => {
  const { ask, finish, begun, refused } = line();
  for (let at = 0; at <= STRANGERS; at++) ask(stranger(`stranger ${at}`));
  ask(stranger("one more"));
  for (let at = 0; at < KEPT_FOR_KNOWN; at++) ask(known(`known ${at}`));
  await finish(0);
  expect(refused).toEqual(["one more"]);
  ask(known("one more known"));
  await finish(STRANGERS + KEPT_FOR_KNOWN);
  expect(refused).toEqual(["one more", "one more known"]);
  expect(begun.filter((whose) => whose.startsWith("known"))).toHaveLength(KEPT_FOR_KNOWN);
});
