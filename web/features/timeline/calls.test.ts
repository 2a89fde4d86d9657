import { expect, test } from "bun:test";
import { withCalls } from "./calls.ts";

test("what calls somebody is cut out as it is written, and an @ that calls nobody is text", () => {
  const mentions = { people: [{ id: 2, as: "Ben S" }], groups: [{ id: 9, as: "crew" }], room: true } as const;
  const parts = withCalls('@nobody, @"ben s" and @crew: @room, not @here', {
    ...mentions,
    people: [...mentions.people],
    groups: [...mentions.groups],
  });
  expect(parts.filter(({ call }) => call !== null)).toEqual([
    { text: '@"ben s"', call: { kind: "person", id: 2 } },
    { text: "@crew", call: { kind: "group", id: 9 } },
    { text: "@room", call: { kind: "everybody" } },
  ]);
  expect(parts.map(({ text }) => text).join("")).toBe('@nobody, @"ben s" and @crew: @room, not @here');
  expect(withCalls("@ann", undefined)).toEqual([{ text: "@ann", call: null }]);
});
