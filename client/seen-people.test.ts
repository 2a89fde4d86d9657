import { beforeEach, expect, test } from "bun:test";
import type { Seen } from "#shared/contract/people.ts";
import type { Api } from "./api.ts";
import { FakeClock } from "./fakes/clock.ts";
import { SeenPeople } from "./seen-people.ts";

let clock: FakeClock;
let asked: number[][];
let connected: Map<number, Seen>;
let people: SeenPeople;

beforeEach(() => {
  clock = new FakeClock();
  asked = [];
  connected = new Map([[7, "online"]]);
  const seen: Api["seen"] = async (ids) => {
    asked.push([...ids]);
    return {
      items: ids.flatMap((id) => (connected.has(id) ? [{ user_id: id, seen: connected.get(id) ?? "away" }] : [])),
    };
  };
  people = new SeenPeople({ api: { seen } as Api, clock, changed: () => {} });
});

async function pass(ms: number): Promise<void> {
  await clock.advance(ms);
  await Bun.sleep(0);
}

test("people who are shown together are asked for as one, and again every minute", async () => {
  for (const id of [7, 8, 7]) people.watch(id);
  await pass(50);
  expect(asked).toEqual([[7, 8]]);
  expect([people.of(7), people.of(8)]).toEqual(["online", null]);
  connected.set(8, "away").delete(7);
  await pass(60_000);
  expect(asked).toHaveLength(2);
  expect([people.of(7), people.of(8)]).toEqual([null, "away"]);
});

test("nobody is asked for whom the page does not show any more", async () => {
  const [stop, stopToo] = [people.watch(7), people.watch(7)];
  await pass(50);
  stop();
  await pass(60_000);
  expect(asked).toHaveLength(2);
  stopToo();
  await pass(600_000);
  expect(asked).toHaveLength(2);
});

test("of a long list some hundred are asked for, a page at a time", async () => {
  for (let id = 1; id <= 1_000; id++) people.watch(id);
  await pass(50);
  expect(asked.map((ids) => ids.length)).toEqual([100, 100, 100]);
});
