import { expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { catchUp } from "./catch-up.ts";
import { Hub } from "./hub.ts";

const clock = { now: () => 0, after: () => () => {} };

test("what is said while the past is read comes after it, once and in order", async () => {
  const hub = new Hub(() => {}, clock);
  const heard: string[] = [];
  const say = (seq: number) => hub.say("room:1", "talk:1", seq, `event ${seq}`);
  say(1);
  say(2);
  await catchUp(
    hub,
    "room:1",
    async () => {
      say(3);
      await Promise.resolve();
      // The read saw the third event too: it was committed before it was told.
      heard.push("event 1", "event 2", "event 3");
      say(4);
      await Promise.resolve();
      say(5);
      return 3;
    },
    (since) => heard.push(...since),
  );
  expect(heard).toEqual(["event 1", "event 2", "event 3", "event 4", "event 5"]);
});

test("a stream that cannot be continued does not go live, and nothing is recorded for it any more", async () => {
  const hub = new Hub(() => {}, clock);
  let live = false;
  await catchUp(
    hub,
    "room:1",
    async () => null,
    () => {
      live = true;
    },
  );
  await expect(
    catchUp(
      hub,
      "room:1",
      () => Promise.reject(new Error("the store is away")),
      () => {
        live = true;
      },
    ),
  ).rejects.toThrow("away");
  expect(live).toBe(false);
});

test("places of rooms that are not open are told once a tick, the newest alone", () => {
  const published: string[] = [];
  let tick = () => {};
  const hub = new Hub((topic, text) => published.push(`${topic} ${text}`), {
    now: () => 0,
    after: (_ms, run) => {
      tick = run;
      return () => {};
    },
  });
  hub.place(1, "at 5");
  hub.place(2, "at 9");
  hub.place(1, "at 6");
  expect(published).toEqual([]);
  tick();
  expect(published).toEqual(["at:1 at 6", "at:2 at 9"]);
});

test("more than is kept for a slow reader is not said with a hole in it: nothing goes live", async () => {
  const hub = new Hub(() => {}, clock);
  const text = "x".repeat(limits.recordedBytes / 4);
  let live = false;
  const caughtUp = await catchUp(
    hub,
    "room:1",
    async () => {
      for (let seq = 1; seq <= 5; seq++) hub.say("room:1", "talk:1", seq, text);
      return 5;
    },
    () => {
      live = true;
    },
  );
  expect([caughtUp, live]).toEqual(["lost", false]);
});
