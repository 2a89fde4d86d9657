import { expect, test } from "bun:test";
import { Gathering } from "./gathering.ts";

test("on a slow disk those who were just answered go with those who wait", () => {
  const gathering = new Gathering();
  gathering.answered(64, 64, 8, 1_000);
  expect(gathering.patience(64, 1_000)).toBe(1);
  expect(gathering.patience(127, 1_000.5)).toBe(0.5);
  expect(gathering.patience(128, 1_000.5)).toBe(0);
});

test("nobody waits longer than an eighth of a flush for somebody who says nothing", () => {
  const gathering = new Gathering();
  gathering.answered(100, 0, 24, 1_000);
  expect(gathering.patience(1, 1_000)).toBe(3);
  expect(gathering.patience(1, 1_003)).toBe(0);
  gathering.answered(100, 0, 900, 2_000);
  expect(gathering.patience(1, 2_000)).toBe(4);
});

test("on a fast disk, and for one who talks alone, nothing waits", () => {
  const gathering = new Gathering();
  gathering.answered(64, 64, 0.2, 1_000);
  expect(gathering.patience(1, 1_000)).toBe(0);
  gathering.answered(1, 0, 30, 1_000);
  expect(gathering.patience(1, 1_000)).toBe(0);
});

test("a clock that is set back makes nobody wait for it", () => {
  const gathering = new Gathering();
  gathering.answered(64, 64, 8, 1_000_000);
  expect(gathering.patience(1, 0)).toBe(4);
});
