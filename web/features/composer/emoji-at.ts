import { emojiNamed, findEmojis, type KnownEmoji } from "#web/ui/find-emojis.ts";
import type { Choice, WrittenCall } from "./call-at.ts";

const WRITTEN = /(?<![\p{L}\p{M}\p{N}_:/])(:([a-z0-9_+-]{2,40}))$/iu;
const CLOSED = /(?<![\p{L}\p{M}\p{N}_:/])(:([a-z0-9_+-]{1,40}):)$/iu;

/** The name of an emoji that is being written behind a colon: two letters at least, or every ":-" would open a list. */
export function emojiAt(text: string, caret: number): WrittenCall | null {
  const found = WRITTEN.exec(text.slice(0, caret));
  return found && { from: found.index, part: found[2] ?? "" };
}

export function emojiChoices(all: readonly KnownEmoji[], part: string): Choice[] {
  return findEmojis(all, part, 8).map(({ emoji, names }) => {
    return { call: emoji, title: `:${names[0]}:`, hint: "", person: null, sign: emoji };
  });
}

/** The text with the emoji in the place of a name that was closed by a colon just before the caret; null: it was not. */
export function emojiClosed(
  all: readonly KnownEmoji[],
  text: string,
  caret: number,
): { text: string; caret: number } | null {
  const found = CLOSED.exec(text.slice(0, caret));
  const emoji = found && emojiNamed(all, found[2] ?? "");
  if (!found || !emoji) return null;
  return { text: text.slice(0, found.index) + emoji + text.slice(caret), caret: found.index + emoji.length };
}
