import { expect, test } from "bun:test";
import { withLinks } from "./links.ts";

const shown = (text: string) => withLinks(text).map((part) => (part.href === undefined ? part.text : `[${part.text}]`));

test("an address in a sentence becomes a link", () => {
  expect(shown("see https://example.org/a?b=1#c now")).toEqual(["see ", "[https://example.org/a?b=1#c]", " now"]);
});

test("the sentence's punctuation stays outside", () => {
  expect(shown("It is at https://example.org/a.")).toEqual(["It is at ", "[https://example.org/a]", "."]);
  expect(shown("(https://example.org/a)")).toEqual(["(", "[https://example.org/a]", ")"]);
  expect(shown("https://example.org/Foo_(bar)!")).toEqual(["[https://example.org/Foo_(bar)]", "!"]);
});

test("only http and https become links", () => {
  for (const text of [
    "javascript:alert(1)",
    "data:text/html,x",
    "ftp://example.org",
    "file:///etc/passwd",
    "https://",
  ]) {
    expect(withLinks(text)).toEqual([{ text }]);
  }
});

test("quotes and angle brackets end an address", () => {
  expect(shown('<a href="https://example.org/x">')).toEqual(['<a href="', "[https://example.org/x]", '">']);
});

test("the parts together are the text again", () => {
  const text = "a https://x.org, http://y.org/(z)) b\nhttps://[bad c";
  expect(
    withLinks(text)
      .map((part) => part.text)
      .join(""),
  ).toBe(text);
});

test("a long run of closing brackets is cut without taking long", () => {
  const started = performance.now();
  withLinks(`https://example.org/${")".repeat(8_000)}`);
  expect(performance.now() - started).toBeLessThan(500);
});
