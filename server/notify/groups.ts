import type { Group } from "#shared/contract/notify.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { isPlain } from "#shared/mentions.ts";
import { userName } from "#shared/names.ts";
import { recordAct } from "../audit/record-act.ts";
import { tellMyRoom } from "../rooms/membership.ts";
import type { Actor, Sql, Tx } from "../store/sql.ts";
import { knownAmong } from "../users/people.ts";
import { mayGovern } from "../users/queries.ts";
import { moveRows } from "./call-people.ts";
import { tellPreferences } from "./change-preferences.ts";
import { getPreferences } from "./preferences.ts";

/** Every group by name, with who is in it. There are few. To a guest those with somebody of whom they know. */
export async function listGroups(sql: Sql, actor: Actor): Promise<{ items: Group[] }> {
  const groups = await sql.all<{ id: number; name: string }>(
    "SELECT id, name FROM user_groups WHERE name <> '' ORDER BY name_key",
  );
  const members = await sql.all<{ group_id: number; user_id: number }>(
    "SELECT group_id, user_id FROM group_members ORDER BY group_id, user_id",
  );
  const ids = members.map(({ user_id }) => user_id);
  const known = await knownAmong(sql, actor, ids);
  const byGroup = Map.groupBy(
    members.filter(({ user_id }) => known.has(user_id)),
    ({ group_id }) => group_id,
  );
  const knowsAll = known.size === new Set(ids).size;
  const shown = knowsAll ? groups : groups.filter(({ id }) => byGroup.has(id));
  return { items: shown.map((group) => ({ ...group, user_ids: idsIn(byGroup.get(group.id)) })) };
}

/** Makes a group with nobody in it: its name needs no quotes and is nobody's. */
export async function makeGroup(tx: Tx, actor: Actor, args: { name: string; from?: string }): Promise<Group> {
  await mayGovern(tx, actor);
  const name = userName(args.name);
  if ("fault" in name) throw new Refusal("invalid", name.fault, { field: "name" });
  if (!isPlain(name.shown)) {
    const rule = "A group's name is of letters, digits, _, . and -, and not room or here.";
    throw new Refusal("invalid", rule, { field: "name" });
  }
  const taken = await tx.get(
    "SELECT 1 FROM users WHERE username_key = ? UNION SELECT 1 FROM user_groups WHERE name_key = ?",
    name.key,
    name.key,
  );
  if (taken !== null) throw new Refusal("taken");
  const count = await tx.get<{ count: number }>("SELECT count(*) AS count FROM user_groups WHERE name <> ''");
  if ((count?.count ?? 0) >= limits.groups) throw new Refusal("full", `There are at most ${limits.groups} groups.`);
  const made = await tx.get<{ id: number }>(
    "INSERT INTO user_groups (name, name_key) VALUES (?, ?) RETURNING id",
    name.shown,
    name.key,
  );
  if (!made) throw new Error("A group was made without an id.");
  const detail = { name: name.shown };
  await recordAct(tx, { act: "group.made", actor: actor.userId, detail, from: args.from });
  return { id: made.id, name: name.shown, user_ids: [] };
}

/** Puts exactly these people into a group. Whoever is in it now is called by it, whenever that was said. */
export async function setGroupMembers(
  tx: Tx,
  actor: Actor,
  args: { groupId: number; userIds: readonly number[]; from?: string },
): Promise<Group> {
  const group = await groupFor(tx, actor, args.groupId);
  const before = idsIn(await membersOf(tx, group.id));
  return change(tx, actor, { group, before, wanted: await activeAmong(tx, args.userIds), from: args.from });
}

/** Puts one person into a group or takes them out, whoever else came or went meanwhile. Twice is as once. */
export async function changeGroupMember(
  tx: Tx,
  actor: Actor,
  args: { groupId: number; userId: number; on: boolean; from?: string },
): Promise<Group> {
  const group = await groupFor(tx, actor, args.groupId);
  const before = idsIn(await membersOf(tx, group.id));
  const others = before.filter((id) => id !== args.userId);
  const added = args.on ? await activeAmong(tx, [args.userId]) : [];
  if (args.on && added.length === 0) throw new Refusal("not_found");
  if (others.length + added.length > limits.groupMembers) {
    throw new Refusal("full", `There are at most ${limits.groupMembers} people in a group.`);
  }
  const wanted = [...others, ...added].sort((a, b) => a - b);
  return change(tx, actor, { group, before, wanted, from: args.from });
}

/** The row is locked: of two who change the group at once, the second sees what the first did. */
async function groupFor(tx: Tx, actor: Actor, groupId: number): Promise<{ id: number; name: string }> {
  await mayGovern(tx, actor);
  const group = await tx.get<{ id: number; name: string }>(
    "UPDATE user_groups SET name = name WHERE id = ? AND name <> '' RETURNING id, name",
    groupId,
  );
  if (!group) throw new Refusal("not_found");
  return group;
}

interface Change {
  group: { id: number; name: string };
  before: readonly number[];
  wanted: number[];
  from: string | undefined;
}

async function change(tx: Tx, actor: Actor, { group, before, wanted, from }: Change): Promise<Group> {
  const changed = [...new Set([...before, ...wanted])]
    .filter((id) => before.includes(id) !== wanted.includes(id))
    .sort((a, b) => a - b);
  for (const userId of changed) {
    if (wanted.includes(userId)) await tx.run("INSERT INTO group_members VALUES (?, ?)", group.id, userId);
    else await tx.run("DELETE FROM group_members WHERE group_id = ? AND user_id = ?", group.id, userId);
  }
  for (const userId of changed) {
    const detail = { name: group.name, did: wanted.includes(userId) ? "put in" : "taken out" };
    await recordAct(tx, { act: "group.changed", actor: actor.userId, userId, detail, from });
    await tellChanged(tx, group.id, userId);
  }
  return { ...group, user_ids: wanted };
}

/**
 * Nobody is called by it any more. Its row stays without a name: SQLite would give its id to the next group, and with it
 * every call that still stands in messages.
 */
export async function deleteGroup(tx: Tx, actor: Actor, args: { groupId: number; from?: string }): Promise<null> {
  const { name } = await setGroupMembers(tx, actor, { ...args, userIds: [] });
  await recordAct(tx, { act: "group.deleted", actor: actor.userId, detail: { name }, from: args.from });
  await tx.run("UPDATE user_groups SET name = '', name_key = ? WHERE id = ?", `\u0001${args.groupId}`, args.groupId);
  return null;
}

/** Their groups, and the rooms in which the group is called by something that they have not read. */
async function tellChanged(tx: Tx, groupId: number, userId: number): Promise<void> {
  const active = await tx.get("SELECT 1 FROM users WHERE id = ? AND deactivated_at IS NULL", userId);
  if (active === null) return;
  await tellPreferences(tx, userId, await getPreferences(tx, { userId }));
  const rooms = await tx.all<{ room_id: number }>(
    `SELECT b.room_id FROM members b WHERE b.user_id = ? AND b.state = 'in' AND (
       EXISTS (SELECT 1 FROM calls c WHERE c.room_id = b.room_id AND c.seq > b.read_seq AND c.target = ?)
       OR EXISTS (SELECT 1 FROM thread_followers f JOIN calls c ON c.thread = f.root_id AND c.seq > f.read_seq
         WHERE f.user_id = b.user_id AND f.room_id = b.room_id AND f.following = 1 AND c.target = ?)) ORDER BY b.room_id`,
    userId,
    groupId,
    groupId,
  );
  for (const { room_id } of rooms) {
    for (const [, version] of await moveRows(tx, room_id, [userId])) await tellMyRoom(tx, userId, room_id, version);
  }
}

async function activeAmong(tx: Tx, userIds: readonly number[]): Promise<number[]> {
  if (userIds.length === 0) return [];
  const rows = await tx.all<{ id: number }>(
    `SELECT id FROM users WHERE deactivated_at IS NULL AND id IN (SELECT CAST(value AS bigint) FROM ${tx.listed}) ORDER BY id`,
    JSON.stringify(userIds),
  );
  return rows.map(({ id }) => id);
}

function membersOf(sql: Sql, groupId: number): Promise<{ user_id: number }[]> {
  return sql.all("SELECT user_id FROM group_members WHERE group_id = ? ORDER BY user_id", groupId);
}

function idsIn(rows: readonly { user_id: number }[] = []): number[] {
  return rows.map(({ user_id }) => user_id);
}
