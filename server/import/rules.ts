/** What happens to that which Parlour's rules do not take as it is: each is printed with its count and examples. */
export const RULES = {
  "name-at": "A user name with @ keeps what stands before it. Its owner logs in with the old name or the new one.",
  "name-signs": "Invisible characters leave a name. Its owner logs in with the old name or the new one.",
  "name-long": "A user name ends after 40 characters. Its owner logs in with the old name or the new one.",
  "name-empty": "A user without a name is called after their id.",
  "name-taken":
    "A name that is another's in its normal form gets a number. Its owner logs in with the old name, spelled exactly so, or the new one.",
  "old-name-lost": "An old name that cannot be typed, or is another's to the letter, logs nobody in: the new one does.",
  "email-left": "An e-mail address that is none, or another account's, is left out.",
  "password-unknown":
    "A password that is no bcrypt or argon2 hash is left out. `parlour password NAME` lets its owner in.",
  "role-dropped": "An administrator who is not named by --admin comes as an ordinary user.",
  inactive: "Who was not active stays so: no login.",
  "joined-time":
    "A time of joining or making that is missing, unreadable or in the future becomes the time of the import.",
  "room-digits": 'A room\'s name of digits alone gets "room-" before it: digits alone are ids.',
  "room-signs": "Invisible characters leave a room's name.",
  "room-long": "A room's name ends after 80 characters.",
  "room-empty": "A room without a name is called after its id.",
  "room-taken": "A public room whose name is another's gets a number.",
  "description-cut": "A description ends after 500 characters, and U+0000 leaves it.",
  "maker-unknown": "A room whose maker is not known has no room admin: the server's admins look after it.",
  "author-unknown": "A message whose author is no longer there belongs to an account that nobody can log in to.",
  "room-unknown": "A message of a room that is not there is left out.",
  "text-signs": "U+0000 leaves a message's text.",
  "text-bytes": "A message's bytes that are no UTF-8 become U+FFFD.",
  "text-empty": "A message without text is left out.",
  "text-long": "A message of more than 8,000 characters or 32 KiB becomes several, one after the other.",
  "taken-back": "A message that was deleted is left out.",
  "message-time":
    "A time that is missing, unreadable, before 1970 or in the future becomes that of the message before it.",
  "id-new": "An id that is no whole number from 1 to 2^52 becomes one.",
  "id-taken": "An id that is taken here becomes another.",
  "id-repeated": "A row without an id, or with the id of another, is left out.",
} as const;

export type Rule = keyof typeof RULES;

export type Note = readonly [rule: Rule, example: string];

const EXAMPLES = 5;

interface Noted {
  count: number;
  examples: string[];
}

export interface KeptReport {
  counts: Report["counts"];
  notes: [Rule, Noted][];
}

/** How far an import is, and what it had to change: kept with each batch, so that a run that was ended tells all. */
export class Report {
  readonly counts = { users: 0, rooms: 0, messages: 0 };
  readonly notes = new Map<Rule, Noted>();

  static from(kept: KeptReport): Report {
    const report = new Report();
    Object.assign(report.counts, kept.counts);
    for (const [rule, noted] of kept.notes) report.notes.set(rule, noted);
    return report;
  }

  note(...notes: readonly Note[]): void {
    for (const [rule, example] of notes) {
      const noted = this.notes.get(rule) ?? { count: 0, examples: [] };
      noted.count += 1;
      if (noted.examples.length < EXAMPLES) noted.examples.push(example);
      this.notes.set(rule, noted);
    }
  }

  /** What was noted, in the order of the rules. */
  lines(): string[] {
    return (Object.keys(RULES) as Rule[]).flatMap((rule) => {
      const noted = this.notes.get(rule);
      if (noted === undefined) return [];
      const more = noted.count > noted.examples.length ? ", …" : "";
      return [`${number(noted.count).padStart(9)}  ${RULES[rule]}`, `           ${noted.examples.join(", ")}${more}`];
    });
  }

  toJSON(): KeptReport {
    return { counts: this.counts, notes: [...this.notes] };
  }
}

export function number(value: number): string {
  return value.toLocaleString("en-US");
}

/** An id of the source, or a name of its tables, as it is where nothing in it could be mistaken. */
export function plain(text: string): string {
  return /^[\w.:-]{1,64}$/.test(text) ? text : shown(text);
}

/** A text of the source on a line of its own report: nothing in it may move the cursor or be mistaken for words. */
export function shown(text: string): string {
  const cut = [...text].length > 40 ? `${[...text].slice(0, 40).join("")}…` : text;
  return JSON.stringify(cut).replace(
    /[\u007f-\u009f\p{Cf}]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
