import { expect, test } from "bun:test";
import { endNow, statusChange } from "./status-end.ts";

const now = new Date(2026, 4, 14, 16, 52).getTime();
const end = (name: Parameters<typeof statusChange>[1]["end"]) =>
  statusChange(null, { text: "away", end: name }, now)?.until;

test("a status ends when its word says, and tonight is the coming midnight where one is", () => {
  expect(end("none")).toBeNull();
  expect(end("hour")).toBe(new Date(2026, 4, 14, 17, 52).toISOString());
  expect(end("today")).toBe(new Date(2026, 4, 15, 0, 0).toISOString());
  expect(end("week")).toBe(new Date(now + 604_800_000).toISOString());
});

test("a status that is left as it is keeps its end, also one that came meanwhile, whatever else is saved", () => {
  const until = new Date(now - 1).toISOString();
  for (const before of [null, { text: "away", until: null }, { text: "away", until }]) {
    expect(statusChange(before, { text: before?.text ?? "", end: endNow(before) }, now)).toBeUndefined();
  }
});

test("other words keep the end, the end can be taken from the same words, and no words take the status away", () => {
  const until = new Date(now + 1_000).toISOString();
  const before = { text: "away", until };
  expect(statusChange(before, { text: " back soon ", end: "kept" }, now)).toEqual({ text: "back soon", until });
  expect(statusChange(before, { text: "away", end: "none" }, now)).toEqual({ text: "away", until: null });
  expect(statusChange(before, { text: " ", end: "kept" }, now)).toBeNull();
  expect(statusChange(null, { text: "", end: "hour" }, now)).toBeUndefined();
});
