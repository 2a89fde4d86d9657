import type { MyRooms } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Face, MyRoom } from "#shared/models.ts";
import { blocksSince } from "../blocks/queries.ts";
import { draftsSince } from "../drafts/drafts.ts";
import { preferencesSince } from "../notify/preferences.ts";
import { savedSince } from "../saved/saved.ts";
import { scheduledSince } from "../scheduled/scheduled.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { nextFrom, type StreamChunk } from "../store/streams.ts";
import { myThreadsSince } from "../threads/my-threads.ts";
import { type LookRow, type MyRoomRow, presentFace, presentMyRoom } from "./present.ts";
import { ROOM } from "./standing.ts";
import { CALLS, CALLS_IN_THREADS, calledIn, calledOf } from "./unread-calls.ts";

// Asked only where a message of the room itself is unread: where replies in threads alone came after the cursor, the walk
// would pass by every one of them. It ends at what is ever shown as a count.
const MINE = `CASE WHEN r.n > m.read_n THEN (SELECT count(*) FROM (SELECT user_id, deleted_at FROM messages WHERE room_id = r.id AND thread IS NULL AND seq > m.read_seq ORDER BY seq
     LIMIT ${limits.unreadCounted}) AS later WHERE later.user_id = m.user_id OR later.deleted_at IS NOT NULL) ELSE 0 END`;
// Behind so many replies in threads and reactions the time of the last of them will do.
const LAST_AT = `CASE WHEN r.kind = 'direct' AND r.n > 0 THEN coalesce(
    (SELECT w.created_at FROM messages w WHERE w.room_id = r.id AND w.thread IS NULL AND w.seq > r.seq - 500 ORDER BY w.seq DESC LIMIT 1),
    (SELECT g.at FROM log g WHERE g.room_id = r.id AND g.seq = r.seq)) END`;
const MY_ROOM = `${ROOM}, m.role, m.joined_seq, m.read_seq, m.read_n, m.version AS member_version, m.notify,
  m.favourite, m.hidden, ${MINE} AS mine, ${LAST_AT} AS last_at,
  CASE WHEN ${CALLS} OR ${CALLS_IN_THREADS} THEN 1 ELSE 0 END AS calls`;

/**
 * A person's stream after a version. `since` 0 or ahead of the stream starts it anew. A send moves no version, so rows
 * with own messages behind the cursor come again: whoever was away counts them anew.
 */
export async function myRoomsSince(
  sql: Sql,
  actor: Actor,
  args: { since: number; from: number },
): Promise<StreamChunk<MyRooms>> {
  const person = await sql.get<{ me_version: number }>("SELECT me_version FROM users WHERE id = ?", actor.userId);
  const version = person?.me_version ?? 0;
  const since = args.since > version ? 0 : args.since;
  const rows = await sql.all<MyRoomRow & { state: string; deleted_at: number | null }>(
    `SELECT ${MY_ROOM}, m.state, r.deleted_at FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.user_id = ? AND m.room_id > ? AND
        (m.version > ? OR (m.state = 'in' AND r.deleted_at IS NULL
          AND ((r.seq > m.read_seq AND ((${MINE}) > 0 OR ${CALLS})) OR ${CALLS_IN_THREADS})))
        AND (? > 0 OR (m.state = 'in' AND r.deleted_at IS NULL))
      ORDER BY m.room_id LIMIT ?`,
    actor.userId,
    args.from,
    since,
    since,
    limits.streamChunk,
  );
  const here = rows.filter((row) => row.state === "in" && row.deleted_at === null);
  const talks = here.filter((row) => row.kind === "direct");
  const people = await (talks.length > 0
    ? peopleOf(sql, actor.userId, talks[0]?.id ?? 0, talks.at(-1)?.id ?? 0)
    : new Map<number, Face[]>());
  const next = nextFrom(rows);
  const threads = next === null ? await myThreadsSince(sql, actor.userId, since) : [];
  const called = await calledOf(sql, actor.userId, here);
  const preferences = args.from === 0 ? await preferencesSince(sql, actor, since) : null;
  const blocks = next === null ? await blocksSince(sql, actor.userId, since) : [];
  return {
    frame: {
      type: "me",
      version,
      reset: since === 0 && args.from === 0,
      rooms: here.map((row) => presentMyRoom(row, people.get(row.id) ?? [], called.get(row.id) ?? [])),
      gone: rows.filter((row) => row.state !== "in" || row.deleted_at !== null).map((row) => row.id),
      ...(threads.length === 0 ? {} : { threads }),
      ...(preferences === null ? {} : { preferences }),
      ...(blocks.length === 0 ? {} : { blocks }),
      ...(next === null ? await keptSince(sql, actor.userId, since) : {}),
    },
    next,
  };
}

/** What they keep beside their rooms: with the last of the chunks. */
async function keptSince(sql: Sql, userId: number, since: number): Promise<Partial<MyRooms>> {
  const drafts = await draftsSince(sql, userId, since);
  const saved = await savedSince(sql, userId, since);
  const scheduled = await scheduledSince(sql, userId, since);
  return {
    ...(drafts.length === 0 ? {} : { drafts }),
    ...(saved.length === 0 ? {} : { saved }),
    ...(scheduled.length === 0 ? {} : { scheduled }),
  };
}

/** Where all rooms of a person stand: what `at` says of those that are not open. */
export async function myPlaces(sql: Sql, actor: Actor): Promise<{ room_id: number; seq: number; n: number }[]> {
  return sql.all(
    `SELECT r.id AS room_id, r.seq, r.n FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.user_id = ? AND m.state = 'in' AND r.deleted_at IS NULL ORDER BY r.id`,
    actor.userId,
  );
}

export async function myRoom(sql: Sql, userId: number, roomId: number): Promise<MyRoom | null> {
  const row = await sql.get<MyRoomRow>(
    `SELECT ${MY_ROOM} FROM members m JOIN rooms r ON r.id = m.room_id
      WHERE m.user_id = ? AND m.room_id = ? AND m.state = 'in' AND r.deleted_at IS NULL`,
    userId,
    roomId,
  );
  if (!row) return null;
  const people = row.kind === "direct" ? await peopleOf(sql, userId, roomId, roomId) : null;
  const called = await calledOf(sql, userId, [row]);
  return presentMyRoom(row, people?.get(roomId) ?? [], called.get(roomId) ?? []);
}

/** The room as each of its members has it, or each guest among them. */
export async function rowsOfRoom(
  sql: Sql,
  roomId: number,
  whom: "all" | "guests",
): Promise<{ userId: number; row: MyRoom }[]> {
  const rows = await sql.all<MyRoomRow & { user_id: number }>(
    `SELECT m.user_id, ${MY_ROOM} FROM members m JOIN rooms r ON r.id = m.room_id JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.state = 'in' AND r.deleted_at IS NULL AND (? = 0 OR u.guest = 1) ORDER BY m.user_id`,
    roomId,
    whom === "guests" ? 1 : 0,
  );
  const faces = rows[0]?.kind === "direct" ? await facesIn(sql, roomId) : [];
  const called = await calledIn(sql, { roomId, whom }, rows);
  return rows.map(({ user_id: userId, ...row }) => {
    const others = faces.filter(({ id }) => id !== userId);
    return { userId, row: presentMyRoom(row, others, called.get(userId) ?? []) };
  });
}

async function facesIn(sql: Sql, roomId: number): Promise<Face[]> {
  const rows = await sql.all<LookRow & { id: number }>(
    `SELECT u.id, u.username, u.display_name, u.hue, u.guest, u.deactivated_at FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.state = 'in' ORDER BY u.id`,
    roomId,
  );
  return rows.map(presentFace);
}

/** The others in the person's direct talks whose ids lie between these two, by talk. */
async function peopleOf(sql: Sql, userId: number, from: number, to: number): Promise<Map<number, Face[]>> {
  const rows = await sql.all<LookRow & { id: number; room_id: number }>(
    `SELECT o.room_id, u.id, u.username, u.display_name, u.hue, u.guest, u.deactivated_at FROM members m
       JOIN rooms r ON r.id = m.room_id AND r.kind = 'direct'
       JOIN members o ON o.room_id = m.room_id AND o.user_id <> m.user_id AND o.state = 'in'
       JOIN users u ON u.id = o.user_id
      WHERE m.user_id = ? AND m.state = 'in' AND m.room_id BETWEEN ? AND ? ORDER BY o.room_id, u.id`,
    userId,
    from,
    to,
  );
  const people = new Map<number, Face[]>();
  for (const { room_id, ...row } of rows) {
    const person = presentFace(row);
    const others = people.get(room_id);
    if (others) others.push(person);
    else people.set(room_id, [person]);
  }
  return people;
}

export function myRoomNow(sql: Sql, actor: Actor, args: { roomId: number }): Promise<MyRoom | null> {
  return myRoom(sql, actor.userId, args.roomId);
}
