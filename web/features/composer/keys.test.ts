import { expect, test } from "bun:test";
import { intentOf } from "./keys.ts";

const plain = { key: "", shiftKey: false, altKey: false, ctrlKey: false, metaKey: false, isComposing: false };

test("Enter sends and Shift+Enter begins a line", () => {
  expect(intentOf({ ...plain, key: "Enter" })).toBe("send");
  expect(intentOf({ ...plain, key: "Enter", shiftKey: true })).toBe(null);
});

test("the Enter that ends a word of an input method does not send", () => {
  expect(intentOf({ ...plain, key: "Enter", isComposing: true })).toBe(null);
});

test("Escape leaves the field", () => {
  expect(intentOf({ ...plain, key: "Escape" })).toBe("leave");
});
