import { expect, test } from "bun:test";
import { happeningsAfter, happeningsOf } from "./apply-happening.ts";
import type { RoomEvent } from "./events.ts";
import { limits } from "./limits.ts";
import type { Happening } from "./models.ts";

test("one that names more than are kept stands alone until something else happens", () => {
  const crowd = after([came(2, 3)], came(3, limits.namedBetween + 40));
  expect(seqs(crowd)).toEqual([3]);
  expect(seqs(after(crowd, came(4, 1)))).toEqual([4]);
});

test("what happened before the newest message stays however much happens after it", () => {
  let happenings: readonly Happening[] = [came(2, limits.namedBetween), came(4, 1)];
  for (let seq = 6; seq < 6 + 2 * limits.namedBetween; seq++) happenings = after(happenings, came(seq, 1), 5);
  const newest = Array.from({ length: limits.namedBetween }, (_, at) => 6 + limits.namedBetween + at);
  expect(seqs(happenings)).toEqual([2, 4, ...newest]);
});

test("an event of which it is not known what happened changes nothing", () => {
  const { happened: _, ...bare } = eventOf(came(3, 1));
  const happenings = [came(2, 1)];
  expect(happeningsAfter(happenings, bare as RoomEvent, 1)).toBe(happenings);
});

test("a new name is found in everything that somebody did or had done to them", () => {
  const renamed = { type: "member.renamed", room_id: 1, seq: 9, timestamp: "", actor_id: 1 } as const;
  const after = happeningsAfter([came(2, 3), came(3, 1)], { ...renamed, user_id: 2, username: "bo" }, 1);
  expect(JSON.stringify(after)).toBe(JSON.stringify([came(2, 3), came(3, 1)]).replaceAll("user2", "bo"));
});

test("stretches of one log that overlap have nothing twice", () => {
  expect(seqs(happeningsOf([came(2, 1), came(5, 1)], [came(5, 1), came(3, 1)]))).toEqual([2, 3, 5]);
});

const person = (id: number) => ({ id, username: `user${id}` });
const seqs = (happenings: readonly Happening[]) => happenings.map(({ seq }) => seq);

function came(seq: number, count: number): Happening {
  const people = Array.from({ length: count }, (_, at) => person(at + 1));
  return { seq, timestamp: "2026-05-12T12:00:00.000Z", by: person(1), deed: { is: "came", people } };
}

function eventOf({ seq, timestamp, by, deed }: Happening): Extract<RoomEvent, { happened?: unknown }> {
  return { type: "members.added", room_id: 1, seq, timestamp, actor_id: by.id, members: [], happened: { by, deed } };
}

function after(happenings: readonly Happening[], happening: Happening, newest = 1): readonly Happening[] {
  return happeningsAfter(happenings, eventOf(happening), newest);
}
