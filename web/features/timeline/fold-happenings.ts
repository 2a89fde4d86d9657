import { namedIn } from "#shared/apply-happening.ts";
import { limits } from "#shared/limits.ts";
import type { ActiveUser, Happening, RoomChange, RoomRole } from "#shared/models.ts";

/** One thing that a line says. */
export type Said =
  | { readonly is: "made"; readonly by: ActiveUser; readonly isTalk: boolean }
  | { readonly is: Going; readonly people: readonly ActiveUser[] }
  | { readonly is: Putting; readonly by: ActiveUser; readonly people: readonly ActiveUser[] }
  | { readonly is: "role"; readonly by: ActiveUser; readonly people: readonly ActiveUser[]; readonly role: RoomRole }
  | { readonly is: "changed"; readonly by: ActiveUser; readonly changes: readonly RoomChange[] };

/** Of one's own will. */
type Going = (typeof GOINGS)[number];
type Putting = "added" | "invited" | "removed" | "sent out";

/** What happened one after the other and is of one kind. */
export interface Line {
  readonly key: string;
  /** When the last of it happened. */
  readonly at: number;
  readonly said: readonly Said[];
  /** So much happened there that not all of it is here. */
  readonly isCut: boolean;
}

/** What happened between two messages, in as few lines as its order lets it be said. */
export function foldHappenings(between: readonly Happening[]): Line[] {
  const isCut = between.reduce((named, { deed }) => named + namedIn(deed), 0) >= limits.namedBetween;
  const lines: Line[] = [];
  for (let from = 0; from < between.length; ) {
    const first = between[from] as Happening; // from is within the list
    let to = from + 1;
    while (to < between.length && kindOf(between[to] as Happening) === kindOf(first)) to += 1;
    const run = between.slice(from, to);
    const at = Date.parse((run.at(-1) ?? first).timestamp);
    const said = say(first, run);
    if (said.length > 0) lines.push({ key: `h${first.seq}`, at, said, isCut });
    from = to;
  }
  return lines;
}

/** Those of one kind, one after the other, are one line. */
function kindOf({ seq, by, deed }: Happening): string {
  switch (deed.is) {
    case "came":
    case "left":
      if (seq === 1) return "made";
      return isOwn(by, deed.people) ? "going" : `${deed.is} ${by.id} ${"invited" in deed}`;
    case "removed":
    case "changed":
      return `${deed.is} ${by.id}`;
    case "role":
      return `${deed.role} ${by.id} ${isOwn(by, deed.people)}`;
    default:
      deed satisfies never;
      return "newer than this program";
  }
}

function isOwn(by: ActiveUser, people: readonly ActiveUser[]): boolean {
  return people.length === 1 && people[0]?.id === by.id;
}

function say({ seq, by, deed }: Happening, run: readonly Happening[]): Said[] {
  switch (deed.is) {
    case "came":
    case "left":
      if (seq === 1) return [{ is: "made", by, isTalk: deed.people.length > 1 }];
      if (isOwn(by, deed.people)) return sayGoings(run);
      if (deed.is === "left") return [{ is: "sent out", by, people: peopleIn(run) }];
      return [{ is: deed.invited ? "invited" : "added", by, people: peopleIn(run) }];
    case "removed":
      return [{ is: "removed", by, people: peopleIn(run) }];
    case "role":
      return [{ is: "role", by, people: peopleIn(run), role: deed.role }];
    case "changed": {
      const changes = run.flatMap((each) => (each.deed.is === "changed" ? each.deed.changes : []));
      return [{ is: "changed", by, changes: [...new Set(changes)] }];
    }
    default:
      deed satisfies never;
      return [];
  }
}

/** Everybody once, however often they were named: as they were named last. */
function peopleIn(run: readonly Happening[]): ActiveUser[] {
  const people = run.flatMap(({ deed }) => ("people" in deed ? deed.people : []));
  return [...new Map(people.map((person) => [person.id, person])).values()];
}

const GOINGS = ["joined", "left", "joined and left", "left and joined again"] as const;

/** Whoever came and went, however often, is named once. */
function sayGoings(run: readonly Happening[]): Said[] {
  const goings = new Map<number, Going>();
  for (const { by, deed } of run) {
    const isIn = deed.is === "came";
    const wasIn = goings.get(by.id)?.startsWith("left") ?? !isIn;
    if (wasIn) goings.set(by.id, isIn ? "left and joined again" : "left");
    else goings.set(by.id, isIn ? "joined" : "joined and left");
  }
  const people = peopleIn(run);
  return GOINGS.map((is) => ({ is, people: people.filter(({ id }) => goings.get(id) === is) })).filter(
    (said) => said.people.length > 0,
  );
}
