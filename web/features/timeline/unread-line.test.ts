import { expect, test } from "bun:test";
import { nextUnreadLine } from "./unread-line.ts";

const reading = { readSeq: 7, hasUnread: false, isAtDesk: true };

test("a room with something unread is opened with a line", () => {
  expect(nextUnreadLine(null, "opened", { ...reading, hasUnread: true })).toBe(7);
});

test("a room that is read to its end gets no line from what arrives before the reader's eyes", () => {
  expect(nextUnreadLine(null, "opened", reading)).toBe(null);
});

test("what arrives while the reader is away stands under a line when they are back", () => {
  const away = nextUnreadLine(null, "went-away", { ...reading, isAtDesk: false });
  expect(nextUnreadLine(away, "came-back", { ...reading, hasUnread: true })).toBe(7);
});

test("a reader who was away and missed nothing sees no line", () => {
  const away = nextUnreadLine(null, "went-away", { ...reading, isAtDesk: false });
  expect(nextUnreadLine(away, "came-back", reading)).toBe(null);
});

test("a room opened in a window that nobody looks at keeps its place", () => {
  expect(nextUnreadLine(null, "opened", { ...reading, isAtDesk: false })).toBe(7);
});

test("who answers has read", () => {
  expect(nextUnreadLine(7, "sent", { ...reading, hasUnread: true })).toBe(null);
});

test("what is marked unread stands under a line at once", () => {
  expect(nextUnreadLine(null, "marked-unread", { ...reading, readSeq: 4, hasUnread: true })).toBe(4);
});
