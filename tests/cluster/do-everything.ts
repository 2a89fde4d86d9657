import { createApi } from "#client/api.ts";
import type { Chat } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, person } from "#tests/support/people.ts";
import { stateOf } from "#tests/support/replica-state.ts";
import type { OtherVersion } from "./check-out.ts";

export interface Sides {
  /** The node on which things are done. */
  by: string;
  /** The node on which they are seen. */
  seenAt: string;
  /** Of what is made, so that it is not taken. */
  name: string;
  other: OtherVersion;
  /** Admin of the house. */
  owner: Person;
}

/** The person, whose requests go to one node. */
export function onNode(one: Person, base: string): Person {
  return { ...one, api: createApi({ base, fetch, clock: systemClock, session: one.session }) };
}

/**
 * Does on one node what people do, and compares: devices that looked on from both nodes, by clients of both versions, with
 * devices that come only afterwards. Answers what differs.
 */
export async function doEverything({ by, seenAt, name, other, owner }: Sides): Promise<string[]> {
  const made = await Promise.all(["ann", "ben", "cat"].map((each) => person(by, `${name}-${each}`)));
  const [ann, ben, cat] = made.map((one) => onNode(one, by)) as [Person, Person, Person];
  const room = await ann.api.createRoom({ name: `${name} pond`, kind: "private" });
  const hall = await ann.api.createRoom({ name: `${name} hall` });
  await ann.api.addMembers(room.id, [ben.id, cat.id]);
  const rooms = [room.id, hall.id];
  const watchers = [ann, ben, cat].flatMap((one) =>
    [by, seenAt].flatMap((url) => [undefined, other.Chat].map((version) => watch(one, url, rooms, version))),
  );
  await Promise.all(watchers.map(({ begun }) => begun));
  const bensThere = onNode(ben, seenAt);
  const said = await ann.api.sendMessage(room.id, { content: "first" });
  const answer = await bensThere.api.sendMessage(room.id, { content: "second", reply_to: said.id });
  await bensThere.api.react(said.id, "🍰", true);
  await ann.api.react(answer.id, "🍰", true);
  await ann.api.react(answer.id, "🍰", false);
  await bensThere.api.editMessage(answer.id, "second, but better");
  await ann.api.deleteMessage(said.id);
  await onNode(owner, by).api.changeUser(cat.id, { username: `${name}-catherine` });
  await ann.api.changeRoom(room.id, { name: `${name} lake` });
  await ann.api.giveRole(room.id, ben.id, "moderator");
  await bensThere.api.joinRoom(hall.id);
  await cat.api.joinRoom(hall.id);
  await onNode(cat, seenAt).api.leaveRoom(hall.id);
  await cat.api.sendMessage(room.id, { content: "before cat is removed" });
  await ann.api.removeMember(room.id, cat.id);
  await bensThere.api.sendMessage(room.id, { content: "behind cat's back" });
  const talk = await ann.api.openDirect({ user_ids: [ben.id] });
  await bensThere.api.sendMessage(talk.id, { content: "between us" });
  await ann.api.markRead(room.id, answer.seq);
  await ann.api.addMembers(room.id, [cat.id]);
  await ann.api.sendMessage(room.id, { content: "cat is back" });
  const passing = await ann.api.createRoom({ name: `${name} tent` });
  await bensThere.api.joinRoom(passing.id);
  await ann.api.deleteRoom(passing.id);
  const faults: string[] = [];
  for (const watcher of watchers) {
    const afterwards = watch(watcher.of, watcher.url, rooms);
    await afterwards.begun;
    const difference = await differenceOf(watcher.chat, afterwards.chat, rooms, other);
    const side = watcher.url === by ? "where it was done" : "on the other node";
    const client = watcher.version === undefined ? "this" : "the other";
    if (difference) faults.push(`${watcher.of.username}, ${side}, by ${client} version's client: ${difference}`);
    afterwards.chat.stop();
  }
  for (const { chat } of watchers) chat.stop();
  return faults;
}

function watch(of: Person, url: string, rooms: readonly number[], version?: typeof Chat) {
  const { chat } = deviceOf(of, url, version === undefined ? {} : { made: version });
  chat.start();
  const begun = Promise.all(rooms.map((room) => chat.openRoom(room).then(() => chat.loadMembers(room))));
  return { of, url, chat, version, begun };
}

async function differenceOf(
  one: Chat,
  later: Chat,
  rooms: readonly number[],
  other: OtherVersion,
): Promise<string | null> {
  const told = () => [one, later].map((chat) => known(stateOf(chat, rooms), other));
  try {
    await eventually(() => {
      const [a, b] = told();
      if (!Bun.deepEquals(a, b) || later.line.state !== "live") throw new Error("They differ.");
    }, 10_000);
    return null;
  } catch {
    const [a, b] = told();
    return `holds ${Bun.inspect(a, { depth: 9 })}\nand a device that came later ${Bun.inspect(b, { depth: 9 })}`;
  }
}

/** Without the fields that only the newer version knows: the older one's node does not tell of them to who comes there. */
function known(state: unknown, other: OtherVersion): unknown {
  if (Array.isArray(state)) return state.map((each) => known(each, other));
  if (typeof state !== "object" || state === null) return state;
  const kept = Object.entries(state).filter(([name]) => /^\d+$/.test(name) || OURS.has(name) || other.knows(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, known(value, other)]));
}

/** What the comparison itself names. */
const OURS = new Set(["epoch", "versions", "mine", "house", "heads", "logs", "unread"]);
