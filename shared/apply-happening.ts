import type { MemberRenamed, RoomEvent } from "./events.ts";
import { limits } from "./limits.ts";
import type { ActiveUser, Deed, Happening } from "./models.ts";

type Happenings = readonly Happening[];

/** What a timeline shows, after an event of the room; `newest` is the seq of the newest message before it. */
export function happeningsAfter(happenings: Happenings, event: RoomEvent, newest: number): Happenings {
  if (event.type === "member.renamed") return withNames(happenings, event);
  if (!("happened" in event) || event.happened === undefined) return happenings;
  const { seq, timestamp, happened } = event;
  const start = happenings.findLastIndex((known) => known.seq < newest) + 1;
  const since = [...happenings.slice(start), { seq, timestamp, ...happened }];
  return [...happenings.slice(0, start), ...newestNamed(since)];
}

/** Happenings of two stretches of one log, or of stretches that overlap. */
export function happeningsOf(some: Happenings, others: Happenings): Happenings {
  if (some.length === 0 || others.length === 0) return some.length === 0 ? others : some;
  const bySeq = new Map([...some, ...others].map((happening) => [happening.seq, happening]));
  return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

/** With the names of whoever was renamed since they were read. */
export function happeningsSince(happenings: Happenings, events: readonly RoomEvent[]): Happening[] {
  let now = happenings;
  for (const event of events) if (event.type === "member.renamed") now = withNames(now, event);
  return [...now];
}

/** Of what happened between two messages, oldest first, as much as a page holds: the newest, and one at least. */
function newestNamed(between: Happenings): Happenings {
  let named = 0;
  const last = between.length - 1;
  const first = between.findLastIndex((happening, at) => {
    named += namedIn(happening.deed);
    return named > limits.namedBetween && at < last;
  });
  return between.slice(first + 1);
}

/** How many people or changes it names. */
export function namedIn(deed: Deed): number {
  return "people" in deed ? deed.people.length : 1;
}

function withNames(happenings: Happenings, event: MemberRenamed): Happenings {
  const named = (person: ActiveUser) =>
    person.id === event.user_id ? { id: person.id, username: event.username } : person;
  return happenings.map((happening) => {
    const { by, deed } = happening;
    const people = "people" in deed ? deed.people : [];
    if (![by, ...people].some(({ id }) => id === event.user_id)) return happening;
    const known = "people" in deed ? { ...deed, people: deed.people.map(named) } : deed;
    return { ...happening, by: named(by), deed: known };
  });
}
