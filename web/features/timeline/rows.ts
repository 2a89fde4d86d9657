import type { PendingSend } from "#client/chat.ts";
import type { Happening, Message } from "#shared/models.ts";
import { foldHappenings, type Line } from "./fold-happenings.ts";

/** What the timeline draws, from top to bottom. */
export type Row =
  | { readonly kind: "start"; readonly key: string }
  | { readonly kind: "day"; readonly key: string; readonly at: number }
  | { readonly kind: "unread"; readonly key: string }
  /** `head`: drawn with the author's name; the messages after it by the same person follow without. */
  | { readonly kind: "message"; readonly key: string; readonly message: Message; readonly head: boolean }
  /** `dated`: it happened on another day than the one whose line stands above it. */
  | { readonly kind: "happened"; readonly key: string; readonly line: Line; readonly dated: boolean }
  | { readonly kind: "pending"; readonly key: string; readonly send: PendingSend; readonly head: boolean };

export interface RowSource {
  readonly messages: readonly Message[];
  /** What happened between them, and perhaps before the first of them. Oldest first. */
  readonly happenings: readonly Happening[];
  /** Whether the room begins with the first of these messages. */
  readonly complete: boolean;
  readonly pending: readonly PendingSend[];
  readonly meId: number;
  /** The unread line stands before the first message of somebody else after this seq; null: no line. */
  readonly unreadAfter: number | null;
}

const TOGETHER_FOR = 5 * 60_000;

/**
 * Makes the rows, and makes them cheap: a message that arrives at the end of 100,000 costs what it adds and not what is
 * there. Only for one room; make another for another.
 */
export class Rows {
  #from: Omit<RowSource, "pending"> | null = null;
  #logRows: Row[] = [];
  #end: End = nothingYet;
  /** What happened since the last message, and how many rows it is. */
  #between: { happenings: readonly Happening[]; rows: number } = NONE;

  of(source: RowSource): readonly Row[] {
    if (!this.#continues(source)) {
      this.#logRows = source.complete ? [{ kind: "start", key: "start" }] : [];
      this.#end = nothingYet;
      this.#between = NONE;
      this.#append(source, this.#skipOldest(source), this.#skipEarlier(source));
    } else if (this.#from) {
      const { messages, happenings } = this.#from;
      this.#replace(messages, source.messages);
      if (messages.length < source.messages.length || happenings.length < source.happenings.length) {
        this.#logRows = this.#logRows.slice();
        this.#append(source, messages.length, happenings.length);
      }
    }
    this.#from = source;
    return source.pending.length === 0 ? this.#logRows : [...this.#logRows, ...this.#pendingRows(source)];
  }

  #continues(source: RowSource): boolean {
    const from = this.#from;
    if (!from || from.meId !== source.meId || from.complete !== source.complete) return false;
    if (from.unreadAfter !== source.unreadAfter || source.messages.length < from.messages.length) return false;
    const last = from.messages.length - 1;
    const next = source.happenings[from.happenings.length]?.seq ?? Number.POSITIVE_INFINITY;
    if (next < (from.messages[last]?.seq ?? 0)) return false;
    if (from.happenings.some((happening, at) => happening !== source.happenings[at])) return false;
    return from.messages[0]?.id === source.messages[0]?.id && from.messages[last]?.id === source.messages[last]?.id;
  }

  /** Messages that were edited, deleted, reacted to or renamed stay where they stand. */
  #replace(before: readonly Message[], now: readonly Message[]): void {
    if (before === now) return;
    const changed = new Map<string, Message>();
    before.forEach((message, at) => {
      const next = now[at];
      if (next && next !== message) changed.set(`m${next.id}`, next);
    });
    if (changed.size === 0) return;
    this.#logRows = this.#logRows.map((row) => {
      const message = row.kind === "message" ? changed.get(row.key) : undefined;
      return row.kind === "message" && message ? { ...row, message } : row;
    });
  }

  /**
   * While there are older ones, the oldest message that is loaded only tells how the next is drawn: whether its own day
   * and its head are to be shown is known with the one before it, and deciding anew would move what is being read.
   */
  #skipOldest({ messages, complete }: RowSource): number {
    const oldest = messages[0];
    if (complete || !oldest || messages.length === 1) return 0;
    const at = Date.parse(oldest.timestamp);
    this.#end = { day: dayAround(at), unreadShown: false, by: oldest.user_id, at };
    return 1;
  }

  /** What happened before the oldest message stands in the pages that are not loaded. */
  #skipEarlier({ messages, happenings, complete }: RowSource): number {
    if (complete) return 0;
    const oldest = messages[0]?.seq ?? Number.POSITIVE_INFINITY;
    const at = happenings.findIndex(({ seq }) => seq > oldest);
    return at < 0 ? happenings.length : at;
  }

  #append(source: RowSource, start: number, happened: number): void {
    const { messages, meId } = source;
    const unreadAfter = lineIn(source);
    let next = happened;
    for (let i = start; i < messages.length; i++) {
      const message = messages[i] as Message; // i is within the list
      next = this.#tellBetween(source, next, message.seq);
      this.#between = NONE;
      const at = Date.parse(message.timestamp);
      const isFirstUnread =
        unreadAfter !== null && !this.#end.unreadShown && message.seq > unreadAfter && isNews(message, meId);
      const isNewDay = at < this.#end.day.from || at >= this.#end.day.until;
      if (isNewDay) {
        this.#end = { ...this.#end, day: dayAround(at) };
        this.#logRows.push({ kind: "day", key: `day-${message.seq}`, at });
      }
      if (isFirstUnread) this.#logRows.push({ kind: "unread", key: "unread" });
      const head = isNewDay || isFirstUnread || !this.#goesOn(message.user_id, at);
      this.#logRows.push({ kind: "message", key: `m${message.id}`, message, head });
      this.#end = { day: this.#end.day, unreadShown: this.#end.unreadShown || isFirstUnread, by: message.user_id, at };
    }
    this.#tellBetween(source, next, Number.POSITIVE_INFINITY);
  }

  /** Answers the place of the first that happened after the message at `before`. Who speaks next begins anew. */
  #tellBetween({ happenings }: RowSource, from: number, before: number): number {
    let to = from;
    while (to < happenings.length && (happenings[to]?.seq ?? before) < before) to += 1;
    if (to === from) return to;
    const between = [...this.#between.happenings, ...happenings.slice(from, to)];
    this.#logRows.length -= this.#between.rows;
    const lines = foldHappenings(between);
    for (const line of lines) {
      const dated = line.at < this.#end.day.from || line.at >= this.#end.day.until;
      this.#logRows.push({ kind: "happened", key: line.key, line, dated });
    }
    this.#between = { happenings: between, rows: lines.length };
    this.#end = { ...this.#end, by: NOBODY };
    return to;
  }

  #pendingRows({ pending, meId }: RowSource): Row[] {
    const rows: Row[] = [];
    let { day, by, at: last } = this.#end;
    for (const send of pending) {
      const isNewDay = send.at >= day.until;
      if (isNewDay) {
        day = dayAround(send.at);
        rows.push({ kind: "day", key: `day-${send.nonce}`, at: send.at });
      }
      const head = isNewDay || by !== meId || send.at - last > TOGETHER_FOR;
      rows.push({ kind: "pending", key: send.nonce, send, head });
      by = meId;
      last = send.at;
    }
    return rows;
  }

  #goesOn(userId: number, at: number): boolean {
    return this.#end.by === userId && at - this.#end.at <= TOGETHER_FOR;
  }
}

/** What somebody else says and has not taken back. */
function isNews(message: Message, meId: number): boolean {
  return message.user_id !== meId && message.deleted_at === undefined;
}

/** What the next message is compared with. */
interface End {
  readonly day: Day;
  readonly unreadShown: boolean;
  readonly by: number;
  readonly at: number;
}

interface Day {
  readonly from: number;
  readonly until: number;
}

const NOBODY = 0;
const NONE = { happenings: [], rows: 0 } as const;
const nothingYet: End = { day: { from: 0, until: 0 }, unreadShown: false, by: NOBODY, at: 0 };

/** A line above everything that is loaded would be in the wrong place: what was read last may be further up. */
function lineIn({ messages, complete, unreadAfter }: RowSource): number | null {
  const first = messages[0];
  if (unreadAfter === null || !first) return null;
  return complete || first.seq <= unreadAfter ? unreadAfter : null;
}

function dayAround(at: number): Day {
  const date = new Date(at);
  const from = new Date(date.getFullYear(), date.getMonth(), date.getDate());
  const until = new Date(date.getFullYear(), date.getMonth(), date.getDate() + 1);
  return { from: from.getTime(), until: until.getTime() };
}
