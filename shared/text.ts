import { limits } from "./limits.ts";

const encoder = new TextEncoder();

export function utf8Bytes(text: string): number {
  // Nothing shorter than a third of the limit can exceed it, and counting costs an encode.
  return encoder.encode(text).length;
}

/** U+0000 and lone surrogates: PostgreSQL refuses the first, and no database stores the second as it was sent. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}

export type ContentFault = "bad_text" | "empty" | "too_long";

/** Whether a message may be sent as it is. Returns the error's code, or null. */
export function contentFault(content: string): ContentFault | null {
  if (!isStorable(content)) return "bad_text";
  if (isBlank(content)) return "empty";
  if (content.length * 3 > limits.contentBytes && utf8Bytes(content) > limits.contentBytes) return "too_long";
  if (content.length > limits.contentGraphemes && graphemesExceed(content, limits.contentGraphemes)) {
    return "too_long";
  }
  return null;
}

// Default-ignorable characters draw nothing: a message of them alone would be an empty bubble.
const BLANK = /^[\s\p{Default_Ignorable_Code_Point}\u2800]*$/u;

export function isBlank(text: string): boolean {
  const first = text.charCodeAt(0);
  if (first > 32 && first < 127) return false;
  return BLANK.test(text);
}

function graphemesExceed(text: string, most: number): boolean {
  let count = 0;
  for (const _ of new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text)) {
    count += 1;
    if (count > most) return true;
  }
  return false;
}
