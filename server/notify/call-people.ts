import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { type Called, calledIn, calledKey } from "#shared/mentions.ts";
import type { Mentions } from "#shared/models.ts";
import { mayCallRoom } from "#shared/permissions.ts";
import type { Standpoint } from "../rooms/standing.ts";
import type { Sql, Tx } from "../store/sql.ts";
import { nextPersonVersion } from "../store/streams.ts";

/** Whether a text may call somebody: the others take the short way. */
export function mayCall(content: string): boolean {
  return content.includes("@") && calledIn(content).length > 0;
}

/**
 * Whom a text calls in this room: its members by name, groups, and everybody where the author may call them. Who is not in
 * the room is not called, and the answer is the same as if there were nobody of that name. Null: nobody.
 */
export async function calledBy(
  sql: Sql,
  { room, standing }: Standpoint,
  at: { content: string; seq: number },
): Promise<Mentions | null> {
  const found = calledIn(at.content);
  if (found.length === 0) return null;
  const names = byKey(found);
  const groups = await groupsNamed(sql, names);
  const taken = new Set(groups.map(({ key }) => key));
  const people = await membersNamed(sql, room, at.seq, names, taken);
  const everybody = mayCallRoom(standing, room.member_count);
  const mentions: Mentions = {
    ...(people.length > 0 ? { people } : {}),
    ...(groups.length > 0 ? { groups: groups.map(({ id, as }) => ({ id, as })) } : {}),
    ...(everybody && found.some(({ kind }) => kind === "room") ? { room: true } : {}),
    ...(everybody && found.some(({ kind }) => kind === "here") ? { here: true } : {}),
  };
  return Object.keys(mentions).length === 0 ? null : mentions;
}

interface CalledAt {
  roomId: number;
  seq: number;
  id: number;
  author: number;
  thread: number | null;
}

/**
 * Keeps who is called: a row for each person who is named, and one for each group and for the room, whoever many they are.
 * What called and does so no more leaves a mark. Returns the named whose lists are to be told.
 */
export async function writeCalls(
  tx: Tx,
  { roomId, seq, id, author, thread }: CalledAt,
  before: Mentions | null,
  after: Mentions | null,
): Promise<number[]> {
  const was = new Set(namedIn(before).filter((userId) => userId !== author));
  const is = new Set(namedIn(after).filter((userId) => userId !== author));
  for (const userId of was) {
    if (!is.has(userId))
      await tx.run("DELETE FROM mentions WHERE user_id = ? AND room_id = ? AND seq = ?", userId, roomId, seq);
  }
  for (const userId of is) {
    if (was.has(userId)) continue;
    await tx.run(
      "INSERT INTO mentions (user_id, room_id, seq, message_id, thread) VALUES (?, ?, ?, ?, ?)",
      userId,
      roomId,
      seq,
      id,
      thread,
    );
  }
  const former = targetsOf(before);
  const now = targetsOf(after);
  for (const target of former) {
    if (now.includes(target)) continue;
    await tx.run("UPDATE calls SET ended = 1 WHERE room_id = ? AND seq = ? AND target = ?", roomId, seq, target);
  }
  for (const target of now) {
    if (former.includes(target)) continue;
    await tx.run(
      `INSERT INTO calls (room_id, seq, target, message_id, author, thread) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (room_id, seq, target) DO UPDATE SET ended = 0`,
      roomId,
      seq,
      target,
      id,
      author,
      thread,
    );
  }
  return [...new Set([...was, ...is])].sort((a, b) => a - b);
}

/** A message that is deleted calls nobody any more. Returns who was named. */
export async function endCalls(tx: Tx, id: number): Promise<number[]> {
  const named = await tx.all<{ user_id: number }>(
    "SELECT user_id FROM mentions WHERE message_id = ? ORDER BY user_id",
    id,
  );
  await tx.run("DELETE FROM mentions WHERE message_id = ?", id);
  await tx.run("UPDATE calls SET ended = 1 WHERE message_id = ?", id);
  return named.map(({ user_id }) => user_id);
}

/** A new version of each one's row of the room: it is told when everything else stands. */
export async function moveRows(tx: Tx, roomId: number, userIds: readonly number[]): Promise<Map<number, number>> {
  const versions = new Map<number, number>();
  for (const userId of userIds) {
    const isIn = await tx.get(
      "SELECT 1 FROM members WHERE room_id = ? AND user_id = ? AND state = 'in'",
      roomId,
      userId,
    );
    if (isIn === null) continue;
    const version = await nextPersonVersion(tx, userId);
    await tx.run("UPDATE members SET version = ? WHERE room_id = ? AND user_id = ?", version, roomId, userId);
    versions.set(userId, version);
  }
  return versions;
}

function namedIn(mentions: Mentions | null): number[] {
  return (mentions?.people ?? []).map(({ id }) => id);
}

const EVERYBODY = 0;
const THOSE_HERE = -1;

function targetsOf(mentions: Mentions | null): number[] {
  const targets = (mentions?.groups ?? []).map((group) => group.id);
  if (mentions?.room) targets.push(EVERYBODY);
  if (mentions?.here) targets.push(THOSE_HERE);
  return targets;
}

interface Named {
  readonly as: string;
  readonly isPlain: boolean;
}

function byKey(found: readonly Called[]): Map<string, Named> {
  const names = new Map<string, Named>();
  for (const called of found) {
    if (called.kind !== "name" || names.size >= limits.calledNames) continue;
    const key = calledKey(called.name);
    if (key === null) continue;
    const isPlain = !called.isQuoted || (names.get(key)?.isPlain ?? false);
    names.set(key, { as: names.get(key)?.as ?? called.name, isPlain });
  }
  return names;
}

/** Groups are called without quotes alone: so nobody's name stands in a group's way, nor a group in somebody's. */
async function groupsNamed(
  sql: Sql,
  names: ReadonlyMap<string, Named>,
): Promise<{ id: number; key: string; as: string }[]> {
  const keys = [...names].filter(([, { isPlain }]) => isPlain).map(([key]) => key);
  if (keys.length === 0) return [];
  const rows = await sql.all<{ id: number; name_key: string }>(
    `SELECT id, name_key FROM user_groups WHERE name_key IN (SELECT value FROM ${sql.listed}) ORDER BY id`,
    JSON.stringify(keys),
  );
  if (rows.length > limits.calledGroups) throw new Refusal("too_many_mentions");
  return rows.map(({ id, name_key }) => ({ id, key: name_key, as: names.get(name_key)?.as ?? "" }));
}

async function membersNamed(
  sql: Sql,
  room: Standpoint["room"],
  seq: number,
  names: ReadonlyMap<string, Named>,
  taken: ReadonlySet<string>,
): Promise<{ id: number; as: string }[]> {
  const keys = [...names.keys()].filter((key) => !taken.has(key));
  if (keys.length === 0) return [];
  const rows = await sql.all<{ id: number; username_key: string }>(
    `SELECT u.id, u.username_key FROM users u JOIN members b ON b.user_id = u.id AND b.room_id = ? AND b.state = 'in'
      WHERE u.username_key IN (SELECT value FROM ${sql.listed}) AND u.deactivated_at IS NULL AND (? = 1 OR EXISTS (
        SELECT 1 FROM visible_ranges v WHERE v.room_id = b.room_id AND v.user_id = u.id
          AND v.from_seq <= ? AND (v.to_seq IS NULL OR v.to_seq >= ?))) ORDER BY u.id`,
    room.id,
    JSON.stringify(keys),
    room.kind === "public" ? 1 : 0,
    seq,
    seq,
  );
  if (rows.length > limits.calledByName) throw new Refusal("too_many_mentions");
  return rows.map(({ id, username_key }) => ({ id, as: names.get(username_key)?.as ?? "" }));
}
