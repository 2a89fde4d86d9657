import { limits } from "./limits.ts";
import { userName } from "./names.ts";

/**
 * What a text calls by `@`. Without quotes it is a run of letters, digits and `_`, with `.` and `-` between them; any other
 * name stands in quotes, a quote within it written twice. `@room` and `@here` without quotes are everybody, never a person.
 */
export type Called =
  | { readonly kind: "room" | "here"; readonly from: number; readonly to: number }
  | {
      readonly kind: "name";
      readonly from: number;
      readonly to: number;
      readonly name: string;
      readonly isQuoted: boolean;
    };

// Not behind a letter or a slash: e-mail addresses and links call nobody.
const CALL =
  /(?<![\p{L}\p{M}\p{N}_@/.+=&#%-])@(?:"((?:[^"\n]|""){1,120})"|([\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}_])?))/gu;
const PLAIN = /^[\p{L}\p{M}\p{N}_](?:[\p{L}\p{M}\p{N}_.-]*[\p{L}\p{M}\p{N}_])?$/u;

/** In the order of the text. Whether anybody has such a name is not known here. */
export function calledIn(content: string): Called[] {
  if (!content.includes("@")) return [];
  const found: Called[] = [];
  for (const match of content.matchAll(CALL)) {
    const [text, quoted, plain] = match;
    const place = { from: match.index, to: match.index + text.length };
    if (quoted !== undefined)
      found.push({ kind: "name", ...place, name: quoted.replaceAll('""', '"'), isQuoted: true });
    else if (plain === "room" || plain === "here") found.push({ kind: plain, ...place });
    else if (plain !== undefined && plain.length <= limits.usernameLength * 2) {
      found.push({ kind: "name", ...place, name: plain, isQuoted: false });
    }
  }
  return found;
}

/** How a person is called in a text, whatever their name. */
export function callOf(username: string): string {
  return isPlain(username) ? `@${username}` : `@"${username.replaceAll('"', '""')}"`;
}

/** Whether a name needs no quotes: a group's never does. */
export function isPlain(name: string): boolean {
  return PLAIN.test(name) && name !== "room" && name !== "here";
}

/** The key under which a called name is looked up; null: nobody can have it. */
export function calledKey(name: string): string | null {
  const made = userName(name);
  return "fault" in made ? null : made.key;
}

/** The first of the keywords that the text holds as words of its own, whatever their case. */
export function keywordIn(content: string, keywords: readonly string[]): string | null {
  if (keywords.length === 0) return null;
  const text = folded(content);
  return keywords.find((keyword) => holds(text, folded(keyword))) ?? null;
}

function folded(text: string): string {
  return text.normalize("NFKC").toLowerCase();
}

const LETTER_BEFORE = /[\p{L}\p{M}\p{N}_]$/u;
const LETTER_AFTER = /^[\p{L}\p{M}\p{N}_]/u;

/** A border is asked for only where the keyword itself begins or ends with a letter: "c++" has none behind it. */
function holds(text: string, word: string): boolean {
  if (word === "") return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = LETTER_AFTER.test(word) && LETTER_BEFORE.test(text.slice(Math.max(0, at - 2), at));
    const end = at + word.length;
    const after = LETTER_BEFORE.test(word) && LETTER_AFTER.test(text.slice(end, end + 2));
    if (!before && !after) return true;
  }
  return false;
}
