import { Offline } from "#client/api.ts";
import type { Chat } from "#client/chat.ts";
import { Refusal } from "#shared/errors.ts";
import { callOf } from "#shared/mentions.ts";
import type { Message } from "#shared/models.ts";
import type { Person } from "#tests/support/people.ts";
import { governing, governs, post, speak } from "./govern.ts";
import { addDevice, type Held, started, type World } from "./world.ts";

/** How often each thing happens, beside the others. */
const weights = {
  send: 40,
  burst: 4,
  post: 6,
  speak: 3,
  reply: 6,
  inThread: 8,
  openThread: 6,
  closeThread: 1,
  readThread: 4,
  follow: 3,
  open: 16,
  older: 3,
  seek: 3,
  newer: 2,
  newest: 1,
  members: 3,
  read: 8,
  unread: 3,
  edit: 6,
  takeBack: 3,
  react: 8,
  pin: 3,
  draft: 5,
  save: 3,
  later: 3,
  type: 2,
  join: 6,
  leave: 3,
  create: 2,
  rename: 3,
  remove: 5,
  sendOut: 2,
  ban: 2,
  unban: 4,
  letIn: 8,
  role: 4,
  close: 2,
  reopen: 4,
  talk: 2,
  handOn: 1,
  invite: 2,
  profile: 2,
  block: 1,
  unblock: 2,
  setApart: 2,
  delete: 0.6,
  cut: 6,
  offline: 2,
  online: 4,
  level: 1,
  prefer: 1,
  whileAway: 8,
  newDevice: 0.4,
  restart: 0.9,
  ...governing,
} satisfies Record<string, number>;

type Deed = keyof typeof weights;

/** Refusals that are an answer to what was asked, by somebody who may not or came too late. */
const expected = new Set([
  "deleted",
  "full",
  "forbidden",
  "not_found",
  "removed",
  "not_member",
  "taken",
  "unavailable",
  "read_only",
  "archived",
  "last_admin",
  "invalid",
]);

/** Does one thing at random. Some of it ends later: what is still under way is answered. */
export async function act(world: World): Promise<void> {
  const deed = world.dice.weighed(weights);
  const held = world.dice.oneOf(world.devices);
  const room = world.dice.oneOf(world.rooms);
  if (!held || room === undefined) return;
  world.trace.push(`${deed} ${held.name} ${room}`);
  await deeds[deed](world, held, room).catch((error: unknown) => {
    if (error instanceof Offline) return;
    if (error instanceof Refusal && expected.has(error.code)) return;
    world.recorder.fault(`${deed} by ${held.name} in ${room}: ${String(error)}`);
  });
}

const deeds: Record<Deed, (world: World, held: Held, room: number) => Promise<unknown>> = {
  ...governs,
  async send(world, { chat }, room) {
    const own = world.dice.oneOf([...chat.replica.mine.keys()]);
    chat.send(own !== undefined && world.dice.throw() < 0.9 ? own : room, words(world));
  },
  async burst(world, { chat }, room) {
    for (let at = world.dice.from(5, 30); at > 0; at--) chat.send(room, words(world));
  },
  post: (world, { by, name }, room) => post(world, by, `${name} by post`, room, words(world)),
  speak: (world, { by, name }, room) => speak(world, by, `${name} by an old client`, room, words(world)),
  async reply(world, { chat }, room) {
    const message = world.dice.oneOf(shown(chat, room));
    if (message) chat.send(room, words(world), { replyTo: message.id });
  },
  async inThread(world, { chat }, room) {
    const root = world.dice.oneOf(shown(chat, room));
    if (!root) return;
    world.roots.set(room, (world.roots.get(room) ?? new Set()).add(root.id));
    const replyTo = world.dice.oneOf(chat.replica.logs.get(room)?.threads.get(root.id)?.messages ?? []);
    chat.send(room, words(world), { thread: root.id, replyTo: world.dice.throw() < 0.3 ? replyTo?.id : undefined });
  },
  async openThread(world, { chat }, room) {
    const root = world.dice.oneOf(shown(chat, room).filter((message) => message.replies));
    if (root) await chat.openThread(room, root.id);
  },
  async closeThread(world, { chat }, room) {
    const root = world.dice.oneOf(threadsOf(chat, room));
    if (root !== undefined) chat.closeThread(root);
  },
  async readThread(world, { chat }) {
    const row = world.dice.oneOf([...chat.replica.threads.values()].filter(({ n, read_n }) => n > read_n));
    if (!row) return;
    await chat.openThread(row.room_id, row.root_id);
    chat.markThreadRead(row.room_id, row.root_id);
  },
  async follow(world, { chat, by }, room) {
    const root = world.dice.oneOf(shown(chat, room));
    if (!root) return;
    const level = world.dice.oneOf(["all", "mentions", "nothing", null] as const) ?? null;
    if (world.dice.throw() < 0.3) await by.api.setThreadLevel(room, root.id, level);
    else await by.api.follow(room, root.id, world.dice.throw() < 0.7);
  },
  open: (_, { chat }, room) => chat.openRoom(room),
  older: (_, { chat }, room) => chat.loadOlder(room),
  async seek(world, { chat }, room) {
    const known = world.dice.oneOf(chat.replica.logs.get(room)?.messages ?? []);
    if (known) await chat.seek(room, Math.max(1, known.id - Math.floor(world.dice.throw() * 60)));
  },
  newer: (_, { chat }, room) => chat.loadNewer(room),
  newest: async (_, { chat }, room) => chat.toNewest(room),
  members: (_, { chat }, room) => chat.loadMembers(room),
  async read(world, { chat }) {
    const own = world.dice.oneOf([...chat.replica.mine.keys()]);
    const head = own === undefined ? undefined : chat.replica.heads.get(own);
    if (own !== undefined && head) chat.markRead(own, head.seq - world.dice.from(0, 3));
  },
  async unread(world, { chat }, room) {
    const message = world.dice.oneOf(shown(chat, room));
    if (message) await chat.markUnread(message);
  },
  async edit(world, { chat, by }, room) {
    const own = said(chat, room).filter((message) => message.user_id === by.id && message.deleted_at === undefined);
    const message = world.dice.oneOf(own);
    const first = message?.content.replace(/ \(edited \d+\)$/, "");
    if (message) await by.api.editMessage(message.id, `${first} (edited ${world.trace.length})`);
  },
  async takeBack(world, { chat, by }, room) {
    const message = world.dice.oneOf(said(chat, room));
    if (message) await by.api.deleteMessage(message.id);
  },
  async react(world, { chat, by }, room) {
    const message = world.dice.oneOf(said(chat, room));
    const emoji = world.dice.oneOf(["👍", "🍰", "❤️"]) ?? "👍";
    if (message) await by.api.react(message.id, emoji, world.dice.throw() < 0.7);
  },
  async pin(world, { chat, by }, room) {
    const message = world.dice.oneOf(shown(chat, room));
    if (message) await by.api.pin(message.id, world.dice.throw() < 0.7);
  },
  block: (world, { by }) => by.api.block(anybody(world).id),
  unblock: (world, { by }) => by.api.unblock(anybody(world).id),
  setApart: (world, { by }, room) =>
    by.api.setApart(
      room,
      world.dice.throw() < 0.5 ? { favourite: world.dice.throw() < 0.5 } : { hidden: world.dice.throw() < 0.5 },
    ),
  profile: (world, { by }) =>
    by.api.changeProfile({
      display_name: world.dice.oneOf(["", `${by.username} ${world.trace.length}`]) ?? "",
      hue: world.dice.oneOf([null, 30, 200]) ?? null,
    }),
  async draft(world, { chat }, room) {
    const thread = world.dice.throw() < 0.3 ? world.dice.oneOf(threadsOf(chat, room)) : undefined;
    chat.writeDraft(room, world.dice.throw() < 0.7 ? `draft ${world.trace.length}` : "", thread);
  },
  async save(world, { chat }, room) {
    const message = world.dice.oneOf(shown(chat, room));
    if (message) await chat.save(message.id, world.dice.throw() < 0.7);
  },
  /** Sent when the server next looks; when that is and whether they may by then, nobody can say now. */
  async later(world, { by, name, chat }, room) {
    const content = words(world);
    const p = `${name} later`;
    world.recorder.invoked(p, room, content);
    world.recorder.refused(p, room, content, "offline");
    const answered = world.dice.throw() < 0.3 ? world.dice.oneOf(shown(chat, room)) : undefined;
    await by.api.schedule(room, { content, at: new Date().toISOString(), reply_to: answered?.id });
  },
  async type(_, { chat }, room) {
    chat.typing(room);
  },
  join: (_, { by }, room) => by.api.joinRoom(room),
  leave: (_, { by }, room) => by.api.leaveRoom(room),
  async create(world, { by }) {
    const kind = world.dice.oneOf(["public", "private"] as const) ?? "public";
    const { id } = await by.api.createRoom({ name: `room ${world.said} of ${by.username}`, kind });
    world.rooms.push(id);
    world.makers.set(id, by);
    const others = world.people.filter((other) => other !== by && world.dice.throw() < 0.6);
    if (others.length > 0) {
      await by.api.addMembers(
        id,
        others.map((other) => other.id),
        world.dice.throw() < 0.5 ? "all" : "from_now",
      );
    }
  },
  rename: (world, { by }, room) => by.api.changeRoom(room, { name: `room ${room}, name ${world.trace.length}` }),
  remove: (world, { by }, room) => by.api.removeMember(room, anybody(world).id),
  sendOut: (world, { by }, room) => by.api.sendOut(room, anybody(world).id),
  ban: (world, { by }, room) =>
    by.api.ban(room, { user_id: anybody(world).id, reason: world.dice.throw() < 0.5 ? "a reason" : "" }),
  unban: (world, { by }, room) => by.api.unban(room, anybody(world).id),
  letIn: (world, { by }, room) => {
    const ids = new Set([anybody(world).id, anybody(world).id]);
    return by.api.addMembers(room, [...ids], world.dice.throw() < 0.5 ? "all" : "from_now");
  },
  role(world, { by }, room) {
    const role = world.dice.oneOf(["admin", "moderator", "member", "member", "reader"] as const) ?? "member";
    return by.api.giveRole(room, anybody(world).id, role);
  },
  close: (world, { by }, room) =>
    by.api.changeRoom(room, world.dice.throw() < 0.5 ? { archived: true } : { posting: "moderators" }),
  reopen: (_, { by }, room) => by.api.changeRoom(room, { archived: false, posting: "members" }),
  async talk(world, { by }) {
    const others = new Set([anybody(world).id, world.dice.throw() < 0.3 ? anybody(world).id : by.id]);
    const { id } = await by.api.openDirect({ user_ids: [...others] });
    if (!world.rooms.includes(id)) world.rooms.push(id);
  },
  async invite(world, { by }, room) {
    const { id, token } = await by.api.makeInvite({ room_ids: [room], uses: world.dice.from(1, 2) });
    await Promise.all([anybody(world), anybody(world)].map((who) => who.api.useInvite(token).catch(unlessOver)));
    if (world.dice.throw() < 0.5) await by.api.revokeInvite(id);
  },
  handOn: (world, { by }, room) => by.api.transferRoom(room, anybody(world).id),
  delete: (world, { by }, room) => (world.rooms.length > 3 ? by.api.deleteRoom(room) : Promise.resolve()),
  level: (world, { by }, room) =>
    by.api.setLevel(room, world.dice.oneOf(["all", "mentions", "nothing", null] as const) ?? null),
  prefer: (world, { by }) => by.api.changePreferences({ keywords: [`word ${world.trace.length}`] }),
  async cut(_, held) {
    held.cut();
  },
  async offline(_, { chat }) {
    chat.offline();
  },
  async online(_, { chat }) {
    chat.online();
  },
  /** Put out, talked about and perhaps let in again, while the device is away. */
  async whileAway(world, { chat, by }) {
    const room = world.dice.oneOf([...chat.replica.logs.keys()]);
    const maker = room === undefined ? undefined : world.makers.get(room);
    if (room === undefined || !maker || maker === by) return;
    const comesBack = world.dice.throw() < 0.6;
    chat.offline();
    try {
      await maker.api.removeMember(room, by.id);
      for (const { chat: others, by: other } of world.devices) if (other === maker) others.send(room, words(world));
      if (comesBack) await maker.api.addMembers(room, [by.id], world.dice.throw() < 0.5 ? "all" : "from_now");
    } finally {
      chat.online();
    }
  },
  async newDevice(world, { by }) {
    if (world.devices.length < 12) addDevice(world, by).chat.start();
  },
  async restart(world) {
    if (world.isRestarting) return;
    world.isRestarting = true;
    await world.server.restart();
    started(world);
    world.isRestarting = false;
    for (const { chat } of world.devices) if (world.dice.throw() < 0.7) chat.wake();
  },
};

/** Of the room's own talk, or of a thread that is shown. */
function said(chat: Chat, room: number): Message[] {
  const threads = [...(chat.replica.logs.get(room)?.threads.values() ?? [])];
  return [...shown(chat, room), ...threads.flatMap(({ messages }) => messages.slice(-5))];
}

function threadsOf(chat: Chat, room: number): number[] {
  return [...(chat.replica.logs.get(room)?.threads.keys() ?? [])];
}

function shown(chat: Chat, room: number): Message[] {
  return (chat.replica.logs.get(room)?.messages ?? []).slice(-10);
}

function unlessOver(error: unknown): void {
  if (!(error instanceof Refusal && error.code === "not_found")) throw error;
}

function words(world: World): string {
  world.said += 1;
  const calls = world.dice.throw() < 0.15 ? [callOf(anybody(world).username), "@room", "@here"] : [];
  return `message ${world.said} ${world.dice.oneOf(calls) ?? ""}`.trimEnd();
}

function anybody(world: World): Person {
  return world.dice.oneOf(world.people) as Person;
}
