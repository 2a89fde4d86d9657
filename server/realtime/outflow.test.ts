import { expect, test } from "bun:test";
import { Outflow } from "./outflow.ts";

function house() {
  let due: { at: number; run: () => void } | null = null;
  let now = 0;
  const clock = {
    now: () => now,
    after: (ms: number, run: () => void) => {
      const own = { at: now + ms, run };
      due = own;
      return () => {
        if (due === own) due = null;
      };
    },
  };
  const ws = { queued: 0, getBufferedAmount: () => ws.queued };
  const story: string[] = [];
  const out = new Outflow(ws as never, clock, () => story.push("given up"));
  const pass = (ms: number) => {
    now += ms;
    if (due && due.at <= now) {
      const { run } = due;
      due = null;
      run();
    }
  };
  return { ws, out, story, pass };
}

test("who has little queued is told more at once; who has much, when it is gone", async () => {
  const { ws, out, story } = house();
  await out.room();
  ws.queued = 300_000;
  const waits = out.room().then(() => story.push("more"));
  await Promise.resolve();
  expect(story).toEqual([]);
  ws.queued = 0;
  out.drained();
  await waits;
  expect(story).toEqual(["more"]);
});

test("who takes nothing for thirty seconds is given up; who takes a little is not", () => {
  const { ws, out, story, pass } = house();
  ws.queued = 900_000;
  void out.room();
  for (const queued of [800_000, 700_000, 690_000]) {
    pass(15_000);
    ws.queued = queued;
    pass(15_000);
    expect(story).toEqual([]);
  }
  pass(30_000);
  expect(story).toEqual(["given up"]);
});

test("once the queue is empty nobody is given up for what was", () => {
  const { ws, out, story, pass } = house();
  ws.queued = 900_000;
  void out.room();
  out.drained();
  pass(60_000);
  expect(story).toEqual([]);
});
