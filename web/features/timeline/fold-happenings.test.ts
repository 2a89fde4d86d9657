import { expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
import type { Deed, Happening, RoomChange } from "#shared/models.ts";
import { foldHappenings } from "./fold-happenings.ts";

const ANN = { id: 1, username: "ann" };
const BEN = { id: 2, username: "ben" };
const CAT = { id: 3, username: "cat" };
const DAN = { id: 4, username: "dan" };

test("people who come and go one after the other are one line, each of them once", () => {
  const log = [joined(ANN), joined(BEN), left(CAT), joined(DAN), left(DAN), left(ANN), joined(ANN), joined(CAT)];
  expect(lines(log)).toEqual(["ann+ben joined, dan joined and left, cat left and joined again"]);
});

test("whom one person adds, removes or sends out is told in a line for each deed", () => {
  const log = [
    by(ANN, { is: "came", people: [BEN] }),
    by(ANN, { is: "came", people: [CAT, DAN] }),
    by(BEN, { is: "came", people: [CAT] }),
    by(ANN, { is: "left", people: [CAT] }),
    by(ANN, { is: "removed", people: [DAN] }),
    by(ANN, { is: "removed", people: [BEN] }),
    by(ANN, { is: "came", people: [BEN], invited: true }),
  ];
  expect(lines(log)).toEqual([
    "ann added ben+cat+dan",
    "ben added cat",
    "ann sent out cat",
    "ann removed dan+ben",
    "ann invited ben",
  ]);
});

test("a role is told with what it was, and one that somebody takes by themselves apart", () => {
  const role = (who: typeof ANN, is: "moderator" | "member") => by(ANN, { is: "role", people: [who], role: is });
  const log = [role(BEN, "moderator"), role(CAT, "moderator"), role(BEN, "member"), role(ANN, "member")];
  expect(lines(log)).toEqual(["ann role ben+cat moderator", "ann role ben member", "ann role ann member"]);
});

test("changes of the room by one person are one line, each of them once", () => {
  const change = (...changes: RoomChange[]) => by(ANN, { is: "changed", changes });
  const log = [change("name", "description"), change("description"), change("archived")];
  expect(lines(log)).toEqual(["ann changed name+description+archived"]);
});

test("the first that happens in a room is that somebody made it, or began the conversation", () => {
  const first = (people: (typeof ANN)[]) => foldHappenings([{ ...by(ANN, { is: "came", people }), seq: 1 }])[0]?.said;
  expect(first([ANN])).toEqual([{ is: "made", by: ANN, isTalk: false }]);
  expect(first([ANN, BEN])).toEqual([{ is: "made", by: ANN, isTalk: true }]);
});

test("where as much happened as is kept, it is said that there may be more", () => {
  const many = Array.from({ length: limits.namedBetween }, (_, at) => joined({ id: at + 1, username: `p${at}` }));
  expect(foldHappenings(many).map(({ isCut }) => isCut)).toEqual([true]);
  expect(foldHappenings(many.slice(1)).map(({ isCut }) => isCut)).toEqual([false]);
});

test("a deed of a kind that is not known yet is passed over", () => {
  expect(lines([by(ANN, { is: "painted", people: [BEN] } as unknown as Deed), joined(BEN)])).toEqual(["ben joined"]);
});

function by(who: typeof ANN, deed: Deed): Happening {
  return { seq: 7, timestamp: "2026-05-12T12:00:00.000Z", by: who, deed };
}

function joined(who: typeof ANN): Happening {
  return by(who, { is: "came", people: [who] });
}

function left(who: typeof ANN): Happening {
  return by(who, { is: "left", people: [who] });
}

function lines(between: readonly Happening[]): string[] {
  return foldHappenings(between).map(({ said }) =>
    said
      .map((each) => {
        const who = "by" in each ? `${each.by.username} ${each.is} ` : "";
        const people = "people" in each ? each.people.map(({ username }) => username).join("+") : "";
        const more = each.is === "role" ? ` ${each.role}` : each.is === "changed" ? each.changes.join("+") : "";
        return who ? `${who}${people}${more}` : `${people} ${each.is}`;
      })
      .join(", "),
  );
}
