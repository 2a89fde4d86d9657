import type { Group } from "#shared/contract/notify.ts";
import { callOf } from "#shared/mentions.ts";
import type { Member } from "#shared/models.ts";

/** A name that is being written behind an @, and where it stands. */
export interface WrittenCall {
  readonly from: number;
  readonly part: string;
}

const WRITTEN = /(?<![\p{L}\p{M}\p{N}_@/.+=&#%-])@(?:"([^"\n]{0,40})|([\p{L}\p{M}\p{N}_.-]{0,40}))$/u;

/** Null: nobody is being called where the caret stands. */
export function callAt(text: string, caret: number): WrittenCall | null {
  const found = WRITTEN.exec(text.slice(0, caret));
  return found && { from: found.index, part: (found[1] ?? found[2] ?? "").normalize("NFKC").toLowerCase() };
}

export interface Choice {
  /** What is put into the text. */
  readonly call: string;
  readonly title: string;
  readonly hint: string;
  readonly person: Member | null;
  /** What stands before it where no person does. */
  readonly sign?: string;
}

const MOST = 8;

/** Whom somebody may mean: those whose name begins so, then those in whose name a word does. */
export function choicesFor(
  part: string,
  known: { members: readonly Member[]; groups: readonly Group[]; everybody: boolean },
): Choice[] {
  const all = [
    ...known.members.map(choiceOf),
    ...known.groups.map(({ name, user_ids }) => ({
      call: `@${name}`,
      title: name,
      hint: user_ids.length === 1 ? "Group of 1 person" : `Group of ${user_ids.length} people`,
      person: null,
    })),
    ...(known.everybody ? EVERYBODY : []),
  ];
  const first = all.filter((choice) => namesOf(choice).some((name) => name.startsWith(part)));
  const later = all.filter((choice) => namesOf(choice).some((name) => name.includes(` ${part}`)));
  return [...new Set([...first, ...later])].slice(0, MOST);
}

const EVERYBODY: readonly Choice[] = [
  { call: "@here", title: "here", hint: "Everybody who is connected now", person: null },
  { call: "@room", title: "room", hint: "Everybody in this room", person: null },
];

function choiceOf(member: Member): Choice {
  const { username, display_name: name } = member;
  return { call: callOf(username), title: name ?? username, hint: name ? username : "", person: member };
}

function namesOf({ title, hint, person }: Choice): string[] {
  return [title, ...(person ? [hint] : [])].map((name) => name.normalize("NFKC").toLowerCase());
}
