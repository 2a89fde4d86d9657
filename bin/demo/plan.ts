import type { Answer, RoomTalk, Said, TalkPart } from "./parse-talk.ts";

/** One thing that one person did at a time. */
export type Deed = { readonly at: number } & (
  | { readonly kind: "sign-up"; readonly who: string }
  | { readonly kind: "create-room"; readonly who: string; readonly room: RoomTalk }
  | { readonly kind: "bring-in"; readonly who: string; readonly room: RoomTalk }
  | { readonly kind: "join"; readonly who: string; readonly room: RoomTalk }
  | { readonly kind: "say"; readonly who: string; readonly room: RoomTalk; readonly text: string }
  /** `on`: which of the room's messages, counted from 0. */
  | {
      readonly kind: "react";
      readonly who: string;
      readonly room: RoomTalk;
      readonly on: number;
      readonly emoji: string;
    }
  | {
      readonly kind: "reply";
      readonly who: string;
      readonly room: RoomTalk;
      readonly on: number;
      readonly text: string;
    }
  | { readonly kind: "pin"; readonly who: string; readonly room: RoomTalk; readonly on: number }
  | { readonly kind: "read"; readonly who: string; readonly room: RoomTalk; readonly unread: number }
);

/** The first of them makes the server theirs. */
export const PEOPLE = ["alice", "bob", "carol", "dan"] as const;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** All that was done before `now`, oldest first. Days are those of this machine's time zone. */
export function planDemo(talks: readonly RoomTalk[], now: number): Deed[] {
  const deeds = talks.flatMap((room) => roomDeeds(room, now));
  const first = Math.min(...deeds.map((deed) => deed.at));
  const signUps = PEOPLE.map(
    (who, at): Deed => ({ kind: "sign-up", who, at: first - 20 * MINUTE + at * (3 * MINUTE + 7 * SECOND) }),
  );
  return [...signUps, ...deeds].sort((one, other) => one.at - other.at);
}

function roomDeeds(room: RoomTalk, now: number): Deed[] {
  const said = room.parts.flatMap((part) => timesOf(part, now));
  const first = said[0]?.at ?? now;
  const says = said.flatMap(({ who, text, at, answers }, on): Deed[] => [
    { kind: "say", who, room, text, at },
    ...answerDeeds(answers, at).map((deed) => ({ ...deed, room, on })),
  ]);
  const reads = [room.by, ...room.with].map(
    (who): Deed => ({ kind: "read", who, room, unread: room.unread.get(who) ?? 0, at: now }),
  );
  return [
    { kind: "create-room", who: room.by, room, at: first - 4 * MINUTE },
    ...comings(room, first),
    ...says,
    ...reads,
  ];
}

/** Nobody can join a private room: who made it brings them in. */
function comings(room: RoomTalk, first: number): Deed[] {
  if (room.kind === "private") return [{ kind: "bring-in", who: room.by, room, at: first - 3 * MINUTE }];
  return room.with.map(
    (who, index): Deed => ({ kind: "join", who, room, at: first - 3 * MINUTE + index * 41 * SECOND }),
  );
}

type AnswerDeed =
  | { kind: "react"; who: string; emoji: string; at: number }
  | { kind: "reply"; who: string; text: string; at: number }
  | { kind: "pin"; who: string; at: number };

/** One after the other, while the talk goes on. */
function answerDeeds(answers: readonly Answer[], from: number): AnswerDeed[] {
  let at = from;
  return answers.flatMap((one): AnswerDeed[] => {
    switch (one.kind) {
      case "react":
        return one.who.map((who) => {
          at += 7 * SECOND;
          return { kind: "react", who, emoji: one.emoji, at };
        });
      case "reply":
        at += silenceBefore({ ...one, pause: 0 });
        return [{ ...one, at }];
      case "pin":
        at += 20 * SECOND;
        return [{ ...one, at }];
      default:
        return one satisfies never;
    }
  });
}

function timesOf(part: TalkPart, now: number): (Said & { at: number })[] {
  let at = 0;
  const said = part.said.map((one, index) => {
    at += index === 0 ? 0 : silenceBefore(one);
    return { ...one, at };
  });
  const begin = "daysAgo" in part.when ? dayTime(part.when, now) : now - part.when.endsMinutesAgo * MINUTE - at;
  return said.map((one) => ({ ...one, at: begin + one.at }));
}

/** Long texts take longer to write; the text itself decides how much longer, so that each demo is the same. */
function silenceBefore({ text, pause }: Pick<Said, "text" | "pause">): number {
  const chance = Number(Bun.hash.crc32(text)) / 2 ** 32;
  const writing = (5 * SECOND + text.length * 130) * (0.6 + chance);
  return Math.round(pause * MINUTE + Math.min(writing, 3 * MINUTE));
}

/** Until five in the morning the day before is still "today": what was said late yesterday must not come after now. */
function dayTime(when: { daysAgo: number; hour: number; minute: number }, now: number): number {
  const today = new Date(now - 5 * HOUR);
  const day = today.getDate() - when.daysAgo;
  return new Date(today.getFullYear(), today.getMonth(), day, when.hour, when.minute, 11).getTime();
}
