import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import type { Level, Mentions, Preferences } from "./models.ts";
import { DEFAULTS, decide, isCalled, type Place, quietAt, type Reason } from "./notify.ts";

const ME = 7;
const NOW = Date.parse("2030-01-15T12:00:00.000Z");

const mostly = fc.constantFrom(true, true, true, true, true, false);
const rarely = fc.constantFrom(true, false, false, false, false, false);
const levels = fc.constantFrom("all", "mentions", "nothing");
const mentions: fc.Arbitrary<Mentions | undefined> = fc.oneof(
  fc.constantFrom(undefined, { here: true as const }),
  fc.record(
    {
      people: fc.array(fc.record({ id: fc.integer({ min: 6, max: 8 }), as: fc.constant("x") }), { minLength: 1 }),
      groups: fc.array(fc.record({ id: fc.integer({ min: 1, max: 3 }), as: fc.constant("g") }), { minLength: 1 }),
      room: fc.constant(true as const),
      here: fc.constant(true as const),
    },
    { requiredKeys: [] },
  ),
);
const preferences: fc.Arbitrary<Preferences> = fc.record({
  rooms: levels,
  keywords: fc.constantFrom([], ["cake"]),
  words: fc.boolean(),
  paused_until: fc.constantFrom(null, "2030-01-15T11:00:00.000Z", "2030-01-15T13:00:00.000Z"),
  quiet: fc.constantFrom(
    null,
    { from: "11:00", to: "13:00", zone: "UTC" },
    { from: "22:00", to: "07:00", zone: "UTC" },
  ),
  groups: fc.constantFrom([], [1], [2, 3]),
});
const asked = fc.tuple(
  fc.record({
    author: fc.integer({ min: 6, max: 8 }),
    isDeleted: rarely,
    content: fc.constantFrom("hello", "there is cake"),
    mentions,
  }),
  preferences,
  fc.record({ kind: fc.constantFrom("public", "private", "direct"), level: fc.option(levels) }),
  fc.record({
    isMember: mostly,
    sees: mostly,
    isConnected: fc.boolean(),
    isBlocked: rarely,
    thread: fc.oneof(fc.constantFrom("none", "other"), fc.record({ level: fc.option(levels) })),
  }),
);

test("whatever is asked: nobody is told of their own, deleted, unseen or foreign messages, nor while muted or at rest", () => {
  const seen = new Set<Reason>();
  fc.assert(
    fc.property(asked, ([message, chosen, room, place]) => {
      const decision = decide(message, { id: ME, preferences: chosen }, room, place, NOW);
      seen.add(decision.reason);
      expect(decision.notify).toBe(decision.how === "aloud");
      const isNever = !place.isMember || !place.sees || message.isDeleted || message.author === ME || place.isBlocked;
      expect(decision.how === "nothing").toBe(isNever);
      const ofThread = typeof place.thread === "object" ? place.thread.level : null;
      const level = ofThread ?? room.level ?? (room.kind === "direct" ? "all" : chosen.rooms);
      const isAtRest = chosen.paused_until === "2030-01-15T13:00:00.000Z" || chosen.quiet?.from === "11:00";
      if (level === "nothing" || isAtRest) expect(decision.notify).toBe(false);
      const called = isCalled(message.mentions, ME, chosen.groups);
      if (!isNever && !decision.notify) expect(decision.how).toBe(called ? "marked" : "counted");
      if (!isNever && level === "all" && !isAtRest && place.thread !== "other") expect(decision.notify).toBe(true);
    }),
    { numRuns: 4_000 },
  );
  expect([...seen].sort()).toEqual([
    "away",
    "blocked",
    "deleted",
    "direct",
    "everything",
    "group",
    "here",
    "hidden",
    "keyword",
    "muted",
    "named",
    "not_called",
    "not_member",
    "other_thread",
    "own",
    "paused",
    "quiet_hours",
    "room",
    "thread",
  ]);
});

describe("one person's evening", () => {
  const message = { author: 1, isDeleted: false, content: "there is cake", mentions: undefined };
  const place = { isMember: true, sees: true, isConnected: true, isBlocked: false, thread: "none" } as const;
  const room = { kind: "public", level: null } as const;
  const ask = (given: { mentions?: Mentions; chosen?: Partial<Preferences>; at?: string }) => {
    const person = { id: ME, preferences: { ...DEFAULTS, ...given.chosen } };
    const now = Date.parse(given.at ?? "2030-01-15T12:00:00.000Z");
    return decide({ ...message, mentions: given.mentions }, person, room, place, now).reason;
  };
  const named = { people: [{ id: ME, as: "me" }] };

  test("a word is not told of until it is a keyword, and a name is", () => {
    expect(ask({})).toBe("not_called");
    expect(ask({ chosen: { keywords: ["cake"] } })).toBe("keyword");
    expect(ask({ mentions: named })).toBe("named");
  });

  test("@here tells nobody who is away, and hides no reason to tell them that is there without it", () => {
    const ask = (given: { content?: string; level?: Level; keywords?: string[]; thread?: Place["thread"] }) => {
      const said = { ...message, content: given.content ?? "@here look", mentions: { here: true as const } };
      const person = { id: ME, preferences: { ...DEFAULTS, keywords: given.keywords ?? [] } };
      const away = { ...place, isConnected: false, thread: given.thread ?? "none" };
      const { notify, reason, call, how } = decide(
        said,
        person,
        { kind: "public", level: given.level ?? null },
        away,
        NOW,
      );
      expect(how).toBe(notify ? "aloud" : "marked");
      return [reason, call];
    };
    expect(ask({})).toEqual(["away", "here"]);
    expect(ask({ thread: "other", level: "all" })).toEqual(["away", "here"]);
    expect(ask({ content: "@here the deploy failed", keywords: ["deploy"] })).toEqual(["keyword", "keyword"]);
    expect(ask({ thread: { level: null } })).toEqual(["thread", null]);
    expect(ask({ level: "all" })).toEqual(["everything", null]);
  });

  test("a thread that one follows is told by its own level before the room's, and without one of every reply", () => {
    const ask = (ofThread: Level | null, ofRoom: Level | null, mentions?: Mentions) => {
      const person = { id: ME, preferences: DEFAULTS };
      const there = { ...place, thread: { level: ofThread } };
      return decide({ ...message, mentions }, person, { kind: "public", level: ofRoom }, there, NOW).reason;
    };
    expect(ask(null, null)).toBe("thread");
    expect(ask(null, "nothing")).toBe("muted");
    expect(ask("all", "nothing")).toBe("thread");
    expect(ask("mentions", "all")).toBe("not_called");
    expect(ask("mentions", "nothing", named)).toBe("named");
    expect(ask("nothing", "all", named)).toBe("muted");
  });

  test("the night is quiet in the person's own zone, over midnight and when the clocks change", () => {
    const chosen = { quiet: { from: "22:00", to: "07:00", zone: "Europe/Paris" } };
    expect(ask({ mentions: named, chosen, at: "2030-01-15T20:59:00.000Z" })).toBe("named");
    expect(ask({ mentions: named, chosen, at: "2030-01-15T21:00:00.000Z" })).toBe("quiet_hours");
    expect(ask({ mentions: named, chosen, at: "2030-01-16T05:59:00.000Z" })).toBe("quiet_hours");
    expect(ask({ mentions: named, chosen, at: "2030-01-16T06:00:00.000Z" })).toBe("named");
    expect(ask({ mentions: named, chosen, at: "2030-07-16T05:00:00.000Z" })).toBe("named");
    expect(quietAt({ from: "00:00", to: "00:00", zone: "UTC" }, NOW)).toBe(false);
  });
});
