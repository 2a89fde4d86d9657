import { expect, test } from "bun:test";
import { checkHistory, describeFaults, type Fault, type HistoryEntry } from "./check-history.ts";

/** Three people say ten things in turn, hear them all, and read them at the end. */
function goodHistory(): HistoryEntry[] {
  const history: HistoryEntry[] = [];
  const people = ["ann", "ben", "cat"];
  const items: [number, string][] = [];
  let t = 0;
  for (let seq = 1; seq <= 10; seq++) {
    const p = people[seq % 3] ?? "ann";
    const id = `message ${seq}`;
    history.push({ op: "send", ty: "invoke", p, room: 1, id, t: ++t });
    history.push({ op: "send", ty: "ok", p, room: 1, id, t: ++t, seq });
    for (const hearer of people) history.push({ op: "recv", p: hearer, room: 1, seq, id, t: ++t });
    items.push([seq, id]);
  }
  for (const p of people) {
    t += 1;
    history.push({ op: "read", p, room: 1, node: "one", t0: t, t, final: true, items: [...items] });
  }
  return history;
}

function faultsOf(history: HistoryEntry[]): Fault[] {
  return [...checkHistory(history).faults.keys()].sort();
}

const recv = (p: string, seq: number) => (entry: HistoryEntry) =>
  entry.op === "recv" && entry.p === p && entry.seq === seq;

test("a good history is valid, and its figures are counted", () => {
  const verdict = checkHistory(goodHistory());
  expect(describeFaults(verdict)).toBe("");
  expect(verdict).toMatchObject({ valid: true, attempts: 10, acknowledged: 10, unknown: 0, refused: 0, received: 30 });
});

test("a lost acknowledged message is found", () => {
  const history = goodHistory();
  for (const entry of history) if (entry.op === "read") entry.items = entry.items.filter(([seq]) => seq !== 10);
  expect(faultsOf(history)).toEqual(["lost-write"]);
});

test("a gap in what one person heard is found", () => {
  const history = goodHistory();
  history.splice(history.findIndex(recv("ben", 5)), 1);
  expect(faultsOf(history)).toEqual(["gap"]);
});

test("a repeat is found, and so is a step back", () => {
  const repeated = goodHistory();
  const at = repeated.findIndex(recv("ben", 5));
  repeated.splice(at, 0, repeated[at]!);
  expect(faultsOf(repeated)).toEqual(["redelivered"]);
  const back = goodHistory();
  const old = back.find(recv("ben", 2))!;
  back.splice(back.findIndex(recv("ben", 7)), 0, old);
  expect(faultsOf(back)).toEqual(["nonmonotonic"]);
});

test("a message that took effect twice is found", () => {
  const history = goodHistory();
  history.push({ op: "recv", p: "ann", room: 1, seq: 11, id: "message 10", t: 1_000 });
  expect(faultsOf(history)).toEqual(["duplicate"]);
});

test("two people who disagree about a place are found", () => {
  const history = goodHistory();
  const at = history.findIndex(recv("cat", 10));
  history.splice(at, 1, { op: "recv", p: "cat", room: 1, seq: 10, id: "message 9", t: 999 });
  expect(faultsOf(history)).toEqual(["duplicate", "inconsistent-offset"]);
  const diverging = goodHistory();
  const last = diverging.at(-1);
  if (last?.op === "read") last.items = last.items.slice(0, 9);
  expect(faultsOf(diverging)).toEqual(["divergent-final", "lost-write"]);
});

test("an order against time is found", () => {
  const history: HistoryEntry[] = [
    { op: "send", ty: "invoke", p: "ann", room: 1, id: "first", t: 1 },
    { op: "send", ty: "ok", p: "ann", room: 1, id: "first", t: 2, seq: 2 },
    { op: "send", ty: "invoke", p: "ben", room: 1, id: "second", t: 3 },
    { op: "send", ty: "ok", p: "ben", room: 1, id: "second", t: 4, seq: 1 },
  ];
  const items = [[1, "second"] as const, [2, "first"] as const];
  history.push({ op: "read", p: "ann", room: 1, node: "one", t0: 5, t: 6, final: true, items });
  expect(faultsOf(history)).toEqual(["realtime-order"]);
});

test("a leak after a removal is found", () => {
  const history = goodHistory();
  history.splice(history.findIndex(recv("ben", 5)), 0, { op: "gone", p: "ben", room: 1, seq: 4, t: 0 });
  expect(faultsOf(history)).toEqual(["read-after-removal"]);
});

test("a refused message that is read all the same is found", () => {
  const history = goodHistory();
  history.unshift({ op: "send", ty: "fail", p: "ann", room: 1, id: "message 11", t: 0 });
  history.unshift({ op: "send", ty: "invoke", p: "ann", room: 1, id: "message 11", t: 0 });
  history.push({ op: "recv", p: "ann", room: 1, seq: 11, id: "message 11", t: 1_000 });
  expect(faultsOf(history)).toEqual(["aborted-read"]);
});

test("words that nobody said, a changed answer, a hole, a stale reading and a room nobody read are found", () => {
  const phantom = goodHistory();
  phantom.push({ op: "recv", p: "ann", room: 1, seq: 11, id: "never said", t: 1_000 });
  expect(faultsOf(phantom)).toEqual(["phantom"]);

  const changed = goodHistory();
  changed.push({ op: "send", ty: "ok", p: "ann", room: 1, id: "message 3", t: 1_000, seq: 30 });
  expect(faultsOf(changed)).toContain("ack-changed");

  const holed = goodHistory();
  for (const entry of holed) {
    if (entry.op === "read") entry.items = entry.items.filter(([seq]) => seq !== 4);
    if (entry.op === "send" && entry.ty === "ok" && entry.seq === 4) entry.t = 10_000;
  }
  expect(faultsOf(holed)).toContain("not-dense");

  const stale = goodHistory();
  stale.push({ op: "read", p: "ann", room: 1, node: "one", t0: 1_000, t: 1_001, final: false, items: [] });
  expect(faultsOf(stale)).toEqual(["stale-read"]);

  expect(faultsOf(goodHistory().filter((entry) => entry.op !== "read"))).toEqual(["never-read"]);
});

test("a send without an answer may be there or not, and one that is sent again keeps its first time", () => {
  const there = goodHistory();
  there.unshift({ op: "send", ty: "info", p: "ann", room: 1, id: "message 11", t: 0 });
  expect(checkHistory(there)).toMatchObject({ valid: true, unknown: 1 });
  there.push({ op: "recv", p: "ann", room: 1, seq: 11, id: "message 11", t: 1_000 });
  expect(faultsOf(there)).toEqual([]);
});

test("a stream that is said to go on elsewhere makes no gap", () => {
  const history = goodHistory();
  const at = history.findIndex(recv("ben", 5));
  history.splice(at, 1, { op: "reset", p: "ben", room: 1, after: 5, t: 0 });
  expect(faultsOf(history)).toEqual([]);
});
