import { Refusal } from "#shared/errors.ts";
import type { Message, MessagePage } from "#shared/models.ts";
import { happeningsIn, type Stretch } from "../rooms/happenings.ts";
import { roomFor } from "../rooms/standing.ts";
import { isIn, type Ranges, visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { MESSAGE, type MessageRow, presentMessage } from "./present.ts";

export type PagePlace =
  | { from: "newest" }
  | { from: "before" | "after" | "around"; seq: number }
  /** Other systems' clients know messages by id alone. */
  | { from: "before-message"; id: number };

/** A page of a room's messages, oldest first, and when it was read. */
export async function readPage(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; place: PagePlace; limit: number; of?: "room" | "said" },
): Promise<MessagePage> {
  const standpoint = await roomFor(sql, actor, args.roomId, "read");
  const ranges = await visible(sql, actor, standpoint);
  const house = await sql.get<{ epoch: string }>("SELECT epoch FROM house WHERE one = 1");
  const { seq, n } = standpoint.room;
  const found = await itemsAt({ sql, of: args.of ?? "room", id: args.roomId, ranges }, args.place, args.limit, seq);
  const stretch = stretchOf(found, args.place, seq);
  const happenings = await happeningsIn(sql, { roomId: args.roomId, ...stretch }, ranges);
  return { epoch: house?.epoch ?? "", seq, n, ...found, ...(happenings.length === 0 ? {} : { happenings }) };
}

/** The part of the log that a page is of: pages that follow each other leave nothing out, and have nothing twice. */
function stretchOf({ items, before, after }: Items, place: PagePlace, head: number): Omit<Stretch, "roomId"> {
  const from = place.from === "after" ? place.seq + 1 : (before ?? 1);
  const to = place.from === "before" ? place.seq - 1 : (after ?? head);
  return { from, to: Math.min(to, head), messages: items.map(({ seq }) => seq) };
}

type Items = Pick<MessagePage, "items" | "before" | "after">;

export interface Reading {
  sql: Sql;
  /** The talk that is read: the room's own, that without what was deleted, or the thread of one message. */
  of: "room" | "said" | "thread";
  /** The room's, or the message's. */
  id: number;
  ranges: Ranges;
}

/** `head` is the room's newest seq: a place beyond it must not lead a reader past what is still to come. */
export async function itemsAt(reading: Reading, place: PagePlace, limit: number, head: number): Promise<Items> {
  const { sql } = reading;
  switch (place.from) {
    case "newest":
      return { ...(await olderThan(reading, Number.MAX_SAFE_INTEGER, limit)), after: null };
    case "before": {
      const isMore = await isAny(reading, place.seq, Number.MAX_SAFE_INTEGER);
      return { ...(await olderThan(reading, place.seq, limit)), after: isMore ? Math.max(0, place.seq - 1) : null };
    }
    case "before-message": {
      const message = await sql.get<{ seq: number }>(
        "SELECT seq FROM messages WHERE id = ? AND room_id = ?",
        place.id,
        reading.id,
      );
      if (!message) throw new Refusal("invalid", "No message of this room has that id.", { field: "before" });
      return itemsAt(reading, { from: "before", seq: message.seq }, limit, head);
    }
    case "after": {
      const isMore = await isAny(reading, 1, place.seq);
      const before = isMore ? Math.min(place.seq, head) + 1 : null;
      return { ...(await newerThan(reading, place.seq, limit)), before };
    }
    case "around": {
      const newer = await newerThan(reading, place.seq - 1, Math.ceil(limit / 2));
      const older = await olderThan(reading, Math.min(place.seq, head + 1), Math.floor(limit / 2));
      return { items: [...older.items, ...newer.items], before: older.before, after: newer.after };
    }
    default:
      return place satisfies never;
  }
}

/** The newest messages of a room that are in the ranges, oldest first. */
export async function newestOf(reading: Reading, limit: number): Promise<Message[]> {
  return (await olderThan(reading, Number.MAX_SAFE_INTEGER, limit)).items;
}

async function olderThan({ sql, of, id, ranges }: Reading, seq: number, limit: number) {
  const rows: MessageRow[] = [];
  for (let upTo = seq - 1; rows.length <= limit; ) {
    const range = ranges.findLast((candidate) => candidate.from <= upTo);
    if (!range) break;
    // Small holes are read over in one: who left and came back often has as many ranges.
    const found = await sql.all<MessageRow>(OLDER[of], id, ranges[0]?.from ?? 1, Math.min(range.to, upTo), limit + 1);
    rows.push(...found.filter((row) => isIn(ranges, row.seq)));
    if (found.length <= limit) break;
    upTo = (found.at(-1)?.seq ?? 0) - 1;
  }
  const items = rows.slice(0, limit).map(presentMessage).reverse();
  return { items, before: rows.length > limit ? (items[0]?.seq ?? seq) : null };
}

async function newerThan({ sql, of, id, ranges }: Reading, seq: number, limit: number) {
  const rows: MessageRow[] = [];
  for (let from = seq + 1; rows.length <= limit; ) {
    const range = ranges.find((candidate) => candidate.to >= from);
    if (!range) break;
    const found = await sql.all<MessageRow>(
      NEWER[of],
      id,
      Math.max(range.from, from),
      ranges.at(-1)?.to ?? 0,
      limit + 1,
    );
    rows.push(...found.filter((row) => isIn(ranges, row.seq)));
    if (found.length <= limit) break;
    from = (found.at(-1)?.seq ?? 0) + 1;
  }
  const items = rows.slice(0, limit).map(presentMessage);
  return { items, after: rows.length > limit ? (items.at(-1)?.seq ?? seq) : null };
}

async function isAny({ sql, of, id, ranges }: Reading, from: number, to: number): Promise<boolean> {
  for (const range of ranges) {
    if (await sql.get(ANY[of], id, Math.max(range.from, from), Math.min(range.to, to))) return true;
  }
  return false;
}

const COLUMNS = `SELECT ${MESSAGE} FROM messages m JOIN users u ON u.id = m.user_id`;
const IN = {
  room: "m.room_id = ? AND m.thread IS NULL",
  said: "m.room_id = ? AND m.thread IS NULL AND m.deleted_at IS NULL",
  thread: "m.thread = ?",
};
const OLDER = inEach((place) => `${COLUMNS} WHERE ${place} AND m.seq BETWEEN ? AND ? ORDER BY m.seq DESC LIMIT ?`);
const NEWER = inEach((place) => `${COLUMNS} WHERE ${place} AND m.seq BETWEEN ? AND ? ORDER BY m.seq LIMIT ?`);
const ANY = inEach((place) => `SELECT 1 FROM messages m WHERE ${place} AND m.seq BETWEEN ? AND ? LIMIT 1`);

function inEach(text: (place: string) => string): Readonly<Record<Reading["of"], string>> {
  return { room: text(IN.room), said: text(IN.said), thread: text(IN.thread) };
}
