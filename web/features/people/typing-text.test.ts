import { expect, test } from "bun:test";
import { typingText } from "./typing-text.ts";

test("up to three people who type are named", () => {
  expect(typingText([])).toBe("");
  expect(typingText(["Ann"])).toBe("Ann is typing");
  expect(typingText(["Ann", "Bo"])).toBe("Ann and Bo are typing");
  expect(typingText(["Ann", "Bo", "Cy"])).toBe("Ann, Bo and Cy are typing");
  expect(typingText(["Ann", "Bo", "Cy", "Di"])).toBe("Several people are typing");
});
