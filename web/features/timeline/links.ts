export type TextPart =
  | { readonly text: string; readonly href?: undefined }
  | { readonly text: string; readonly href: string };

const LINK = /https?:\/\/[^\s<>"]+/giu;
const CLOSING: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

/** Cuts a text into plain parts and http(s) addresses. Nothing else becomes a link, and nothing becomes HTML. */
export function withLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let done = 0;
  for (const match of text.matchAll(LINK)) {
    const address = withoutTrailing(match[0]);
    const href = safeHref(address);
    if (href === null) continue;
    if (match.index > done) parts.push({ text: text.slice(done, match.index) });
    parts.push({ text: address, href });
    done = match.index + address.length;
  }
  if (done < text.length) parts.push({ text: text.slice(done) });
  return parts;
}

/** The full stop that ends the sentence, and a bracket that was opened before the address, are not part of it. */
function withoutTrailing(address: string): string {
  const loose = looseBrackets(address);
  let end = address.length;
  while (end > 0) {
    const last = address.charAt(end - 1);
    const surplus = loose.get(last) ?? 0;
    if (surplus > 0) loose.set(last, surplus - 1);
    else if (!/[.,;:!?'*_~…。、，！？»”’]/u.test(last)) break;
    end -= 1;
  }
  return address.slice(0, end);
}

/** For each closing bracket, how many more of it there are than of its opening one. */
function looseBrackets(address: string): Map<string, number> {
  const loose = new Map(Object.keys(CLOSING).map((closing) => [closing, 0]));
  const closingOf = new Map(Object.entries(CLOSING).map(([closing, opening]) => [opening, closing]));
  for (const char of address) {
    const opened = closingOf.get(char);
    if (opened !== undefined) loose.set(opened, (loose.get(opened) ?? 0) - 1);
    else if (loose.has(char)) loose.set(char, (loose.get(char) ?? 0) + 1);
  }
  return loose;
}

function safeHref(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, hostname, href } = new URL(address);
  return (protocol === "http:" || protocol === "https:") && hostname !== "" ? href : null;
}
