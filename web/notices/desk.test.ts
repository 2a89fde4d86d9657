import { expect, test } from "bun:test";
import { Desk } from "./desk.ts";

test("a tab in the background knows that somebody sits at another one of its browser, and when nobody does", async () => {
  let isAtFirst = true;
  const first = new Desk(() => isAtFirst);
  const second = new Desk(() => false);
  expect(await second.isManned()).toBe(true);
  expect(await first.isManned()).toBe(true);
  isAtFirst = false;
  expect(await second.isManned()).toBe(false);
  isAtFirst = true;
  first.close();
  expect(await second.isManned()).toBe(false);
  second.close();
});
