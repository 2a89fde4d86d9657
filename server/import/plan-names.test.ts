import { expect, test } from "bun:test";
import fc from "fast-check";
import { roomName, userName } from "#shared/names.ts";
import { FOR_ROOMS, FOR_USERS, planNames } from "./plan-names.ts";

const users = (...names: string[]) =>
  planNames(
    names.map((old, index) => ({ old, id: String(index + 1) })),
    new Set(["taken"]),
    FOR_USERS,
  ).map(({ shown }) => shown);

test("a name that can stay stays, and nobody loses theirs to one that was changed into it", () => {
  expect(users("ann@example.org", "bob", "ann", "Bob")).toEqual(["ann-2", "bob", "ann", "Bob-2"]);
});

test.each([
  ["ann@example.org", "ann"],
  ["@ann", "ann"],
  ["＠ann＠b", "ann"],
  ["a\u200bb", "ab"],
  ["\u202eevil", "evil"],
  ["nul\u0000l", "null"],
  ["tab\tand\nline", "tab and line"],
  ["", "user-1"],
  [" \u200b ", "user-1"],
  ["@", "user-1"],
  ["12345", "12345"],
  ["taken", "taken-2"],
  ["TАKEN", "TAKEN-2"], // with a Cyrillic А
  ["x".repeat(60), "x".repeat(40)],
])("a user called %p becomes %p", (old, wanted) => {
  const [name = ""] = users(old);
  expect(name.normalize("NFKC").replace("А", "A")).toBe(wanted);
});

test("a room's name of digits alone gets a word before it", () => {
  const names = planNames(
    [
      { old: "42", id: "7" },
      { old: "x".repeat(90), id: "8" },
    ],
    new Set(),
    FOR_ROOMS,
  );
  expect(names.map(({ shown }) => shown)).toEqual(["room-42", "x".repeat(80)]);
});

test("a number fits into the length that a name may have", () => {
  const long = "x".repeat(40);
  expect(users(long, long.toUpperCase())).toEqual([long, `${"X".repeat(38)}-2`]);
});

test("whatever they were called, all get names that the rules take, no two the same, and every change is noted", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({ unit: "grapheme" }),
    fc.constantFrom("a", "A", "а", "@", "7", ""),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 30 }), (names) => {
      for (const [rules, normal] of [
        [FOR_USERS, userName],
        [FOR_ROOMS, roomName],
      ] as const) {
        const planned = planNames(
          names.map((old, index) => ({ old, id: String(index) })),
          new Set(),
          rules,
        );
        expect(new Set(planned.map(({ key }) => key)).size).toBe(names.length);
        planned.forEach(({ shown, key, notes }, index) => {
          expect(normal(shown)).toEqual({ shown, key });
          const own = normal(names[index] ?? "");
          if (notes.length === 0) expect(own).toEqual({ shown, key });
        });
      }
    }),
  );
});
