import type { Message, MessagePage } from "#shared/models.ts";
import { roomFor } from "../rooms/standing.ts";
import { type Ranges, visible } from "../rooms/visible.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { type MessageRow, presentMessage } from "./present.ts";

export type PagePlace = { from: "newest" } | { from: "before" | "after" | "around"; seq: number };

/** A page of a room's messages, oldest first, and when it was read. */
export async function readPage(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; place: PagePlace; limit: number },
): Promise<MessagePage> {
  const standpoint = await roomFor(sql, actor, args.roomId, "read");
  const ranges = await visible(sql, actor, standpoint);
  const house = await sql.get<{ epoch: string }>("SELECT epoch FROM house WHERE one = 1");
  const { seq, n } = standpoint.room;
  const found = await itemsAt(sql, args.roomId, ranges, args.place, args.limit);
  return { epoch: house?.epoch ?? "", seq, n, ...found };
}

type Items = Pick<MessagePage, "items" | "before" | "after">;

async function itemsAt(sql: Sql, roomId: number, ranges: Ranges, place: PagePlace, limit: number): Promise<Items> {
  switch (place.from) {
    case "newest":
      return olderThan(sql, roomId, ranges, Number.MAX_SAFE_INTEGER, limit);
    case "before":
      return { ...(await olderThan(sql, roomId, ranges, place.seq, limit)), after: place.seq - 1 };
    case "after":
      return newerThan(sql, roomId, ranges, place.seq, limit);
    case "around": {
      const newer = await newerThan(sql, roomId, ranges, place.seq - 1, Math.ceil(limit / 2));
      const older = await olderThan(sql, roomId, ranges, place.seq, Math.floor(limit / 2));
      return { items: [...older.items, ...newer.items], before: older.before, after: newer.after };
    }
    default:
      return place satisfies never;
  }
}

async function olderThan(sql: Sql, roomId: number, ranges: Ranges, seq: number, limit: number): Promise<Items> {
  const rows: MessageRow[] = [];
  for (const range of [...ranges].reverse()) {
    if (rows.length > limit) break;
    const upTo = Math.min(range.to, seq - 1);
    if (upTo < range.from) continue;
    rows.push(...(await sql.all<MessageRow>(OLDER, roomId, range.from, upTo, limit + 1 - rows.length)));
  }
  const items = rows.slice(0, limit).map(presentMessage).reverse();
  return { items, before: rows.length > limit ? (items[0]?.seq ?? null) : null, after: null };
}

async function newerThan(sql: Sql, roomId: number, ranges: Ranges, seq: number, limit: number): Promise<Items> {
  const rows: MessageRow[] = [];
  for (const range of ranges) {
    if (rows.length > limit) break;
    const start = Math.max(range.from, seq + 1);
    if (start > range.to) continue;
    rows.push(...(await sql.all<MessageRow>(NEWER, roomId, start, range.to, limit + 1 - rows.length)));
  }
  const items = rows.slice(0, limit).map(presentMessage);
  return { items, before: seq > 0 ? seq + 1 : null, after: rows.length > limit ? (items.at(-1)?.seq ?? null) : null };
}

const COLUMNS = `SELECT m.id, m.room_id, m.seq, m.n, m.changed, m.user_id, u.username, m.content, m.created_at
  FROM messages m JOIN users u ON u.id = m.user_id`;
const OLDER = `${COLUMNS} WHERE m.room_id = ? AND m.seq BETWEEN ? AND ? ORDER BY m.seq DESC LIMIT ?`;
const NEWER = `${COLUMNS} WHERE m.room_id = ? AND m.seq BETWEEN ? AND ? ORDER BY m.seq LIMIT ?`;

/** One message by its id, for somebody who may read its room at its place. */
export async function getMessage(sql: Sql, actor: Actor, args: { id: number }): Promise<Message | null> {
  const row = await sql.get<MessageRow>(`${COLUMNS} WHERE m.id = ?`, args.id);
  if (!row) return null;
  const standpoint = await roomFor(sql, actor, row.room_id, "read");
  const ranges = await visible(sql, actor, standpoint);
  return ranges.some((range) => range.from <= row.seq && row.seq <= range.to) ? presentMessage(row) : null;
}
