import { calledIn } from "#shared/mentions.ts";
import type { Mentions } from "#shared/models.ts";

export interface CallPart {
  readonly text: string;
  /** What it calls; null: nobody. */
  readonly call: { readonly kind: "person" | "group"; readonly id: number } | { readonly kind: "everybody" } | null;
}

/** Cuts a text at what calls somebody by what the server found there. Everything else that begins with an @ is text. */
export function withCalls(text: string, mentions: Mentions | undefined): CallPart[] {
  if (mentions === undefined) return [{ text, call: null }];
  const parts: CallPart[] = [];
  let done = 0;
  for (const called of calledIn(text)) {
    const call = called.kind === "name" ? named(called.name, mentions) : everybody(called.kind, mentions);
    if (call === null) continue;
    if (called.from > done) parts.push({ text: text.slice(done, called.from), call: null });
    parts.push({ text: text.slice(called.from, called.to), call });
    done = called.to;
  }
  if (done < text.length) parts.push({ text: text.slice(done), call: null });
  return parts;
}

function named(name: string, { people = [], groups = [] }: Mentions): CallPart["call"] {
  const key = name.normalize("NFKC").toLowerCase();
  const is = ({ as }: { as: string }) => as.normalize("NFKC").toLowerCase() === key;
  const group = groups.find(is);
  if (group) return { kind: "group", id: group.id };
  const person = people.find(is);
  return person ? { kind: "person", id: person.id } : null;
}

function everybody(kind: "room" | "here", mentions: Mentions): CallPart["call"] {
  return mentions[kind] ? { kind: "everybody" } : null;
}
