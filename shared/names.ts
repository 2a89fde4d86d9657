import { limits } from "./limits.ts";
import { isStorable } from "./text.ts";

/** A name as it is shown, and the key under which two names count as the same. */
export interface Name {
  readonly shown: string;
  readonly key: string;
}

export type NameFault = { fault: string };

// Bidirectional controls, zero-width and other invisible characters, and controls: they make two names look alike.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** The one normal form of a room's name: 1 to 80 characters, not digits alone (those are ids). */
export function roomName(text: string): Name | NameFault {
  const name = normalName(text, limits.roomNameLength);
  if ("fault" in name) return name;
  if (/^\p{Nd}+$/u.test(name.shown)) return { fault: "A room's name cannot be digits alone: those are ids." };
  return name;
}

/** The key of a part of a name, for looking for names that hold it; empty: all do, and null: no name can. */
export function namePart(text: string, most: number = limits.usernameLength): string | null {
  if (text.trim() === "") return "";
  const name = normalName(text, most);
  return "fault" in name ? null : name.key;
}

/** The one normal form of a person's name: 1 to 40 characters and no @, which would read as an e-mail address. */
export function userName(text: string): Name | NameFault {
  const name = normalName(text, limits.usernameLength);
  if ("fault" in name) return name;
  if (name.shown.includes("@")) return { fault: "A user name cannot contain @." };
  return name;
}

/** How somebody wants to be called, beside their user name: nothing, or 1 to 40 characters. */
export function displayName(text: string): Name | NameFault {
  if (text.trim() === "") return { shown: "", key: "" };
  return normalName(text, limits.usernameLength);
}

function normalName(text: string, most: number): Name | NameFault {
  if (!isStorable(text)) return { fault: "A name may not contain U+0000 or half of a surrogate pair." };
  // Not \s: that holds U+FEFF and the line separators too, which are refused.
  const shown = text
    .normalize("NFKC")
    .replace(/[\p{Zs}\t\n\r]+/gu, " ")
    .replace(/^ | $/g, "");
  if (INVISIBLE.test(shown)) return { fault: "A name may not contain invisible or text-direction characters." };
  const length = [...shown].length;
  if (length === 0) return { fault: "A name needs at least one character." };
  if (length > most) return { fault: `A name may have ${most} characters.` };
  return { shown, key: nameKey(shown) };
}

/** Names are kept, compared and looked for by this key, all of them alike. */
export function nameKey(shown: string): string {
  const folded = shown.toLowerCase().normalize("NFKC");
  return isAscii(folded) ? folded : skeleton(folded);
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
}

/**
 * Folds letters that look like Latin ones onto them, so that "аdmin" with a Cyrillic а meets "admin". The pairs are
 * the single-character Cyrillic and Greek look-alikes of Unicode's confusables list (UTS #39); it is used only for
 * names that are not plain ASCII, so ordinary names never pay for it or collide through it.
 */
function skeleton(folded: string): string {
  let out = "";
  for (const char of folded) out += CONFUSABLE.get(char) ?? char;
  return out;
}

const CONFUSABLE = new Map<string, string>(
  Object.entries({
    а: "a",
    в: "b",
    с: "c",
    ԁ: "d",
    е: "e",
    ғ: "f",
    ԍ: "g",
    һ: "h",
    і: "i",
    ї: "i",
    ј: "j",
    к: "k",
    ӏ: "l",
    м: "m",
    п: "n",
    о: "o",
    р: "p",
    ԛ: "q",
    г: "r",
    ѕ: "s",
    т: "t",
    ц: "u",
    ѵ: "v",
    ԝ: "w",
    х: "x",
    у: "y",
    α: "a",
    β: "b",
    ε: "e",
    η: "n",
    ι: "i",
    κ: "k",
    ν: "v",
    ο: "o",
    ρ: "p",
    τ: "t",
    υ: "u",
    χ: "x",
    ı: "i",
    ɑ: "a",
    ɡ: "g",
    ʏ: "y",
    ѡ: "w",
    ω: "w",
  }),
);
