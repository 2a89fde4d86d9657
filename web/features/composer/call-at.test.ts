import { expect, test } from "bun:test";
import type { Member } from "#shared/models.ts";
import { callAt, choicesFor } from "./call-at.ts";

const members = ["ann", "Ben Smith", "here", "anton"].map(
  (username, at): Member => ({ user_id: at + 1, username, role: "member" }),
);
const calls = (part: string, everybody = true) =>
  choicesFor(part, { members, groups: [{ id: 1, name: "antiques", user_ids: [1] }], everybody }).map(
    ({ call }) => call,
  );

test("a name is being written behind an @ that begins a word, and nowhere else", () => {
  expect(callAt("hi @an", 6)).toEqual({ from: 3, part: "an" });
  expect(callAt("hi @an", 4)).toEqual({ from: 3, part: "" });
  expect(callAt('@"Ben S', 7)).toEqual({ from: 0, part: "ben s" });
  for (const text of ["me@an", "hi", "@an n", '@"Ben"', "https://x.example/@an"])
    expect(callAt(text, text.length)).toBeNull();
});

test("whom somebody may mean comes with the spelling that calls them", () => {
  expect(calls("an")).toEqual(["@ann", "@anton", "@antiques"]);
  expect(calls("smi")).toEqual(['@"Ben Smith"']);
  expect(calls("her")).toEqual(['@"here"', "@here"]);
  expect(calls("roo", false)).toEqual([]);
});
