import { createApi } from "#client/api.ts";
import type { Chat } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { Refusal } from "#shared/errors.ts";
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
  await maybe(ann.api.pin(answer.id, true));
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
    const difference = await differenceOf(watcher, afterwards.chat, rooms, other);
    const side = watcher.url === by ? "where it was done" : "on the other node";
    const client = watcher.version === undefined ? "this" : "the other";
    if (difference) faults.push(`${watcher.of.username}, ${side}, by ${client} version's client: ${difference}`);
    afterwards.chat.stop();
  }
  for (const { chat } of watchers) chat.stop();
  return faults;
}

/** What the other version may not have: where it is done, nodes and clients of that version hear an event that they do not know. */
async function maybe(done: Promise<unknown>): Promise<void> {
  await done.catch((error: unknown) => {
    const isUnknown = error instanceof Refusal && (error.status === 404 || error.status === 405);
    if (!isUnknown) throw error;
  });
}

type Watcher = ReturnType<typeof watch>;

function watch(of: Person, url: string, rooms: readonly number[], version?: typeof Chat) {
  const { chat } = deviceOf(of, url, version === undefined ? {} : { made: version });
  chat.start();
  const begun = Promise.all(rooms.map((room) => chat.openRoom(room).then(() => chat.loadMembers(room))));
  return { of, url, chat, version, begun };
}

async function differenceOf(watcher: Watcher, later: Chat, rooms: readonly number[], other: OtherVersion) {
  // When a message changed last is not heard by a client that does not know what changed it.
  const isLeftOut = (name: string) => watcher.version !== undefined && name === "changed";
  const isTold = (name: string) => !isLeftOut(name) && (/^\d+$/.test(name) || OURS.has(name) || other.knows(name));
  const found = () => {
    const [a, b] = [watcher.chat, later].map((chat) => told(stateOf(chat, rooms), isTold));
    return later.line.state === "live" ? firstDifference(a, b, "") : "the one that came later is not live";
  };
  try {
    await eventually(() => {
      const difference = found();
      if (difference !== null) throw new Error(difference);
    }, 10_000);
    return null;
  } catch {
    return found();
  }
}

/** Without the fields that only the newer version knows: the older one's node does not tell of them to who comes there. */
function told(state: unknown, isTold: (name: string) => boolean): unknown {
  if (Array.isArray(state)) return state.map((each) => told(each, isTold));
  if (typeof state !== "object" || state === null) return state;
  const kept = Object.entries(state).filter(([name]) => isTold(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, told(value, isTold)]));
}

function firstDifference(a: unknown, b: unknown, path: string): string | null {
  if (Bun.deepEquals(a, b)) return null;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) {
    return `${path} is ${JSON.stringify(a)}, and ${JSON.stringify(b)} for a device that came later`;
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = firstDifference(Reflect.get(a, name), Reflect.get(b, name), `${path}/${name}`);
    if (found !== null) return found;
  }
  return null;
}

/** What the comparison itself names. */
const OURS = new Set(["epoch", "versions", "mine", "house", "heads", "logs", "unread"]);
