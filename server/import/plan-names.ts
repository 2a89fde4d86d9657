import { type Name, type NameFault, roomName, userName } from "#shared/names.ts";
import type { Note } from "./rules.ts";
import { shown } from "./rules.ts";

export interface Named {
  /** As the source has it. */
  readonly old: string;
  /** What it is called after when nothing of its name can stay. */
  readonly id: string;
}

export interface GivenName extends Name {
  readonly notes: readonly Note[];
}

export type Rules = typeof FOR_USERS | typeof FOR_ROOMS;

export const FOR_USERS = {
  normal: userName,
  most: 40,
  word: "user",
  at: "name-at",
  signs: "name-signs",
  long: "name-long",
  empty: "name-empty",
  taken: "name-taken",
} as const;

export const FOR_ROOMS = {
  normal: roomName,
  most: 80,
  word: "room",
  at: null,
  signs: "room-signs",
  long: "room-long",
  empty: "room-empty",
  taken: "room-taken",
} as const;

/**
 * A name for each, none of them taken and no two the same. Names that can stay come first: nobody loses theirs to one
 * that was changed into it.
 */
export function planNames(all: readonly Named[], taken: Set<string>, rules: Rules): GivenName[] {
  const given: (GivenName | undefined)[] = all.map(({ old }) => {
    const name = rules.normal(old);
    if ("fault" in name || taken.has(name.key)) return undefined;
    taken.add(name.key);
    return { ...name, notes: [] };
  });
  return all.map((named, index) => {
    const known = given[index];
    if (known) return known;
    const notes: Note[] = [];
    const base = mended(named, rules, notes);
    const name = free(base, taken, rules);
    taken.add(name.key);
    const change = `${shown(named.old)} → ${name.shown}`;
    if (name.shown !== base && notes.length === 0) notes.push([rules.taken, ""]);
    return { ...name, notes: notes.map(([rule]) => [rule, change]) };
  });
}

function mended({ old, id }: Named, rules: Rules, notes: Note[]): string {
  let text = old.toWellFormed().normalize("NFKC");
  if (rules.at !== null && text.includes("@")) {
    notes.push([rules.at, ""]);
    text = text.replace(/(?<=\S)@.*$/su, "").replaceAll("@", "");
  }
  const visible = [...text].filter((char) => !("fault" in rules.normal(`a${char}a`))).join("");
  if (visible !== text) notes.push([rules.signs, ""]);
  text = visible.replace(/\s+/gu, " ").trim();
  const cut = [...text].slice(0, rules.most).join("").trim();
  if (cut !== text) notes.push([rules.long, ""]);
  text = cut;
  if (text === "") {
    notes.push([rules.empty, ""]);
    return `${rules.word}-${id}`.slice(0, rules.most);
  }
  if (rules.word === "room" && /^\p{Nd}+$/u.test(text)) {
    notes.push(["room-digits", ""]);
    return `room-${text}`.slice(0, rules.most);
  }
  return text;
}

function free(base: string, taken: ReadonlySet<string>, rules: Rules): Name {
  for (let number = 1; ; number++) {
    const ending = number === 1 ? "" : `-${number}`;
    const room = rules.most - ending.length;
    const name = normal(`${[...base].slice(0, room).join("").trim()}${ending}`, rules);
    if (!("fault" in name) && !taken.has(name.key)) return name;
    // What is left of a mended name is one: this is for what nobody thought of.
    if ("fault" in name && number > 1) return free(rules.word, taken, rules);
  }
}

function normal(text: string, rules: Rules): Name | NameFault {
  return rules.normal(text);
}
