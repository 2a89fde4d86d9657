import { calledIn } from "#shared/mentions.ts";
import { contentFault } from "#shared/text.ts";

interface Forwarded {
  /** What whoever forwards it says to it. */
  readonly comment: string;
  readonly author: string;
  readonly content: string;
  /** Where it stands: those who may read it there can follow. */
  readonly link: string;
}

/** A message as it is told elsewhere: its words as a quote, who said them, and where. Null: the comment is too long. */
export function forwardText({ comment, author, content, link }: Forwarded): string | null {
  const head = comment.trim() === "" ? "" : `${comment.trim()}\n`;
  const textOf = (words: string) => `${head}${quoted(words)}\n— ${author}, ${link}`;
  const whole = uncalled(content);
  if (contentFault(textOf(whole)) === null) return textOf(whole);
  const graphemes = [...whole];
  let most = graphemes.length;
  while (most > 0) {
    most = Math.floor(most * 0.9);
    const text = textOf(`${graphemes.slice(0, most).join("")}…`);
    if (contentFault(text) === null) return text;
  }
  return null;
}

function quoted(words: string): string {
  return words
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");
}

/** Whoever was called where it was said is not called again. */
function uncalled(content: string): string {
  return calledIn(content).length === 0 ? content : content.replaceAll("@", "@\u2060");
}
