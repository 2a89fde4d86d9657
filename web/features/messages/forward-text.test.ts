import { expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import { calledIn } from "#shared/mentions.ts";
import { contentFault } from "#shared/text.ts";
import { forwardText } from "./forward-text.ts";

const said = { comment: "", author: "noa", content: "Two\nlines", link: "https://chat.example/chat/3/17" };

test("a forwarded message is quoted with who said it and where", () => {
  expect(forwardText(said)).toBe("> Two\n> lines\n— noa, https://chat.example/chat/3/17");
  expect(forwardText({ ...said, comment: " Look: " })).toStartWith("Look:\n> Two\n");
});

test("a message that fits only without the quote's own signs is cut and says so", () => {
  const text = forwardText({ ...said, content: "x".repeat(limits.contentGraphemes) }) ?? "";
  expect(contentFault(text)).toBe(null);
  expect(text).toContain("…\n— noa");
  expect(forwardText({ ...said, comment: "x".repeat(limits.contentGraphemes) })).toBe(null);
});

test("whom a message called it does not call again where it is forwarded to", () => {
  const text = forwardText({ ...said, content: "@ann and @room, come" }) ?? "";
  expect(calledIn(text)).toEqual([]);
});
