import { expect, test } from "bun:test";
import { FakeClock } from "#client/fakes/clock.ts";
import { createLog } from "#server/log.ts";
import type { Told } from "#server/notify/note-told.ts";
import { PushQueue } from "#server/push/queue.ts";
import type { Outcome, PushTo } from "#server/push/send-push.ts";

const MINUTE = 60_000;

function queueWith(send: (to: PushTo) => Promise<Outcome>) {
  const clock = new FakeClock();
  const logged: string[] = [];
  const noted: Told[] = [];
  const log = createLog(
    "debug",
    () => clock.now(),
    (line) => logged.push(line),
  );
  const queue = new PushQueue({ clock, log, attentive: async () => new Set(), send, note: (each) => noted.push(each) });
  const add = (sessionId: string, service: string, seq = 1) =>
    queue.add(1, [{ sessionId, userId: 1, seqs: [seq], service }]);
  return { clock, logged, noted, queue, add };
}

test("a push service that hangs holds up nobody who is told by another one", async () => {
  const sent: string[] = [];
  const { clock, add } = queueWith(async ({ sessionId }) => {
    sent.push(sessionId);
    return sessionId.startsWith("slow") ? new Promise<Outcome>(() => {}) : { is: "nothing" };
  });
  for (let i = 0; i < 100; i++) add(`slow ${i}`, "hangs.example.org");
  for (let i = 0; i < 100; i++) add(`quick ${i}`, "works.example.org");
  for (let i = 0; i < 100; i++) await clock.advance(0);
  expect(sent.filter((name) => name.startsWith("slow"))).toHaveLength(4);
  expect(sent.filter((name) => name.startsWith("quick"))).toHaveLength(100);
});

test("what cannot be told is tried six times within an hour and then given up, with a line in the log that names nobody", async () => {
  const { clock, logged, noted, add } = queueWith(async () => {
    tries.push(clock.now());
    return { is: "later", retryAfter: null };
  });
  const tries: number[] = [];
  add("a browser", "down.example.org");
  await clock.advance(120 * MINUTE);
  expect(tries).toHaveLength(6);
  expect((tries.at(-1) ?? 0) - (tries[0] ?? 0)).toBeLessThan(60 * MINUTE);
  expect(clock.waiting).toBe(0);
  expect(logged.join()).toContain("given up");
  expect(noted).toEqual([{ userId: 1, roomId: 1, seqs: [1], how: "failed" }]);
  expect(logged.join()).not.toContain("a browser");
});

test("a service that says to come back tomorrow is asked again within an hour or not at all", async () => {
  let tries = 0;
  const { clock, add } = queueWith(async () => {
    tries += 1;
    return { is: "later", retryAfter: 86_400 };
  });
  add("a browser", "busy.example.org");
  await clock.advance(24 * 60 * MINUTE);
  expect(tries).toBeWithin(2, 6);
  expect(clock.waiting).toBe(0);
});

test("of one room a browser waits to be told once, of the newest message or else of an older one", async () => {
  const sent: number[][] = [];
  const { clock, add } = queueWith(async ({ seqs }) => {
    sent.push([...seqs]);
    return sent.length === 1 ? { is: "later", retryAfter: null } : { is: "nothing" };
  });
  add("a browser", "busy.example.org", 1);
  await clock.advance(0);
  for (const seq of [3, 2, 4]) add("a browser", "busy.example.org", seq);
  await clock.advance(MINUTE);
  expect(sent).toEqual([[1], [4, 3, 2, 1]]);
});

test("a queue that is full leaves out what comes, and says so once", async () => {
  let told = 0;
  const { clock, logged, queue } = queueWith(async () => {
    told += 1;
    return new Promise<Outcome>(() => {});
  });
  const service = "hangs.example.org";
  queue.add(
    1,
    Array.from({ length: 10_100 }, (_, i) => ({ sessionId: `browser ${i}`, userId: i, seqs: [1], service })),
  );
  await clock.advance(0);
  expect(told).toBe(4);
  expect(logged.filter((line) => line.includes("too many pushes"))).toHaveLength(1);
});
