import { limits } from "./limits.ts";
import { utf8Bytes } from "./text.ts";

// A keycap is a digit, a variation selector and U+20E3; a flag two regional indicators; the rest begins pictographic.
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic}\ufe0f?\p{Emoji_Modifier}?)$/v;

/** Whether a text is one emoji, as a person's keyboard gives it, and nothing beside it. */
export function isEmoji(text: string): boolean {
  if (text === "" || text.length > limits.emojiBytes || utf8Bytes(text) > limits.emojiBytes) return false;
  return EMOJI.test(text);
}
