import { expect, test } from "bun:test";
import { FakeClock } from "#client/fakes/clock.ts";
import { Refusal } from "#shared/errors.ts";
import { createLog } from "../log.ts";
import type { Store } from "../store/store.ts";
import { sendDue } from "./send-due.ts";

const MINUTE = 60_000;

/** A store in which these are due, and what comes of each. */
function dueIn(outcomes: Record<number, () => void>, reading: () => void = () => {}) {
  const clock = new FakeClock();
  const waiting = new Set(Object.keys(outcomes).map(Number));
  const tries: number[] = [];
  const failed: { id: number; code: string }[] = [];
  const logged: string[] = [];
  let looks = 0;
  const store = {
    async read(_name: string, _by: unknown, { except }: { except: readonly number[] }) {
      looks += 1;
      reading();
      return [...waiting].filter((id) => !except.includes(id)).map((id) => ({ id, roomId: 1 }));
    },
    async write(name: string, _by: unknown, due: { id: number; code: string }) {
      if (name === "fail-scheduled") {
        failed.push({ id: due.id, code: due.code });
        waiting.delete(due.id);
        return null;
      }
      tries.push(due.id);
      outcomes[due.id]?.();
      waiting.delete(due.id);
      return null;
    },
  } as unknown as Store;
  const log = createLog(
    "debug",
    () => clock.now(),
    (line) => logged.push(line),
  );
  const stop = sendDue(store, clock, log);
  return { clock, tries, failed, logged, stop, looks: () => looks };
}

test("what cannot be sent for no known reason is said in the log, tried more and more seldom, and kept as failed", async () => {
  const { clock, tries, failed, logged, stop } = dueIn({
    1: () => {
      throw new Error("a secret");
    },
    2: () => {},
  });
  await clock.advance(MINUTE);
  expect(tries.filter((id) => id === 2)).toHaveLength(1);
  expect(tries.filter((id) => id === 1).length).toBeWithin(4, 7);
  await clock.advance(10 * MINUTE);
  expect(tries.filter((id) => id === 1)).toHaveLength(8);
  expect(failed).toEqual([{ id: 1, code: "internal" }]);
  expect(logged.filter((line) => line.includes("was not sent"))).toHaveLength(8);
  expect(logged.join()).not.toContain("secret");
  stop();
});

test("what is refused for good fails at once, and what the store cannot take now is sent when it can, however late", async () => {
  let isAway = true;
  const { clock, failed, tries, stop } = dueIn({
    1: () => {
      throw new Refusal("archived");
    },
    2: () => {
      if (isAway) throw new Refusal("unavailable");
    },
  });
  await clock.advance(30 * MINUTE);
  expect(failed).toEqual([{ id: 1, code: "archived" }]);
  expect(tries.length).toBeLessThan(50);
  isAway = false;
  await clock.advance(2 * MINUTE);
  const sent = tries.length;
  await clock.advance(10 * MINUTE);
  expect(tries).toHaveLength(sent);
  expect(failed).toHaveLength(1);
  stop();
});

test("a database that does not answer is asked more and more seldom, and each second again when it does", async () => {
  let isAway = true;
  const { clock, logged, looks, stop } = dueIn({}, () => {
    if (isAway) throw new Refusal("unavailable");
  });
  await clock.advance(30 * MINUTE);
  expect(looks()).toBeLessThan(50);
  expect(logged).toHaveLength(looks());
  isAway = false;
  await clock.advance(MINUTE);
  const before = looks();
  await clock.advance(MINUTE);
  expect(looks() - before).toBe(60);
  stop();
});
