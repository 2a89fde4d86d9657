import { expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import { LocalBus } from "../bus/local.ts";
import { systemClock } from "../clock.ts";
import { FrameStream } from "./frame-stream.ts";
import type { NodeParts } from "./parts.ts";

interface Numbered {
  version: number;
}

/** A stream whose record answers where it stands when the test says so. */
function stream(written: () => number) {
  const begins = Promise.withResolvers<number>();
  const heard: number[] = [];
  const node = { bus: new LocalBus(), clock: systemClock } as unknown as NodeParts;
  const made = new FrameStream<Numbered>(node, {
    subject: "numbers",
    head: () => begins.promise,
    since: async () => [{ version: written() }],
    say: (frame) => heard.push(frame.version),
  });
  return { made, heard, begin: begins.resolve };
}

test("who waits for a version of a stream that has not begun waits for the stream", async () => {
  const { made, heard, begin } = stream(() => 7);
  let isReached = false;
  const waiting = made.reached(7).then(() => {
    isReached = true;
  });
  await Bun.sleep(50);
  expect(isReached).toBe(false);
  begin(3);
  await waiting;
  expect(heard).toEqual([7]);
  made.end();
});

test("whatever comes before a stream has begun is heard when it has, in order, or read", async () => {
  const { made, heard, begin } = stream(() => 5_000);
  for (let version = 1; version <= 5_000; version++) made.said({ version });
  await Bun.sleep(10);
  begin(0);
  await eventually(() => expect(heard.at(-1)).toBe(5_000));
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  expect(new Set(heard).size).toBe(heard.length);
  made.end();
});
