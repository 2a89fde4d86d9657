import { expect, test } from "bun:test";
import { loadEmojis } from "#web/ui/find-emojis.ts";
import { emojiAt, emojiChoices, emojiClosed } from "./emoji-at.ts";

test("an emoji's name is being written behind a colon that begins a word, and nowhere else", () => {
  expect(emojiAt("hi :ta", 6)).toEqual({ from: 3, part: "ta" });
  for (const text of [":t", "at 10:30", "https://x", "std::vector", "note:this", ":-)", "a :b c"])
    expect(emojiAt(text, text.length)).toBeNull();
});

test("what somebody may mean is put in as the emoji itself", async () => {
  expect(emojiChoices(await loadEmojis(), "tad")[0]).toMatchObject({ call: "🎉", title: ":tada:" });
});

test("a name that is closed by its colon becomes the emoji at once, and anything else stays as it is", async () => {
  const all = await loadEmojis();
  expect(emojiClosed(all, "done :tada: now", 11)).toEqual({ text: "done 🎉 now", caret: 7 });
  expect(emojiClosed(all, "no :such_thing:", 15)).toBeNull();
  expect(emojiClosed(all, "10:30:", 6)).toBeNull();
});
