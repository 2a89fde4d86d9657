import { expect, test } from "bun:test";
import { lineText } from "./line-text.ts";

test("nothing is said while the line is live", () => {
  expect(lineText({ state: "live" }, 0)).toBe(null);
});

test("a wait tells why and how long", () => {
  const line = { state: "waiting", until: 9_500, why: "cut" } as const;
  expect(lineText(line, 5_000)).toEqual({ said: "The connection was lost.", rest: "Next try in 5 s" });
  expect(lineText(line, 10_000)).toEqual({ said: "The connection was lost.", rest: "" });
});
