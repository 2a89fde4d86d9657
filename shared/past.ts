import { happeningsOf } from "./apply-happening.ts";
import type { Happening, Message, MessagePage } from "./models.ts";

/** Messages around one that was sought, without holes. Between them and the newest that are here lies a hole. */
export interface Past {
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly before: number | null;
  /** The `after` with which the next newer page is asked for. */
  readonly after: number;
}

/** A talk as it is held: its newest messages without holes, and perhaps older ones apart from them. */
export interface Talk {
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** What happened besides in all that is held, of the past too, oldest first. */
  readonly happenings: readonly Happening[];
  /** The `before` with which the next older page is asked for; null: the talk begins here. */
  readonly before: number | null;
  /** null: nothing is shown but the newest. */
  readonly past: Past | null;
}

type Page = Pick<MessagePage, "items" | "happenings" | "before" | "after">;

/** The messages around one that was sought: apart from the newest ones, or in front of them where they meet. */
export function withAround<Kind extends Talk>(talk: Kind, page: Page): Kind {
  return joined(withHappenings(talk, page), { messages: page.items, before: page.before }, page.after);
}

/** Joins an older page in front of what is shown. Messages that are there already are kept as they are. */
export function withOlder<Kind extends Talk>(talk: Kind, page: Page): Kind {
  const { past } = talk;
  const shown = past ?? talk;
  const first = shown.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = page.items.filter((message) => message.seq < first);
  const longer = { messages: [...older, ...shown.messages], before: page.before };
  const known = withHappenings(talk, page);
  return past ? { ...known, past: { ...past, ...longer } } : { ...known, ...longer };
}

/** Joins a newer page behind what was sought. Where it meets the newest messages the hole is closed. */
export function withNewer<Kind extends Talk>(talk: Kind, page: Page): Kind {
  const { past } = talk;
  if (!past) return talk;
  const last = past.messages.at(-1)?.seq ?? 0;
  const newer = page.items.filter((message) => message.seq > last);
  return joined(withHappenings(talk, page), { ...past, messages: [...past.messages, ...newer] }, page.after);
}

/** The newest messages alone. */
export function withoutPast<Kind extends Talk>(talk: Kind): Kind {
  return talk.past ? { ...talk, past: null } : talk;
}

function withHappenings<Kind extends Talk>(talk: Kind, { happenings = [] }: Page): Kind {
  return { ...talk, happenings: happeningsOf(happenings, talk.happenings) };
}

function joined<Kind extends Talk>(talk: Kind, past: Omit<Past, "after">, after: number | null): Kind {
  const first = talk.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
  const older = past.messages.filter((message) => message.seq < first);
  const meets = after === null || older.length < past.messages.length;
  if (!meets) return { ...talk, past: { ...past, after } };
  if (older.length === 0) return withoutPast(talk);
  return { ...talk, messages: [...older, ...talk.messages], before: past.before, past: null };
}
