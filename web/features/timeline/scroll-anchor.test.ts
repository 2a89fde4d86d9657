import { expect, test } from "bun:test";
import { isNearStart, ScrollAnchor } from "./scroll-anchor.ts";

const at = (offset: number, size = 2_000, viewport = 500) => ({ offset, size, viewport });

test("a timeline begins at its end", () => {
  expect(new ScrollAnchor().atEnd).toBe(true);
});

test("scrolling up leaves the end, scrolling back down finds it again", () => {
  const anchor = new ScrollAnchor();
  anchor.moved(at(1_500));
  expect(anchor.moved(at(1_300))).toBe(true);
  expect(anchor.atEnd).toBe(false);
  anchor.moved(at(1_400));
  expect(anchor.atEnd).toBe(false);
  expect(anchor.moved(at(1_470))).toBe(true);
  expect(anchor.atEnd).toBe(true);
});

test("a message that arrives does not count as scrolling up", () => {
  const anchor = new ScrollAnchor();
  anchor.moved(at(1_500));
  anchor.moved(at(1_500, 2_400));
  expect(anchor.atEnd).toBe(true);
});

test("a keyboard that takes half of the page does not count as scrolling up", () => {
  const anchor = new ScrollAnchor();
  anchor.moved(at(1_500));
  anchor.moved(at(1_500, 2_000, 200));
  expect(anchor.atEnd).toBe(true);
});

test("messages that turn out shorter than guessed do not count as scrolling up", () => {
  const anchor = new ScrollAnchor();
  anchor.moved(at(1_500));
  anchor.moved(at(1_300, 1_900, 500));
  expect(anchor.atEnd).toBe(false);
  anchor.toEnd();
  anchor.moved(at(1_500));
  anchor.moved(at(1_200, 1_700, 400));
  expect(anchor.atEnd).toBe(true);
});

test("a timeline that starts at the unread line is not at its end", () => {
  const anchor = new ScrollAnchor();
  anchor.startAt(at(600));
  expect(anchor.atEnd).toBe(false);
});

test("older messages are due before the top is reached", () => {
  expect(isNearStart(at(700))).toBe(true);
  expect(isNearStart(at(800))).toBe(false);
});
