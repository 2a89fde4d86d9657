import { beforeEach, expect, test } from "bun:test";
import type { ErrorCode } from "#shared/errors.ts";
import type { ClientFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { FakeStorage, fakeRandom } from "./fakes/chat.ts";
import { FakeClock } from "./fakes/clock.ts";
import { SendQueue, type StoredSend } from "./send-queue.ts";

let clock: FakeClock;
let storage: FakeStorage;
let queue: SendQueue;
let upTo: number | null;
let gone: Extract<ClientFrame, { type: "send" }>[];

beforeEach(() => {
  clock = new FakeClock();
  storage = new FakeStorage();
  queue = newQueue();
});

function newQueue(): SendQueue {
  gone = [];
  upTo = null;
  return new SendQueue({
    clock,
    random: fakeRandom(1),
    storage,
    transmit: (frame) => frame.type === "send" && gone.push(frame) > 0,
    shownUpTo: () => upTo,
    changed: () => {},
  });
}

function states(roomId: number) {
  return queue.in(roomId).map((send) => [send.content, send.state]);
}

function refuse(code: ErrorCode, nonce?: string, retry_after?: number): void {
  queue.refused({
    type: "error",
    code,
    detail: "No.",
    ...(nonce === undefined ? {} : { nonce }),
    ...(retry_after === undefined ? {} : { retry_after }),
  });
}

test("in one room a send waits for the answer to the one before it; rooms do not wait for each other", () => {
  queue.lineUp();
  const first = queue.add(7, "one");
  queue.add(7, "two");
  queue.add(8, "elsewhere");
  expect(gone.map((frame) => frame.content)).toEqual(["one", "elsewhere"]);
  queue.acked({ nonce: first, seq: 1 });
  expect(gone.map((frame) => frame.content)).toEqual(["one", "elsewhere", "two"]);
});

test("a send that got no answer is sent again with the same nonce (S3)", async () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  await clock.advance(10_000);
  expect(gone.map((frame) => frame.nonce)).toEqual([nonce, nonce]);
  queue.acked({ nonce, seq: 1 });
  queue.acked({ nonce, seq: 1 });
  await clock.advance(600_000);
  expect(gone).toHaveLength(2);
  expect(queue.in(7)).toEqual([]);
});

test("after a cut everything unanswered goes again in the order it was written", () => {
  queue.lineUp();
  const first = queue.add(7, "one");
  queue.add(7, "two");
  queue.lineDown();
  expect(states(7)).toEqual([
    ["one", "waiting"],
    ["two", "waiting"],
  ]);
  queue.lineUp();
  queue.acked({ nonce: first, seq: 1 });
  expect(gone.map((frame) => frame.content)).toEqual(["one", "one", "two"]);
});

test("a refusal that may pass is waited out, and nothing in the room overtakes it", async () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  queue.add(7, "two");
  refuse("rate_limited", nonce, 3);
  expect(states(7)[0]).toEqual(["one", "waiting"]);
  await clock.advance(2_900);
  expect(gone).toHaveLength(1);
  await clock.advance(1_200);
  expect(gone.map((frame) => frame.content)).toEqual(["one", "one"]);
});

test("frames dropped before their nonces were read are sent again (L4)", async () => {
  queue.lineUp();
  queue.add(7, "one");
  queue.add(8, "two");
  refuse("rate_limited", undefined, 1);
  await clock.advance(2_100);
  expect(gone.map((frame) => frame.content).sort()).toEqual(["one", "one", "two", "two"]);
});

test("a refusal for good stays to be seen and lets the next one go", () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  queue.add(7, "two");
  refuse("not_member", nonce);
  expect(states(7)).toEqual([
    ["one", { failed: "not_member", detail: "No." }],
    ["two", "sending"],
  ]);
  queue = newQueue();
  expect(states(7)[0]).toEqual(["one", { failed: "not_member", detail: "No." }]);
});

test("a refusal for a reason that only a newer server knows is shown in its words, and lets the next one go", () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  queue.add(7, "two");
  const code = "no_polls_here" as ErrorCode;
  refuse(code, nonce);
  expect(states(7)).toEqual([
    ["one", { failed: code, detail: "No." }],
    ["two", "sending"],
  ]);
});

test("a failed send goes again when asked to, behind what was written since, and once", () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  refuse("not_member", nonce);
  queue.add(7, "two");
  queue.retry(nonce);
  queue.retry(nonce);
  expect(states(7)).toEqual([
    ["two", "sending"],
    ["one", "waiting"],
  ]);
});

test("a nonce that is spent on other words is not tried again with these", () => {
  queue.lineUp();
  const nonce = queue.add(7, "one");
  refuse("nonce_reused", nonce);
  queue.retry(nonce);
  expect(gone).toHaveLength(2);
  expect(gone[1]?.nonce).not.toBe(nonce);
});

test("what waits or failed can be thrown away; what is on its way cannot", () => {
  queue.lineUp();
  const first = queue.add(7, "one");
  const second = queue.add(7, "two");
  queue.discard(first);
  queue.discard(second);
  expect(states(7)).toEqual([["one", "sending"]]);
  refuse("forbidden", first);
  queue.discard(first);
  expect(queue.in(7)).toEqual([]);
  expect(storage.items).toEqual([]);
});

test("what the server would refuse for certain is not sent, and cannot cost the socket", () => {
  queue.lineUp();
  for (const [content, code] of [
    ["   ", "empty"],
    ["x\u0000", "bad_text"],
    ["x".repeat(limits.contentBytes + 1), "too_long"],
    [`${"\u0001".repeat(7_999)}a${"\u0301".repeat(12_000)}`, "too_long"],
  ] as const) {
    queue.add(7, content);
    expect(queue.in(7).at(-1)?.state).toMatchObject({ failed: code });
  }
  expect(gone).toEqual([]);
});

test("a message that seems to be there already is hidden until its answer says where it really is", () => {
  queue.lineUp();
  const nonce = queue.add(7, "ok");
  upTo = 5;
  const message = { type: "message", id: 9, room_id: 7, n: 5, seq: 5, changed: 5, user_id: 1 } as const;
  queue.shown({ ...message, username: "ann", content: "ok", timestamp: "" });
  expect(queue.in(7)).toEqual([]);
  queue.acked({ nonce, seq: 6 });
  expect(states(7)).toEqual([["ok", "sent"]]);
  upTo = 6;
  queue.settle(7);
  expect(queue.in(7)).toEqual([]);
});

test("the queue has a bound, and says so", () => {
  for (let at = 0; at < 501; at++) queue.add(7, `message ${at}`);
  expect(queue.in(7).at(499)?.state).toBe("waiting");
  expect(queue.in(7).at(500)?.state).toMatchObject({ failed: "rate_limited" });
});

test("whatever has no acknowledgement is in the storage", () => {
  queue.lineUp();
  const first = queue.add(7, "one");
  queue.add(7, "two");
  expect(storage.items.map((item: StoredSend) => item.content)).toEqual(["one", "two"]);
  queue.acked({ nonce: first, seq: 1 });
  expect(storage.items.map((item: StoredSend) => item.content)).toEqual(["two"]);
});

test("two messages of one moment keep their order over a reload", () => {
  const written = Array.from({ length: 20 }, (_, at) => `message ${at}`);
  for (const content of written) queue.add(7, content);
  storage.items = storage.items.toSorted((a, b) => (a.nonce < b.nonce ? -1 : 1));
  queue = newQueue();
  expect(queue.in(7).map((send) => send.content)).toEqual(written);
});

test("what a closed tab left is sent by the same nonce, in the order in which all was written", async () => {
  const left = { nonce: "left-behind", room_id: 7, content: "earlier", at: clock.now(), failed: null };
  await clock.advance(1_000);
  queue.add(7, "later");
  storage.leave(left);
  storage.leave(left);
  queue.lineUp();
  expect(states(7)).toEqual([
    ["earlier", "sending"],
    ["later", "waiting"],
  ]);
  expect(gone.map((frame) => frame.nonce)).toEqual(["left-behind"]);
});

test("what another tab threw away is not sent by this one; what is on its way here is", () => {
  queue.lineUp();
  const first = queue.add(7, "one");
  const second = queue.add(7, "two");
  storage.takeAway(first);
  storage.takeAway(second);
  expect(states(7)).toEqual([["one", "sending"]]);
  queue.acked({ nonce: first, seq: 1 });
  expect(gone.map((frame) => frame.content)).toEqual(["one"]);
});
