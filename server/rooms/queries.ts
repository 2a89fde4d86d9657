import { Refusal } from "#shared/errors.ts";
import type { HouseRooms, MyRooms } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Face, HouseRoom, KeptOut, ListedRoom, Member, MyRoom, Room } from "#shared/models.ts";
import { namePart } from "#shared/names.ts";
import { decideSpeaking, type RoomAction } from "#shared/permissions.ts";
import { blocksSince } from "../blocks/queries.ts";
import { draftsSince } from "../drafts/drafts.ts";
import { preferencesSince } from "../notify/preferences.ts";
import { savedSince } from "../saved/saved.ts";
import { scheduledSince } from "../scheduled/scheduled.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { myThreadsSince } from "../threads/my-threads.ts";
import { holding, isGuest, mayGovern } from "../users/queries.ts";
import {
  type KeptOutRow,
  type LookRow,
  MEMBER,
  type MemberRow,
  type MyRoomRow,
  presentFace,
  presentForHouse,
  presentKeptOut,
  presentListed,
  presentMember,
  presentMyRoom,
  presentRoom,
} from "./present.ts";
import { codeOf, ROOM, type RoomRow, roomFor } from "./standing.ts";

// Asked only where a message of the room itself is unread: where replies in threads alone came after the cursor, the walk
// would pass by every one of them. It ends at what is ever shown as a count.
const MINE = `CASE WHEN r.n > m.read_n THEN (SELECT count(*) FROM (SELECT user_id, deleted_at FROM messages WHERE room_id = r.id AND thread IS NULL AND seq > m.read_seq ORDER BY seq
     LIMIT ${limits.unreadCounted}) AS later WHERE later.user_id = m.user_id OR later.deleted_at IS NOT NULL) ELSE 0 END`;
// What called many and does so no more counts: whoever was away is told that it is gone.
const CALLS = `(EXISTS (SELECT 1 FROM calls c WHERE c.room_id = r.id AND c.seq > m.read_seq)
  OR EXISTS (SELECT 1 FROM mentions c WHERE c.user_id = m.user_id AND c.room_id = r.id AND c.seq > m.read_seq))`;
// Those of threads that one follows lie before the room's cursor as well: they are read in the thread.
const CALLS_IN_THREADS = `EXISTS (SELECT 1 FROM thread_followers f JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n
  WHERE f.user_id = m.user_id AND f.room_id = r.id AND f.following = 1
    AND (EXISTS (SELECT 1 FROM calls c WHERE c.thread = f.root_id AND c.seq > f.read_seq)
      OR EXISTS (SELECT 1 FROM mentions c WHERE c.user_id = f.user_id AND c.thread = f.root_id AND c.seq > f.read_seq)))`;
// Behind so many replies in threads and reactions the time of the last of them will do.
const LAST_AT = `CASE WHEN r.kind = 'direct' AND r.n > 0 THEN coalesce(
    (SELECT w.created_at FROM messages w WHERE w.room_id = r.id AND w.thread IS NULL AND w.seq > r.seq - 500 ORDER BY w.seq DESC LIMIT 1),
    (SELECT g.at FROM log g WHERE g.room_id = r.id AND g.seq = r.seq)) END`;
const MY_ROOM = `${ROOM}, m.role, m.joined_seq, m.read_seq, m.read_n, m.version AS member_version, m.notify,
  m.favourite, m.hidden, ${MINE} AS mine, ${LAST_AT} AS last_at,
  CASE WHEN ${CALLS} OR ${CALLS_IN_THREADS} THEN 1 ELSE 0 END AS calls`;

export interface Page<Item> {
  items: Item[];
  next: string | null;
}

/** Rooms that the actor may see, by id; `named`: without their direct talks, which have no name. */
export async function listRooms(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number; mine: boolean; named?: boolean },
): Promise<Page<ListedRoom>> {
  const isMine = args.mine || (await isGuest(sql, actor.userId));
  const rows = await sql.all<RoomRow>(
    `SELECT ${ROOM} FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.id > ? AND r.deleted_at IS NULL AND (m.user_id IS NOT NULL OR (r.kind = 'public' AND ? = 0))
        AND (? = 0 OR r.kind <> 'direct') ORDER BY r.id LIMIT ?`,
    actor.userId,
    args.after,
    isMine ? 1 : 0,
    args.named ? 1 : 0,
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.id, presentListed);
}

export async function getRoom(sql: Sql, actor: Actor, args: { roomId: number }): Promise<ListedRoom> {
  const { room } = await roomFor(sql, actor, args.roomId, "see");
  return presentListed(room);
}

/** Who is in a room, or of them those whose user name or display name holds what is looked for. */
export async function listMembers(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; after: number; limit: number; name?: string | undefined },
): Promise<Page<Member>> {
  await roomFor(sql, actor, args.roomId, "read");
  const part = namePart(args.name ?? "");
  if (part === null) return { items: [], next: null };
  const rows = await sql.all<MemberRow>(
    `SELECT ${MEMBER} FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.user_id > ? AND m.state = 'in'
        AND (u.username_key LIKE ? ESCAPE '!' OR u.display_key LIKE ? ESCAPE '!') ORDER BY m.user_id LIMIT ?`,
    args.roomId,
    args.after,
    holding(part),
    holding(part),
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.user_id, presentMember);
}

/** Whom the room keeps out, for those who may let them in again. */
export async function listKeptOut(
  sql: Sql,
  actor: Actor,
  args: { roomId: number; after: number; limit: number },
): Promise<Page<KeptOut>> {
  await roomFor(sql, actor, args.roomId, "add-members");
  const rows = await sql.all<KeptOutRow>(
    `SELECT m.user_id, u.username, b.by_user, who.username AS by_name, b.at, b.until, b.reason
       FROM members m JOIN users u ON u.id = m.user_id
       LEFT JOIN bans b ON b.room_id = m.room_id AND b.user_id = m.user_id LEFT JOIN users who ON who.id = b.by_user
      WHERE m.room_id = ? AND m.user_id > ? AND m.state = 'removed' AND u.deactivated_at IS NULL
      ORDER BY m.user_id LIMIT ?`,
    args.roomId,
    args.after,
    args.limit + 1,
  );
  return page(rows, args.limit, (row) => row.user_id, presentKeptOut);
}

/** The room, refused to whoever may not read it. */
export async function mayRead(sql: Sql, actor: Actor, args: { roomId: number }): Promise<Room> {
  const { room } = await roomFor(sql, actor, args.roomId, "read");
  return presentRoom(room);
}

/** Refuses whoever may not do this in the room. */
export async function mayIn(sql: Sql, actor: Actor, args: { roomId: number; action: RoomAction }): Promise<null> {
  await roomFor(sql, actor, args.roomId, args.action);
  return null;
}

/** Refuses whoever may not send by a door that knows no joining. */
export async function maySpeak(sql: Sql, actor: Actor, args: { roomId: number }): Promise<null> {
  const { standing } = await roomFor(sql, actor, args.roomId, "see");
  const decided = decideSpeaking(standing);
  if (decided !== "allowed") throw new Refusal(codeOf(decided));
  return null;
}

/** Every room there is, for admins. Of private ones that they are not in they learn name and size; of direct talks nothing. */
export async function listHouseRooms(
  sql: Sql,
  actor: Actor,
  args: { after: number; limit: number },
): Promise<Page<HouseRoom>> {
  await mayGovern(sql, actor);
  const rows = await sql.all<RoomRow & { place: string | null }>(
    `SELECT ${ROOM}, m.role AS place FROM rooms r
       LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.id > ? AND r.deleted_at IS NULL AND r.kind <> 'direct' ORDER BY r.id LIMIT ?`,
    actor.userId,
    args.after,
    args.limit + 1,
  );
  return page(
    rows,
    args.limit,
    (row) => row.id,
    (row) => presentForHouse(row, row.kind === "public" || row.place !== null),
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
  return presentMyRoom(row, people?.get(roomId) ?? [], await calledFrom(sql, userId, row));
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
  const told: { userId: number; row: MyRoom }[] = [];
  for (const { user_id: userId, ...row } of rows) {
    const others = faces.filter(({ id }) => id !== userId);
    told.push({ userId, row: presentMyRoom(row, others, await calledFrom(sql, userId, row)) });
  }
  return told;
}

async function facesIn(sql: Sql, roomId: number): Promise<Face[]> {
  const rows = await sql.all<LookRow & { id: number }>(
    `SELECT u.id, u.username, u.display_name, u.hue, u.guest, u.deactivated_at FROM members m JOIN users u ON u.id = m.user_id
      WHERE m.room_id = ? AND m.state = 'in' ORDER BY u.id`,
    roomId,
  );
  return rows.map(presentFace);
}

type Called = NonNullable<MyRoom["called"]>;

/** Whether a call of many is one of this person, and by somebody else. */
const FOR_ME = `c.ended = 0 AND c.author <> b.user_id
  AND (c.target <= 0 OR EXISTS (SELECT 1 FROM group_members g WHERE g.group_id = c.target AND g.user_id = b.user_id))
  AND (r.kind = 'public' OR EXISTS (SELECT 1 FROM visible_ranges v WHERE v.room_id = c.room_id AND v.user_id = b.user_id
    AND v.from_seq <= c.seq AND (v.to_seq IS NULL OR v.to_seq >= c.seq)))`;
const IS_FOLLOWED = `EXISTS (SELECT 1 FROM thread_followers f
  WHERE f.root_id = c.thread AND f.user_id = b.user_id AND f.following = 1)`;
const UNREAD_THREAD = `JOIN thread_followers f ON f.user_id = b.user_id AND f.room_id = b.room_id AND f.following = 1
  JOIN messages root ON root.id = f.root_id AND root.replies > f.read_n`;
/** Each of the four walks begins at a cursor and ends at what is ever listed. */
const called = (
  order: "ASC" | "DESC",
) => `WITH b AS (SELECT user_id, room_id, read_seq FROM members WHERE user_id = ? AND room_id = ?),
  named AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN mentions c ON c.user_id = b.user_id AND c.room_id = b.room_id
     AND c.seq > b.read_seq WHERE NOT ${IS_FOLLOWED} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  named_in_thread AS (SELECT c.message_id, c.seq, c.thread FROM b ${UNREAD_THREAD}
     JOIN mentions c ON c.user_id = f.user_id AND c.thread = f.root_id AND c.seq > f.read_seq ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  many AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN rooms r ON r.id = b.room_id
     JOIN calls c ON c.room_id = b.room_id AND c.seq > b.read_seq WHERE NOT ${IS_FOLLOWED} AND ${FOR_ME} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted}),
  many_in_thread AS (SELECT c.message_id, c.seq, c.thread FROM b JOIN rooms r ON r.id = b.room_id ${UNREAD_THREAD}
     JOIN calls c ON c.thread = f.root_id AND c.seq > f.read_seq WHERE ${FOR_ME} ORDER BY c.seq ${order} LIMIT ${limits.calledCounted})
  SELECT found.message_id AS id, found.seq, w.user_id AS by, found.thread FROM (SELECT * FROM named UNION SELECT * FROM many
     UNION SELECT * FROM named_in_thread UNION SELECT * FROM many_in_thread) AS found
   JOIN messages w ON w.id = found.message_id ORDER BY found.seq ${order} LIMIT ${limits.calledCounted}`;

const CALLED = called("ASC");
const CALLED_LAST = called("DESC");

/** The first unread messages of a room that call the person. */
async function calledFrom(sql: Sql, userId: number, row: MyRoomRow): Promise<Called> {
  if (row.calls === 0) return [];
  const rows = await sql.all<{ id: number; seq: number; by: number; thread: number | null }>(CALLED, userId, row.id);
  return rows.map(({ thread, ...called }) => (thread === null ? called : { ...called, thread }));
}

const MOST_CALLING = 50;

/** The newest unread messages that call the person, in rooms that have a name. */
export async function unreadCalls(sql: Sql, userId: number): Promise<{ id: number; roomId: number }[]> {
  const rooms = await sql.all<{ id: number }>(
    `SELECT r.id FROM members m JOIN rooms r ON r.id = m.room_id AND r.deleted_at IS NULL AND r.kind <> 'direct'
      WHERE m.user_id = ? AND m.state = 'in' AND ((r.seq > m.read_seq AND ${CALLS}) OR ${CALLS_IN_THREADS})
      ORDER BY r.id DESC LIMIT ${MOST_CALLING}`,
    userId,
  );
  const found: { id: number; roomId: number }[] = [];
  for (const { id: roomId } of rooms) {
    const rows = await sql.all<{ id: number }>(CALLED_LAST, userId, roomId);
    found.push(...rows.map(({ id }) => ({ id, roomId })));
  }
  return found;
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

/** One chunk of a stream, and the row from which the next one goes on; null: this was the last. */
export interface StreamChunk<Frame> {
  frame: Frame;
  next: number | null;
}

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
  const called = new Map<number, Called>();
  for (const row of here) called.set(row.id, await calledFrom(sql, actor.userId, row));
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

/** The house's stream after a version. A guest is told of no room of the house: what they are in comes in their own. */
export async function houseSince(
  sql: Sql,
  actor: Actor,
  args: { since: number; from: number },
): Promise<StreamChunk<HouseRooms>> {
  if (await isGuest(sql, actor.userId)) {
    return { frame: { type: "house", version: 0, reset: true, rooms: [], gone: [] }, next: null };
  }
  const house = await sql.get<{ version: number }>("SELECT version FROM house WHERE one = 1");
  const version = house?.version ?? 0;
  const since = args.since > version ? 0 : args.since;
  const rows = await sql.all<RoomRow & { deleted_at: number | null }>(
    `SELECT ${ROOM}, r.deleted_at FROM rooms r
      WHERE r.kind = 'public' AND r.version > ? AND r.id > ? AND (? > 0 OR r.deleted_at IS NULL)
      ORDER BY r.id LIMIT ?`,
    since,
    args.from,
    since,
    limits.streamChunk,
  );
  return {
    frame: {
      type: "house",
      version,
      reset: since === 0 && args.from === 0,
      rooms: rows.filter((row) => row.deleted_at === null).map(presentRoom),
      gone: rows.filter((row) => row.deleted_at !== null).map((row) => row.id),
    },
    next: nextFrom(rows),
  };
}

/** What `/ws/{name}` means to this person: their own private rooms of that name first, then the public one. */
export async function roomsNamed(
  sql: Sql,
  actor: Actor,
  args: { key: string },
): Promise<{ id: number; kind: string }[]> {
  const onlyOwn = await isGuest(sql, actor.userId);
  return sql.all(
    `SELECT r.id, r.kind FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ? AND m.state = 'in'
      WHERE r.name_key = ? AND r.deleted_at IS NULL AND r.kind <> 'direct' AND ((r.kind = 'public' AND ? = 0) OR m.user_id IS NOT NULL)
      ORDER BY CASE r.kind WHEN 'private' THEN 0 ELSE 1 END, r.id LIMIT 3`,
    actor.userId,
    args.key,
    onlyOwn ? 1 : 0,
  );
}

function nextFrom(rows: readonly { id: number }[]): number | null {
  return rows.length < limits.streamChunk ? null : (rows.at(-1)?.id ?? null);
}

function page<Row, Item>(
  rows: Row[],
  limit: number,
  key: (row: Row) => number,
  present: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { items: kept.map(present), next: rows.length > limit && last !== undefined ? String(key(last)) : null };
}
