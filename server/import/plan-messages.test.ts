import { expect, test } from "bun:test";
import fc from "fast-check";
import { contentFault } from "#shared/text.ts";
import { type People, planMessage } from "./plan-messages.ts";
import type { Note } from "./rules.ts";
import type { SourceRow } from "./source.ts";

const NOW = Date.UTC(2025, 0, 31);

function plan(row: SourceRow, people: Partial<People> = {}) {
  const notes: Note[] = [];
  const given: People = {
    now: NOW,
    keepIds: true,
    lastAt: 5,
    former: 99,
    userOf: (id) => (id === "1" ? 11 : undefined),
    roomOf: (id) => (id === "2" ? 22 : undefined),
    ...people,
  };
  const planned = planMessage(
    { id: 7, user: 1, room: 2, content: "hello", time: "2024-01-01", ...row },
    given,
    (...note) => {
      notes.push(note);
    },
  );
  return { planned, rules: notes.map(([rule]) => rule) };
}

test("a message comes as it is, with its id, its author, its room and its time", () => {
  expect(plan({})).toEqual({
    planned: { sourceId: "7", id: 7, roomId: 22, userId: 11, texts: ["hello"], at: Date.UTC(2024, 0, 1) },
    rules: [],
  });
  expect(plan({ id: "a-uuid", user: "1", room: "2" }).planned).toMatchObject({ id: null, userId: 11, roomId: 22 });
});

test.each([
  ["of a room that is not there", { room: 3 }, "room-unknown"],
  ["of no room", { room: null }, "room-unknown"],
  ["without text", { content: "" }, "text-empty"],
  ["with no text at all", { content: null }, "text-empty"],
  ["of characters that draw nothing", { content: " \u200b\n" }, "text-empty"],
  ["of U+0000 alone", { content: "\u0000" }, "text-empty"],
  ["that was deleted", { deleted: 1 }, "taken-back"],
  ["that was deleted at a time", { deleted: "2024-01-02 10:00:00" }, "taken-back"],
] as const)("a message %s is left out, and that is noted", (_, row, rule) => {
  expect(plan(row)).toEqual({ planned: null, rules: [rule] });
});

test.each([
  ["whose author is gone", { user: 5 }, "author-unknown", { userId: 99 }],
  ["without an author", { user: null }, "author-unknown", { userId: 99 }],
  ["with U+0000", { content: "a\u0000b" }, "text-signs", { texts: ["ab"] }],
  ["without a time", { time: null }, "message-time", { at: 5 }],
  ["with no time that can be read", { time: "soon" }, "message-time", { at: 5 }],
  ["from the future", { time: "2031-01-01" }, "message-time", { at: 5 }],
] as const)("a message %s is changed, and that is noted", (_, row, rule, wanted) => {
  const { planned, rules } = plan(row);
  expect(rules).toEqual([rule]);
  expect(planned).toMatchObject(wanted);
});

test.each([0, null, false, "", "0"])("a mark of deletion that is %p leaves a message standing", (deleted) => {
  expect(plan({ deleted }).planned).not.toBeNull();
});

test("a number or bytes in place of a text are the text that they stand for", () => {
  expect(plan({ content: 42 }).planned?.texts).toEqual(["42"]);
  expect(plan({ content: new TextEncoder().encode("grüß") }).planned?.texts).toEqual(["grüß"]);
});

test("a text of any length comes in pieces that can be sent and are together the whole text, cut between words", () => {
  const words = Array.from({ length: 4_000 }, (_, index) => `word${index}`).join(" ");
  const texts = plan({ content: words }).planned?.texts ?? [];
  expect(texts.length).toBeGreaterThan(3);
  expect(texts.join("")).toBe(words);
  for (const text of texts) expect(contentFault(text)).toBeNull();
  for (const text of texts.slice(0, -1)) expect(text).toEndWith(" ");

  const unit = fc.oneof(
    fc.string({ unit: "grapheme", maxLength: 9 }),
    fc.constantFrom(" ", "\n", "👩‍👩‍👧‍👦", "e\u0301\u0301", "上海"),
  );
  fc.assert(
    fc.property(
      fc.array(unit, { minLength: 1, maxLength: 40 }),
      fc.integer({ min: 200, max: 2_000 }),
      (parts, times) => {
        const content = parts.join("").replaceAll("\u0000", "").repeat(times);
        const { planned, rules } = plan({ content });
        if (planned === null) return expect(rules).toEqual(["text-empty"]);
        for (const text of planned.texts) expect(contentFault(text)).toBeNull();
        // A piece that draws nothing would be an empty bubble: only such pieces are gone.
        if (/\S/.test(content))
          expect(planned.texts.join("").replace(/\s/g, "")).toBe(content.toWellFormed().replace(/\s/g, ""));
      },
    ),
    { numRuns: 15 },
  );
});
