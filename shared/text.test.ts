import { expect, test } from "bun:test";
import { limits } from "./limits.ts";
import { contentFault, isBlank, isStorable } from "./text.ts";

test("text that a database could not give back as it was is refused", () => {
  expect(isStorable("fine 😀")).toBe(true);
  expect(isStorable("nul \u0000")).toBe(false);
  expect(isStorable("half \ud83d")).toBe(false);
  expect(contentFault("half \ud83d")).toBe("bad_text");
});

test("a message of nothing that can be seen is empty", () => {
  for (const nothing of ["", " ", "\n\t", "\u200b", "\u00a0\u2060", "\u3164", "\u2800", "\ufe0f"]) {
    expect(isBlank(nothing)).toBe(true);
    expect(contentFault(nothing)).toBe("empty");
  }
  for (const something of [".", "\u200bx", "ا", "👩‍👩‍👧"]) expect(contentFault(something)).toBeNull();
});

test("8,000 characters fit and one more does not, counted as people count", () => {
  expect(contentFault("x".repeat(limits.contentGraphemes))).toBeNull();
  expect(contentFault("x".repeat(limits.contentGraphemes + 1))).toBe("too_long");
  // Two code units each, four bytes each: within 32 KiB only just, and 8,000 of them are one message.
  expect(contentFault("😀".repeat(8_000))).toBeNull();
  expect(contentFault("e\u0301".repeat(8_000))).toBeNull();
  expect(contentFault("e\u0301".repeat(8_001))).toBe("too_long");
});

test("32 KiB fit and one byte more does not", () => {
  const family = "👩‍👩‍👧‍👦";
  const bytes = new TextEncoder().encode(family).length;
  const most = Math.floor(limits.contentBytes / bytes);
  expect(contentFault(family.repeat(most))).toBeNull();
  expect(contentFault(family.repeat(most + 1))).toBe("too_long");
});
