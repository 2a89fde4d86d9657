import { keywordIn } from "./mentions.ts";
import type { Level, Mentions, Preferences, QuietHours, RoomKind } from "./models.ts";

/** What calls a person: the strongest first. */
export type Call = "named" | "group" | "room" | "here" | "keyword";

export type Reason =
  | "own"
  | "deleted"
  | "not_member"
  | "hidden"
  | "blocked"
  | "muted"
  | "away"
  | "not_called"
  | "other_thread"
  | "paused"
  | "quiet_hours"
  | "thread"
  | "direct"
  | "everything"
  | Call;

export interface Decision {
  readonly notify: boolean;
  /** Told aloud, marked in the list as a call, counted as unread, or nothing at all. */
  readonly how: "aloud" | "marked" | "counted" | "nothing";
  readonly reason: Reason;
  readonly call: Call | null;
  /** The level that counted, whether the room's own or the person's. */
  readonly level: Level;
}

export interface MessageFacts {
  readonly author: number;
  readonly isDeleted: boolean;
  readonly content: string;
  readonly mentions: Mentions | undefined;
}

export interface RoomFacts {
  readonly kind: RoomKind;
  /** The person's own choice for this room; null: none. */
  readonly level: Level | null;
}

/** What the person is to the message: it is for members who may see it. */
export interface Place {
  readonly isMember: boolean;
  readonly sees: boolean;
  readonly isConnected: boolean;
  /** Where the message stands: in the room's own talk, or in a thread that the person follows or does not. */
  readonly thread: "none" | "other" | Followed;
  /** Whether the person blocks who wrote it. */
  readonly isBlocked: boolean;
}

export interface Followed {
  /** The person's own choice for this thread; null: none. */
  readonly level: Level | null;
}

export const DEFAULTS: Preferences = {
  rooms: "mentions",
  keywords: [],
  words: true,
  paused_until: null,
  quiet: null,
  groups: [],
};

/** The one place that decides whether somebody is told of a message, and why. */
export function decide(
  message: MessageFacts,
  person: { readonly id: number; readonly preferences: Preferences },
  room: RoomFacts,
  place: Place,
  now: number,
): Decision {
  const { preferences } = person;
  const followed = typeof place.thread === "object" ? place.thread : null;
  const ofThread = followed?.level ?? null;
  const level = ofThread ?? room.level ?? (room.kind === "direct" ? "all" : preferences.rooms);
  const never = neverFor(message, person.id, place);
  if (never !== null) return { notify: false, how: "nothing", reason: never, call: null, level };
  const strongest = callIn(message, person);
  const how = strongest === null || strongest === "keyword" ? "counted" : "marked";
  const quietly = { notify: false, how, call: strongest, level } as const;
  if (level === "nothing") return { ...quietly, reason: "muted" };
  // Whoever is away is not called by it, and what else the message is to them stands.
  const isPast = strongest === "here" && !place.isConnected;
  const call = isPast ? keywordOf(message, preferences) : strongest;
  if (call === null && place.thread === "other") return { ...quietly, reason: isPast ? "away" : "other_thread" };
  if (call === null && level === "mentions" && (followed === null || ofThread !== null)) {
    return { ...quietly, reason: isPast ? "away" : "not_called" };
  }
  const silence = silenceAt(preferences, now);
  if (silence !== null) return { ...quietly, reason: silence };
  const talk = room.kind === "direct" ? "direct" : "everything";
  const reason = call ?? (followed ? "thread" : talk);
  return { notify: true, how: "aloud", reason, call, level };
}

/** Whether the person is called by name, with a group or with everybody: what is marked in their list. */
export function isCalled(mentions: Mentions | undefined, userId: number, groups: readonly number[]): boolean {
  return mentions !== undefined && calledAs(mentions, userId, groups) !== null;
}

export function quietAt(quiet: QuietHours, now: number): boolean {
  const at = minutes(clockIn(quiet.zone, now));
  const from = minutes(quiet.from);
  const to = minutes(quiet.to);
  return from <= to ? from <= at && at < to : at >= from || at < to;
}

function neverFor(message: MessageFacts, userId: number, place: Place): Reason | null {
  if (!place.isMember) return "not_member";
  if (!place.sees) return "hidden";
  if (message.isDeleted) return "deleted";
  if (place.isBlocked) return "blocked";
  return message.author === userId ? "own" : null;
}

function callIn(message: MessageFacts, person: { id: number; preferences: Preferences }): Call | null {
  const { groups } = person.preferences;
  const called = message.mentions === undefined ? null : calledAs(message.mentions, person.id, groups);
  return called ?? keywordOf(message, person.preferences);
}

function keywordOf({ content }: MessageFacts, { keywords }: Preferences): Call | null {
  return keywordIn(content, keywords) === null ? null : "keyword";
}

function calledAs(mentions: Mentions, userId: number, groups: readonly number[]): Call | null {
  if (mentions.people?.some(({ id }) => id === userId)) return "named";
  if (mentions.groups?.some(({ id }) => groups.includes(id))) return "group";
  if (mentions.room) return "room";
  return mentions.here ? "here" : null;
}

function silenceAt({ paused_until, quiet }: Preferences, now: number): Reason | null {
  if (paused_until !== null && now < Date.parse(paused_until)) return "paused";
  return quiet !== null && quietAt(quiet, now) ? "quiet_hours" : null;
}

function clockIn(zone: string, now: number): string {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  return new Intl.DateTimeFormat("en", { ...parts, timeZone: zone }).format(now);
}

function minutes(clock: string): number {
  const [hours = 0, past = 0] = clock.split(":").map(Number);
  return hours * 60 + past;
}

/** Why somebody is told of a message or is not, in a sentence for themselves. */
export function sentenceOf({ reason, level, call }: Decision, chosenFor: keyof typeof WHERE): string {
  const where = WHERE[chosenFor];
  const calls = call === null ? "" : ` ${CALLS[call]}`;
  switch (reason) {
    case "own":
      return "You wrote it yourself.";
    case "deleted":
      return "It was deleted.";
    case "not_member":
      return "You are not a member of the room.";
    case "hidden":
      return "It was written while you could not see the room.";
    case "blocked":
      return "You blocked who wrote it.";
    case "muted":
      return `You chose to be told of nothing ${where}.${calls}`;
    case "not_called":
      return `It does not call you, and you chose to be told only of what does ${where}.`;
    case "other_thread":
      return "It stands in a thread that you do not follow, and does not call you.";
    case "thread":
      return "You follow its thread.";
    case "away":
      return "It calls those who were connected with @here, and nobody else is told.";
    case "paused":
      return `You asked not to be disturbed for a while.${calls}`;
    case "quiet_hours":
      return `It came in your quiet hours.${calls}`;
    case "direct":
      return "It was said to you directly.";
    case "everything":
      return `You chose to be told of everything ${where}.`;
    case "named":
    case "group":
    case "room":
    case "here":
    case "keyword":
      return level === "all" ? `${CALLS[reason]} You are told of everything here.` : CALLS[reason];
    default:
      return reason satisfies never;
  }
}

const WHERE = {
  thread: "for this thread",
  room: "for this room",
  rooms: "for rooms without a setting of their own",
} as const;

const CALLS: Readonly<Record<Call, string>> = {
  named: "It calls you by name.",
  group: "It calls a group that you are in.",
  room: "It calls everybody in the room.",
  here: "It calls with @here everybody who was connected then, and nobody else.",
  keyword: "It holds one of your keywords.",
};
