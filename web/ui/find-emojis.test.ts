import { expect, test } from "bun:test";
import { isEmoji } from "#shared/emoji.ts";
import { emojiNamed, findEmojis, loadEmojis } from "./find-emojis.ts";

test("an emoji is found by the beginning of its name first, then by what else it is called", async () => {
  const all = await loadEmojis();
  const found = (text: string) => findEmojis(all, text, 8).map(({ emoji }) => emoji);
  expect(found("tada")[0]).toBe("🎉");
  expect(found("thumbs up")).toContain("👍");
  expect(found("heart")[0]).toBe("❤️");
  expect(found("")).toEqual([]);
  expect(found("no such thing")).toEqual([]);
  expect(findEmojis(all, "face", 5)).toHaveLength(5);
});

test("a name that is written out is one emoji", async () => {
  const all = await loadEmojis();
  expect(emojiNamed(all, "+1")).toBe("👍");
  expect(emojiNamed(all, "TADA")).toBe("🎉");
  expect(emojiNamed(all, "tad")).toBeNull();
});

test("the server takes each of them for a reaction", async () => {
  const refused = (await loadEmojis()).filter(({ emoji }) => !isEmoji(emoji));
  expect(refused.map(({ emoji }) => emoji)).toEqual([]);
});
