/** A room and what was said in it, as a file of `talk/` tells it. */
export interface RoomTalk {
  readonly name: string;
  readonly about: string;
  readonly kind: "public" | "private";
  /** Who made the room; the others came. */
  readonly by: string;
  readonly with: readonly string[];
  /** Who has not read how many of the last messages. */
  readonly unread: ReadonlyMap<string, number>;
  readonly parts: readonly TalkPart[];
}

/** What was said in one go. It has a beginning, or an end so near to now that it could not be told by a clock. */
export interface TalkPart {
  readonly when: { daysAgo: number; hour: number; minute: number } | { endsMinutesAgo: number };
  readonly said: readonly Said[];
}

export interface Said {
  readonly who: string;
  readonly text: string;
  /** Minutes of silence before it, besides the time that it takes to write. */
  readonly pause: number;
  /** What others did with it, in this order. */
  readonly answers: readonly Answer[];
}

export type Answer =
  | { readonly kind: "react"; readonly who: readonly string[]; readonly emoji: string }
  | { readonly kind: "reply"; readonly who: string; readonly text: string }
  | { readonly kind: "pin"; readonly who: string };

/**
 * Reads `key: value` lines, then parts under `== 3 days ago, 09:15` or `== ends 9m ago`. In a part, `bob: …` is a
 * message, lines that are indented by two belong to the message before them, and `-- 1h 5m` is a silence. Under a message
 * `+ 😄 bob, dan` are reactions to it, `> dan: …` is a reply in its thread, and `! alice` says who pinned it.
 */
export function parseTalk(text: string): RoomTalk {
  const [head = "", ...parts] = text.split(/^(?=== )/m);
  const facts = new Map(head.trim().split("\n").map(parseFact));
  const fact = (key: string) => facts.get(key) ?? fault(`there is no "${key}:"`);
  const kind = facts.get("kind") ?? "public";
  return {
    name: fact("room"),
    about: fact("about"),
    kind: kind === "public" || kind === "private" ? kind : fault(`a room cannot be "${kind}"`),
    by: fact("by"),
    with: listed(fact("with")),
    unread: new Map(listed(facts.get("unread") ?? "").map(parseUnread)),
    parts: parts.map(parsePart),
  };
}

function parseFact(line: string): [string, string] {
  const [, key = "", value = ""] = /^([a-z]+): (.+)$/.exec(line) ?? fault(`"${line}" says nothing of the room`);
  return [key, value];
}

function parseUnread(text: string): [string, number] {
  const [, who = "", count = ""] = /^([a-z]+) (\d+)$/.exec(text) ?? fault(`"${text}" is not like "alice 3"`);
  return [who, Number(count)];
}

function parsePart(text: string): TalkPart {
  const [title = "", ...lines] = text.trimEnd().split("\n");
  const said: { who: string; text: string; pause: number; answers: Answer[] }[] = [];
  let pause = 0;
  let blank = "";
  for (const line of lines) {
    const spoken = /^([a-z]+): (.+)$/.exec(line);
    const last = said.at(-1);
    if (line === "") blank += "\n";
    else if (line.startsWith("-- ")) pause += minutesOf(line.slice(3));
    else if (spoken?.[1] && spoken[2]) said.push({ who: spoken[1], text: spoken[2], pause, answers: [] });
    else if (/^[+>!] /.test(line) && last) last.answers.push(parseAnswer(line));
    else if (line.startsWith("  ") && last) last.text += `\n${blank}${line.slice(2)}`;
    else fault(`"${line}" is not a message`);
    if (line !== "") blank = "";
    if (spoken) pause = 0;
  }
  return { when: parseWhen(title), said };
}

function parseAnswer(line: string): Answer {
  const [, emoji, people] = /^\+ (\S+) (.+)$/.exec(line) ?? [];
  if (emoji !== undefined) return { kind: "react", emoji, who: listed(people ?? "") };
  const [, pinner] = /^! ([a-z]+)$/.exec(line) ?? [];
  if (pinner !== undefined) return { kind: "pin", who: pinner };
  const [, who = "", text = ""] = /^> ([a-z]+): (.+)$/.exec(line) ?? fault(`"${line}" does nothing with a message`);
  return { kind: "reply", who, text };
}

function parseWhen(title: string): TalkPart["when"] {
  const [, days, hour, minute] = /^== (\d+) days? ago, (\d\d):(\d\d)$/.exec(title) ?? [];
  if (days !== undefined) return { daysAgo: Number(days), hour: Number(hour), minute: Number(minute) };
  const [, ends] = /^== ends (.+) ago$/.exec(title) ?? fault(`"${title}" is no time`);
  return { endsMinutesAgo: minutesOf(ends ?? "") };
}

function minutesOf(text: string): number {
  const [, hours = "0", minutes = "0"] = /^(?:(\d+)h)? ?(?:(\d+)m)?$/.exec(text) ?? fault(`"${text}" is no time`);
  return Number(hours) * 60 + Number(minutes);
}

function listed(text: string): string[] {
  return text.split(", ").filter((part) => part !== "");
}

function fault(what: string): never {
  throw new Error(`The talk does not parse: ${what}.`);
}
