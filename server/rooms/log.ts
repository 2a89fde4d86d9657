import { lookOf } from "#shared/apply-event.ts";
import { emojisOf } from "#shared/apply-message.ts";
import type { Calls } from "#shared/called.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Hidden } from "#shared/frames.ts";
import type { Happened, Member, Room, RoomRole } from "#shared/models.ts";
import { MESSAGE, type MessageRow, pinIn, presentMessage, reactionsIn } from "../messages/present.ts";
import type { Sql, Tx } from "../store/sql.ts";
import { happenedBetween, type KeptDeed, keepHappening } from "./happenings.ts";
import { type LookRow, MEMBER, type MemberRow, presentMember, presentRoom } from "./present.ts";
import { ROOM, type RoomRow } from "./standing.ts";

/** The kinds a log row may have: the types of `RoomEvent`. */
type Kind = RoomEvent["type"];

/**
 * Appends to a room's log. The seq is taken under the room's row, in the transaction of the change itself, so the order
 * of the log is the order of the commits and no reader can step over a number.
 */
export async function nextSeq(tx: Tx, roomId: number): Promise<{ seq: number; n: number }> {
  const row = await tx.get<{ seq: number; n: number }>(
    "UPDATE rooms SET seq = seq + 1 WHERE id = ? RETURNING seq, n",
    roomId,
  );
  if (!row) throw new Error("An event was recorded in a room that does not exist.");
  return row;
}

export async function recordEvent(
  tx: Tx,
  at: { roomId: number; seq: number },
  kind: Exclude<Kind, (typeof KINDS)[KeptDeed["is"]]>,
  subject: number | null,
  actor: number,
): Promise<void> {
  await writeLog(tx, at, kind, subject, actor);
}

/** The same for what a timeline shows between messages. */
export async function recordHappening(
  tx: Tx,
  at: { roomId: number; seq: number },
  actor: number,
  deed: KeptDeed,
): Promise<void> {
  // Of many who come at once the log names nobody: who did so stands with the members.
  const subject = "people" in deed && deed.is !== "came" ? (deed.people[0] ?? null) : null;
  await writeLog(tx, at, KINDS[deed.is], subject, actor);
  await keepHappening(tx, at, actor, deed);
}

const KINDS = {
  came: "members.added",
  left: "member.left",
  removed: "member.removed",
  role: "member.role",
  changed: "room.changed",
} as const satisfies Record<KeptDeed["is"], Kind>;
const SHOWN: ReadonlySet<Kind> = new Set(Object.values(KINDS));

async function writeLog(
  tx: Tx,
  at: { roomId: number; seq: number },
  kind: Kind,
  subject: number | null,
  actor: number,
): Promise<void> {
  await tx.run("INSERT INTO log VALUES (?, ?, ?, ?, ?, ?)", at.roomId, at.seq, kind, subject, actor, tx.now);
}

/** Tells the event at this seq to those who have the room open. Called last: an event is made from what stands. */
export async function tellEvent(tx: Tx, roomId: number, { seq, n }: { seq: number; n: number }): Promise<void> {
  for (const event of await eventsBetween(tx, roomId, seq, seq)) {
    if (event.type !== "hidden") tx.tell({ to: "room", n, event });
  }
}

/** Where something read from a log stands in it. */
export function seqOf(entry: RoomEvent | Hidden): number {
  return entry.type === "hidden" ? entry.to : entry.seq;
}

interface LogRow extends Partial<MessageRow> {
  log_seq: number;
  kind: Kind;
  subject: number | null;
  actor: number;
  at: number;
}

/** Who is told: the messages at which seqs they may see. */
export type Sees = (seq: number) => boolean | Promise<boolean>;

/**
 * The events of `from … to`, made from what stands now: the words of a message come from the message, the people of an
 * addition are those who are still here by it. Unless it is said who is told, they are for everybody in the room at once.
 * What a newer program beside this one recorded has its seq, and is hidden from whoever is told by this one.
 */
export async function eventsBetween(
  sql: Sql,
  roomId: number,
  from: number,
  to: number,
  sees: Sees = (seq) => isSeenByAll(sql, roomId, seq),
): Promise<(RoomEvent | Hidden)[]> {
  const rows = await sql.all<LogRow>(
    `SELECT l.seq AS log_seq, l.kind, l.subject, l.actor, l.at, ${MESSAGE}
       FROM log l
       LEFT JOIN messages m ON l.kind IN (${ABOUT_MESSAGES}) AND m.id = l.subject
       LEFT JOIN users u ON u.id = m.user_id
      WHERE l.room_id = ? AND l.seq BETWEEN ? AND ? ORDER BY l.seq`,
    roomId,
    from,
    to,
  );
  const came = rows.some((row) => row.kind === "members.added") ? await arrivals(sql, roomId, from, to) : new Map();
  const happened = rows.some((row) => SHOWN.has(row.kind)) ? await happenedBetween(sql, roomId, from, to) : new Map();
  const events: (RoomEvent | Hidden)[] = [];
  for (const row of rows) events.push(await eventOf(sql, roomId, row, { came, happened }, sees));
  return events;
}

const ABOUT_MESSAGES = `'message', 'message.edited', 'message.deleted', 'reaction.added', 'reaction.removed',
  'message.pinned', 'message.unpinned', 'thread.replied'`;

/** What else is known of the events of a stretch, by seq. */
interface Beside {
  came: ReadonlyMap<number, Member[]>;
  happened: ReadonlyMap<number, Happened>;
}

async function eventOf(sql: Sql, roomId: number, row: LogRow, beside: Beside, sees: Sees): Promise<RoomEvent | Hidden> {
  const head = { room_id: roomId, seq: row.log_seq, timestamp: new Date(row.at).toISOString(), actor_id: row.actor };
  const happened = beside.happened.get(row.log_seq);
  const shown = happened === undefined ? {} : { happened };
  switch (row.kind) {
    case "message":
      return presentMessage(row as MessageRow);
    case "message.edited": {
      const message = (await sees(row.seq ?? 0)) ? presentMessage(row as MessageRow) : null;
      const calls = await callsNow(sql, row as MessageRow);
      const edited = { type: row.kind, ...head, message_id: row.subject ?? 0, message };
      return calls === null ? edited : { ...edited, calls };
    }
    case "message.deleted": {
      const { id, n, user_id, deleted_at, erased, thread } = presentMessage(row as MessageRow);
      const gone = { message_id: id, n, author_id: user_id, deleted_at: deleted_at ?? head.timestamp };
      const where = thread === undefined ? {} : { thread };
      const calls = await callsNow(sql, row as MessageRow);
      const more = { ...(erased ? { erased } : {}), ...(calls === null ? {} : { calls }) };
      return { type: row.kind, ...head, ...gone, ...where, ...more };
    }
    case "reaction.added":
    case "reaction.removed": {
      const on = reactionsIn(row as MessageRow);
      const emojis = (await sees(row.seq ?? 0)) ? emojisOf(on, row.actor) : null;
      return { type: row.kind, ...head, message_id: row.subject ?? 0, user_id: row.actor, emojis };
    }
    case "message.pinned":
    case "message.unpinned":
      return { type: row.kind, ...head, message_id: row.subject ?? 0, pinned: pinIn(row as MessageRow) };
    case "thread.replied":
      return { type: row.kind, ...head, message: presentMessage(row as MessageRow) };
    case "members.added":
      return { type: "members.added", ...head, members: beside.came.get(row.log_seq) ?? [], ...shown };
    case "member.left":
      return { type: "member.left", ...head, user_id: row.subject ?? row.actor, ...shown };
    case "member.removed":
      return { type: "member.removed", ...head, user_id: row.subject ?? 0, ...shown };
    case "member.renamed": {
      const userId = row.subject ?? row.actor;
      return { type: "member.renamed", ...head, user_id: userId, ...(await lookNow(sql, userId)) };
    }
    case "member.role": {
      const userId = row.subject ?? row.actor;
      return { type: "member.role", ...head, user_id: userId, role: await roleNow(sql, roomId, userId), ...shown };
    }
    case "room.changed":
      return { type: "room.changed", ...head, room: await roomNow(sql, roomId), ...shown };
    default:
      row.kind satisfies never;
      return { type: "hidden", room_id: roomId, from: row.log_seq, to: row.log_seq };
  }
}

/** Null: the message never called many. */
async function callsNow(sql: Sql, { id, seq, user_id, thread }: MessageRow): Promise<Calls | null> {
  const rows = await sql.all<{ target: number; ended: number }>(
    "SELECT target, ended FROM calls WHERE message_id = ? ORDER BY target",
    id,
  );
  if (rows.length === 0) return null;
  const now = rows.filter(({ ended }) => ended === 0).map(({ target }) => target);
  const whom = { everybody: now.some((target) => target <= 0), groups: now.filter((target) => target > 0) };
  return { seq, by: user_id, ...(thread === null ? {} : { thread }), ...whom };
}

/** Of a room that is not public, whoever came after a message may not see it, unless they were shown what was before. */
async function isSeenByAll(sql: Sql, roomId: number, seq: number): Promise<boolean> {
  const blind = await sql.get(
    `SELECT 1 AS one FROM members m JOIN rooms r ON r.id = m.room_id AND r.kind <> 'public'
      WHERE m.room_id = ? AND m.joined_seq > ? AND m.state = 'in' AND NOT EXISTS (
        SELECT 1 FROM visible_ranges v WHERE v.room_id = m.room_id AND v.user_id = m.user_id
          AND v.from_seq <= ? AND (v.to_seq IS NULL OR v.to_seq >= ?)) LIMIT 1`,
    roomId,
    seq,
    seq,
    seq,
  );
  return blind === null;
}

async function lookNow(sql: Sql, userId: number) {
  const row = await sql.get<LookRow>(
    "SELECT username, display_name, hue, guest, deactivated_at FROM users WHERE id = ?",
    userId,
  );
  if (!row) throw new Error("A log was read of a person who does not exist.");
  return { username: row.username, ...lookOf(row) };
}

async function roleNow(sql: Sql, roomId: number, userId: number): Promise<RoomRole> {
  const row = await sql.get<{ role: RoomRole }>(
    "SELECT role FROM members WHERE room_id = ? AND user_id = ?",
    roomId,
    userId,
  );
  return row?.role ?? "member";
}

/** Who came at which seq and is still here by that. */
async function arrivals(sql: Sql, roomId: number, from: number, to: number): Promise<Map<number, Member[]>> {
  const rows = await sql.all<MemberRow & { joined_seq: number }>(
    `SELECT m.joined_seq, ${MEMBER} FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.joined_seq BETWEEN ? AND ? AND m.state = 'in' ORDER BY m.user_id`,
    roomId,
    from,
    to,
  );
  const came = new Map<number, Member[]>();
  for (const { joined_seq, ...row } of rows) {
    const member = presentMember(row);
    const others = came.get(joined_seq);
    if (others) others.push(member);
    else came.set(joined_seq, [member]);
  }
  return came;
}

async function roomNow(sql: Sql, roomId: number): Promise<Room> {
  const row = await sql.get<RoomRow>(`SELECT ${ROOM} FROM rooms r WHERE r.id = ?`, roomId);
  if (!row) throw new Error("A log was read of a room that does not exist.");
  return presentRoom(row);
}
