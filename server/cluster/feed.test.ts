import { expect, test } from "bun:test";
import fc from "fast-check";
import type { Clock } from "../clock.ts";
import { type Entry, Feed } from "./feed.ts";

interface Said extends Entry {
  whole: boolean;
}

/** A clock that the test moves, one timer at a time. */
class HeldClock implements Clock {
  readonly #timers: { at: number; run: () => void }[] = [];
  #now = 0;
  now = () => this.#now;
  after(ms: number, run: () => void) {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      const at = this.#timers.indexOf(timer);
      if (at >= 0) this.#timers.splice(at, 1);
    };
  }
  get hasMore() {
    return this.#timers.length > 0;
  }
  next() {
    this.#timers.sort((a, b) => a.at - b.at);
    const timer = this.#timers.shift();
    if (!timer) return;
    this.#now = Math.max(this.#now, timer.at);
    timer.run();
  }
}

const turns = async () => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

function record(written: () => number, refuses: () => boolean, atOnce = 3) {
  const clock = new HeldClock();
  const applied: number[] = [];
  const reads: number[] = [];
  const feed = new Feed<Said>(0, {
    clock,
    patience: 50,
    suffices: (entry) => entry.whole,
    apply: (entry) => {
      // One that was put together from several says again what was said of its beginning.
      for (let at = Math.max(entry.since, applied.length) + 1; at <= entry.at; at++) applied.push(at);
    },
    read: async (after) => {
      reads.push(after);
      await Promise.resolve();
      if (refuses()) throw new Error("the record is away");
      const upTo = Math.min(written(), after + atOnce);
      return Array.from({ length: upTo - after }, (_, i) => said(after + i + 1));
    },
  });
  return { feed, clock, applied, reads };
}

const said = (at: number, since = at - 1, whole = true): Said => ({ at, since, whole });

test("whatever is lost, repeated, late or out of order, everything is applied once and in order", async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), hint: fc.constantFrom("heard", "lost") }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("repeat" as const), back: fc.nat(9) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("late" as const), back: fc.nat(9), whole: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("joined" as const), back: fc.nat(5) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("time" as const) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("away" as const), isAway: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant("ask" as const) }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      let written = 0;
      let isAway = false;
      const { feed, clock, applied } = record(
        () => written,
        () => isAway,
      );
      for (const it of steps) {
        if (it.do === "write") {
          written += 1;
          if (it.hint === "heard") feed.offer(said(written));
        } else if (it.do === "repeat" && written > it.back) feed.offer(said(written - it.back));
        else if (it.do === "late" && written > it.back) feed.offer(said(written - it.back, undefined, it.whole));
        else if (it.do === "joined" && written > it.back) feed.offer(said(written, written - it.back - 1));
        else if (it.do === "time") clock.next();
        else if (it.do === "away") isAway = it.isAway;
        else if (it.do === "ask") feed.expect(written);
        await turns();
        expect(applied).toEqual(Array.from({ length: applied.length }, (_, i) => i + 1));
        expect(feed.at).toBe(applied.length);
      }
      isAway = false;
      const all = feed.reached(written);
      for (let at = 0; clock.hasMore && at < 200; at++) {
        clock.next();
        await turns();
      }
      await all;
      expect(applied).toEqual(Array.from({ length: written }, (_, i) => i + 1));
    }),
    { numRuns: 500 },
  );
});

test("what comes in order is applied at once, and the record is not asked", () => {
  const { feed, clock, applied, reads } = record(
    () => 9,
    () => false,
  );
  for (let at = 1; at <= 9; at++) feed.offer(said(at));
  expect([applied.length, reads.length, clock.hasMore]).toEqual([9, 0, false]);
});

test("what is missing is waited for as long as is said, then read; one that comes meanwhile costs no read", async () => {
  const { feed, clock, applied, reads } = record(
    () => 4,
    () => false,
  );
  feed.offer(said(2));
  feed.offer(said(1));
  clock.next();
  await turns();
  expect([applied, reads]).toEqual([[1, 2], []]);
  feed.offer(said(4));
  clock.next();
  await turns();
  expect([applied, reads]).toEqual([[1, 2, 3, 4], [2]]);
});

test("one that says only that there is something is not applied", async () => {
  const { feed, clock, applied } = record(
    () => 1,
    () => false,
  );
  feed.offer(said(1, 0, false));
  expect(applied).toEqual([]);
  clock.next();
  await turns();
  expect(applied).toEqual([1]);
});

test("whoever waits for an ended feed is let go", async () => {
  const { feed } = record(
    () => 0,
    () => false,
  );
  const waiting = feed.reached(5);
  feed.end();
  await waiting;
});
