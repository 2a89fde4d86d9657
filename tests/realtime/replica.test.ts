import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Chat } from "#client/chat.ts";
import { writes } from "#server/store/actions.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomKind } from "#shared/models.ts";
import { askApi } from "#tests/api/ask.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { stateOf } from "#tests/support/replica-state.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/**
 * What a device had, and what it was told since, is what a new device is told: for everything that can be done to rooms,
 * for whoever does it, for other members, for somebody who looks on, and for devices that were away meanwhile.
 */

let server: TestServer;
let operator: Person;
let ann: Person;
let ben: Person;
let cat: Person;
let dan: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  // The first account is the server's admin, who may do everything in public rooms: here that is nobody of these.
  [operator, ann, ben, cat, dan] = await people(server.url, "operator", "ann", "ben", "cat", "dan");
});
afterAll(() => server[Symbol.asyncDispose]());

/** ann is the room's admin, ben and dan are its members, cat is not; it has some talk and something unread for each. */
interface Scene {
  room: number;
  kind: RoomKind;
}

/** The direct talk is one of ann, ben and dan, in which nobody is anything more. */
const kinds: readonly RoomKind[] = ["public", "private", "direct"];

const cases: Record<string, (scene: Scene) => Promise<unknown>> = {
  send: ({ room }) => ben.api.sendMessage(room, { content: "and one more" }),
  "send, calling people": async ({ room }) => {
    const { id } = await ben.api.sendMessage(room, { content: "@ann @dan @cat @ben" });
    const { id: other } = await ann.api.sendMessage(room, { content: "@room @here and @dan" });
    await ben.api.editMessage(id, "@dan alone");
    await ann.api.editMessage(other, "@ben alone");
    await ann.api.deleteMessage((await ann.api.sendMessage(room, { content: "@room @ben" })).id);
    await ann.api.sendMessage(room, { content: "and @room" });
  },
  "send, called and read": async ({ room }) => {
    const { seq } = await ann.api.sendMessage(room, { content: "@ben @room" });
    await dan.api.sendMessage(room, { content: "@ben @room" });
    await ben.api.markRead(room, seq);
  },
  "set-level": async ({ room }) => {
    await ben.api.setLevel(room, "nothing");
    await dan.api.setLevel(room, "all");
    await dan.api.setLevel(room, null);
  },
  "change-preferences": async ({ room }) => {
    await ben.api.changePreferences({ rooms: "all", keywords: [`word ${room}`] });
    await dan.api.changePreferences({ paused_until: "2999-01-01T00:00:00.000Z" });
  },
  "make-group": ({ room, kind }) => operator.api.makeGroup(`made-${room}-${kind}`),
  "set-group-members": async ({ room, kind }) => {
    const { id, name } = await operator.api.makeGroup(`of-${room}-${kind}`);
    await operator.api.setGroupMembers(id, [ben.id, dan.id, cat.id]);
    await ann.api.sendMessage(room, { content: `@${name} who is in it` });
    await operator.api.setGroupMembers(id, [ben.id, ann.id]);
    await dan.api.sendMessage(room, { content: `@${name} again` });
  },
  "change-group-member": async ({ room, kind }) => {
    const { id, name } = await operator.api.makeGroup(`by-${room}-${kind}`);
    await operator.api.putInGroup(id, ben.id, true);
    await operator.api.putInGroup(id, dan.id, true);
    await ann.api.sendMessage(room, { content: `@${name} one by one` });
    await operator.api.putInGroup(id, dan.id, false);
  },
  "delete-group": async ({ room, kind }) => {
    const { id, name } = await operator.api.makeGroup(`no-${room}-${kind}`);
    await operator.api.setGroupMembers(id, [ben.id]);
    await ann.api.sendMessage(room, { content: `@${name} while it is` });
    await operator.api.deleteGroup(id);
  },
  "send, by one of the old devices": async ({ room }) => {
    const { chat } = deviceOf(ben, server.url);
    chat.start();
    const nonces = [chat.send(room, "from a device"), chat.send(room, "and again")];
    await eventually(() => expect(chat.room(room).pending.filter((send) => nonces.includes(send.nonce))).toEqual([]));
    chat.stop();
  },
  // Those by devices come first: in a room that is archived they would wait for what does not come.
  "send-reply, by one of the old devices": async ({ room }) => {
    const { chat } = deviceOf(ben, server.url);
    chat.start();
    const nonce = chat.send(room, "from a device", { replyTo: await firstOf(ann, room) });
    await eventually(() => expect(chat.room(room).pending.filter((send) => send.nonce === nonce)).toEqual([]));
    chat.stop();
  },
  "send-in-thread": async ({ room }) => {
    const thread = await firstOf(ben, room);
    for (const by of [dan, ann, ben, dan])
      await by.api.sendMessage(room, { content: `${by.username} replies`, thread });
    await ben.api.sendMessage(room, { content: "beside it" });
  },
  "send-in-thread, changed and taken back": async ({ room }) => {
    const thread = await firstOf(ben, room);
    const { id } = await dan.api.sendMessage(room, { content: "a mistkae", thread });
    const { id: unread } = await ann.api.sendMessage(room, { content: "to be taken back", thread });
    await dan.api.editMessage(id, "a mistake");
    await ben.api.react(id, "👍", true);
    await ann.api.deleteMessage(unread);
    await ben.api.deleteMessage(thread);
    await dan.api.sendMessage(room, { content: "under a gravestone", thread, reply_to: id });
  },
  "send-in-thread, by one of the old devices": async ({ room }) => {
    const { chat } = deviceOf(ben, server.url);
    chat.start();
    const thread = await firstOf(ann, room);
    const nonce = chat.send(room, "from a device", { thread });
    const waiting = () => chat.thread(room, thread).pending.filter((send) => send.nonce === nonce);
    expect(waiting()).toHaveLength(1);
    await eventually(() => expect(waiting()).toEqual([]));
    chat.stop();
  },
  "send-in-thread, while a follower is out": async ({ room }) => {
    const thread = await firstOf(ben, room);
    await dan.api.sendMessage(room, { content: "dan follows", thread });
    await ann.api.removeMember(room, dan.id);
    await ben.api.sendMessage(room, { content: "without dan", thread });
    await ann.api.addMembers(room, [dan.id, cat.id], "all");
    await ann.api.sendMessage(room, { content: "dan is back", thread });
    await dan.api.follow(room, thread, true);
    await ann.api.sendMessage(room, { content: "and hears of it", thread });
  },
  follow: async ({ room }) => {
    const thread = await firstOf(ben, room);
    for (const by of [ann, ben, dan]) await by.api.follow(room, thread, true);
    await ann.api.sendMessage(room, { content: "to three", thread });
    await dan.api.follow(room, thread, false);
    await ann.api.sendMessage(room, { content: "to two", thread });
  },
  "set-thread-level": async ({ room }) => {
    const thread = await firstOf(ben, room);
    await ben.api.setThreadLevel(room, thread, "mentions");
    await dan.api.follow(room, thread, true);
    await dan.api.setThreadLevel(room, thread, "nothing");
    await ben.api.setThreadLevel(room, thread, null);
    await ann.api.sendMessage(room, { content: "to both", thread });
  },
  "mark-thread-read": async ({ room }) => {
    const thread = await firstOf(ben, room);
    const { seq } = await ann.api.sendMessage(room, { content: "one", thread });
    for (const content of ["two", "three"]) await ann.api.sendMessage(room, { content, thread });
    await ben.api.markThreadRead(room, thread, seq);
  },
  "add-members": ({ room }) => ann.api.addMembers(room, [cat.id]),
  "add-members, who may read it all": ({ room }) => ann.api.addMembers(room, [cat.id], "all"),
  "add-members, who were removed before": async ({ room }) => {
    await ann.api.removeMember(room, dan.id);
    await ben.api.sendMessage(room, { content: "while dan is out" });
    await ann.api.addMembers(room, [dan.id, cat.id]);
    await ben.api.sendMessage(room, { content: "dan is back" });
  },
  "add-members, who were removed and may read it all now": async ({ room }) => {
    await ann.api.removeMember(room, dan.id);
    await ben.api.sendMessage(room, { content: "while dan is out" });
    await ann.api.addMembers(room, [dan.id], "all");
  },
  "change-room": ({ room, kind }) => ann.api.changeRoom(room, { name: `renamed ${room} ${kind}`, description: "new" }),
  "change-room, who may write in it": ({ room }) => ann.api.changeRoom(room, { posting: "moderators" }),
  "change-room, archived and back": async ({ room }) => {
    await ann.api.changeRoom(room, { archived: true });
    await ann.api.changeRoom(room, { archived: false });
    await ann.api.changeRoom(room, { archived: true });
  },
  "change-room, all of it at once": async ({ room, kind }) => {
    await ann.api.changeRoom(room, { name: `all of ${room} ${kind}`, description: "all", posting: "moderators" });
    await ann.api.changeRoom(room, { description: "none", posting: "members", archived: true });
  },
  "change-room, twice": async ({ room, kind }) => {
    await ann.api.changeRoom(room, { name: `once ${room} ${kind}` });
    await ann.api.changeRoom(room, { name: `twice ${room} ${kind}` });
  },
  "change-profile": async ({ room }) => {
    await ben.api.changeProfile({ display_name: `Ben of ${room}`, hue: 30 });
    await dan.api.changeProfile({ display_name: `Dan of ${room}` });
    await dan.api.changeProfile({ display_name: "", hue: 200 });
    await ben.api.changeProfile({ status: { text: "away" } });
  },
  "change-profile, by somebody who was removed": async ({ room }) => {
    await ann.api.removeMember(room, dan.id);
    await dan.api.changeProfile({ hue: null, display_name: `Dan out of ${room}` });
  },
  "change-user": async ({ room, kind }) => {
    await ben.api.sendMessage(room, { content: "under the old name" });
    const body = { token: await ben.token(), json: { username: `ben of ${room} ${kind}` } };
    expect((await askApi(server.url, "PATCH", `/users/${ben.id}`, body)).status).toBe(200);
    await ben.api.sendMessage(room, { content: "under the new name" });
  },
  "change-user, deactivated, and one of two let in again": async ({ room }) => {
    const [out, back] = [await somebodyIn(room), await somebodyIn(room)];
    const { id } = await ann.api.openDirect({ user_ids: [out] });
    await ann.api.sendMessage(id, { content: "see you" });
    for (const userId of [out, back]) await operator.api.changeUser(userId, { active: false });
    await operator.api.changeUser(back, { active: true });
  },
  "change-user, who was removed": async ({ room }) => {
    await ann.api.removeMember(room, dan.id);
    const body = { token: await dan.token(), json: { username: `dan of ${room}` } };
    expect((await askApi(server.url, "PATCH", `/users/${dan.id}`, body)).status).toBe(200);
  },
  ban: async ({ room }) => {
    await ann.api.ban(room, { user_id: dan.id, reason: "too loud" });
    await ann.api.ban(room, { user_id: cat.id });
    await ben.api.sendMessage(room, { content: "quiet at last" });
  },
  "unban, and brought in again": async ({ room }) => {
    await ann.api.ban(room, { user_id: dan.id });
    await ben.api.sendMessage(room, { content: "without dan" });
    await ann.api.unban(room, dan.id);
    await ann.api.addMembers(room, [dan.id]);
  },
  "lift-bans": async ({ room }) => {
    await ann.api.ban(room, { user_id: dan.id, until: new Date(Date.now() + 3_600_000).toISOString() });
    await server.store.write("lift-bans", { userId: 0 });
  },
  "remove-member, who may come back": async ({ room, kind }) => {
    await ann.api.sendOut(room, dan.id);
    await ben.api.sendMessage(room, { content: "dan is out for a walk" });
    if (kind === "public") await dan.api.joinRoom(room);
  },
  block: async ({ room }) => {
    await ben.api.block(dan.id);
    await ben.api.openDirect({ user_ids: [ann.id] });
    await ann.api.block(ben.id);
    await ben.api.sendMessage(room, { content: "to all of them" });
  },
  unblock: async () => {
    await ben.api.openDirect({ user_ids: [ann.id] });
    await ann.api.block(ben.id);
    await ben.api.block(ann.id);
    await unblockAll();
  },
  "set-apart": async ({ room }) => {
    await ben.api.setApart(room, { favourite: true });
    await dan.api.setApart(room, { hidden: true });
    await ann.api.setApart(room, { favourite: true });
    await ann.api.setApart(room, { hidden: true });
  },
  "create-room": ({ room, kind }) =>
    ben.api.createRoom({ name: `made beside ${room}`, kind: kind === "direct" ? "private" : kind }),
  "delete-room": ({ room }) => ann.api.deleteRoom(room),
  "delete-room, of which somebody was removed": async ({ room }) => {
    await ann.api.removeMember(room, dan.id);
    await ann.api.deleteRoom(room);
  },
  "give-role": async ({ room }) => {
    await ann.api.giveRole(room, ben.id, "moderator");
    await ann.api.giveRole(room, dan.id, "reader");
  },
  "give-role, and taken again": async ({ room }) => {
    await ann.api.giveRole(room, ben.id, "admin");
    await ben.api.giveRole(room, ann.id, "member");
    await ben.api.giveRole(room, dan.id, "reader");
    await ben.api.removeMember(room, dan.id);
  },
  "edit-message": async ({ room }) => {
    const { id } = await ben.api.sendMessage(room, { content: "with a mistkae" });
    await ben.api.editMessage(id, "with a mistake");
    await ben.api.editMessage(await firstOf(ben, room), "ben spoke");
  },
  "edit-message, before somebody came who may not see it": async ({ room }) => {
    const id = await firstOf(ben, room);
    await ann.api.addMembers(room, [cat.id]);
    await ben.api.editMessage(id, "unseen by cat");
    await ann.api.react(id, "🍰", true);
    await ben.api.deleteMessage(id);
  },
  "delete-message": async ({ room }) => {
    await ben.api.deleteMessage(await firstOf(ben, room));
    const { id } = await dan.api.sendMessage(room, { content: "taken back by the room's admin" });
    await ann.api.deleteMessage(id);
  },
  "erase-message": async ({ room, kind }) => {
    const id = await firstOf(dan, room);
    await ann.api.react(id, "🍰", true);
    await dan.api.editMessage(id, "dan spoke");
    if (kind === "public") await operator.api.eraseMessage(id);
    else await dan.api.deleteMessage(id);
  },
  pin: async ({ room }) => {
    const [first, second] = [await firstOf(ben, room), await firstOf(dan, room)];
    for (const id of [first, second]) await ann.api.pin(id, true);
    await ann.api.pin(first, false);
    await dan.api.deleteMessage(second);
    await ann.api.pin(await firstOf(ann, room), true);
  },
  "pin, before somebody came who may not see it": async ({ room }) => {
    const id = await firstOf(ben, room);
    await ann.api.addMembers(room, [cat.id]);
    await ann.api.pin(id, true);
  },
  react: async ({ room }) => {
    const id = await firstOf(ben, room);
    for (const by of [ann, ben, dan]) await by.api.react(id, "👍", true);
    for (const emoji of ["🍰", "❤️", "🇫🇷"]) await dan.api.react(id, emoji, true);
    await dan.api.react(id, "🍰", false);
    await ben.api.react(id, "👍", false);
  },
  "erase-user": async ({ room }) => {
    const gone = await somebodyIn(room);
    await server.store.write("erase-user", { userId: operator.id }, { userId: gone, words: "keep", from: "here" });
  },
  "sweep-words": async ({ room }) => {
    const gone = await somebodyIn(room);
    await server.store.write("erase-user", { userId: operator.id }, { userId: gone, words: "erase", from: "here" });
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-words", { userId: 0 }));
  },
  "sweep-deleted, of what everybody left": async ({ room }) => {
    for (const by of [ben, dan, ann]) await by.api.leaveRoom(room);
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-deleted", { userId: 0 }));
  },
  "join-room": ({ room, kind }) => (kind === "public" ? cat.api.joinRoom(room) : Promise.resolve()),
  "send-joining": async ({ room, kind }) => {
    if (kind === "public")
      await server.store.write("send-joining", { userId: cat.id }, { roomId: room, content: "I come" });
  },
  "join-room, after leaving": async ({ room, kind }) => {
    await ben.api.leaveRoom(room);
    await ann.api.sendMessage(room, { content: "without ben" });
    if (kind === "public") await ben.api.joinRoom(room);
  },
  "join-room, again and again": async ({ room, kind }) => {
    if (kind !== "public") return;
    for (let times = 0; times < 28; times++)
      for (const act of ["leaveRoom", "joinRoom"] as const) await dan.api[act](room);
    await ann.api.sendMessage(room, { content: "make up your mind" });
    await dan.api.leaveRoom(room);
  },
  "leave-room": ({ room }) => ben.api.leaveRoom(room),
  "leave-room, by its admin": async ({ room }) => {
    await ann.api.giveRole(room, ben.id, "admin");
    await ann.api.leaveRoom(room);
  },
  "mark-read": async ({ room }) => ben.api.markRead(room, (await ben.api.messages(room)).seq),
  "mark-read, in the middle": ({ room }) => ben.api.markRead(room, 5),
  "mark-unread": async ({ room }) => {
    await ben.api.markRead(room, (await ben.api.messages(room)).seq);
    await ben.api.markUnread(await firstOf(dan, room));
  },
  "mark-unread, in a thread": async ({ room }) => {
    const root = await firstOf(dan, room);
    await ben.api.sendMessage(room, { content: "to follow it", thread: root });
    const { id, seq } = await dan.api.sendMessage(room, { content: "a reply", thread: root });
    await ben.api.markThreadRead(room, root, seq);
    await ben.api.markUnread(id);
  },
  "mark-unread, and read on": async ({ room }) => {
    await dan.api.markUnread(await firstOf(ann, room));
    await ann.api.sendMessage(room, { content: "and more to read" });
    await dan.api.markRead(room, 6);
    await dan.api.markUnread(await firstOf(ben, room));
  },
  "keep-draft": async ({ room }) => {
    await ben.api.keepDraft(room, "not finished");
    await ben.api.keepDraft(room, "not quite finished");
    await dan.api.keepDraft(room, "thrown away");
    await dan.api.keepDraft(room, "");
  },
  "keep-draft, in a thread": async ({ room }) => {
    const root = await firstOf(ben, room);
    await ben.api.keepDraft(room, "not finished", root);
    await dan.api.keepDraft(room, "thrown away", root);
    await dan.api.keepDraft(room, "", root);
  },
  "keep-draft, and removed, or gone with the room": async ({ room }) => {
    for (const by of [ann, ben, dan]) await by.api.keepDraft(room, `${by.username} hesitates`);
    await ann.api.removeMember(room, dan.id);
    await ben.api.leaveRoom(room);
    await ann.api.deleteRoom(room);
  },
  "save-message": async ({ room }) => {
    await ben.api.saveMessage(await firstOf(ann, room));
    await ben.api.saveMessage(await firstOf(dan, room));
    await ann.api.saveMessage(await firstOf(dan, room));
    await dan.api.deleteMessage(await firstOf(dan, room));
  },
  "unsave-message": async ({ room }) => {
    for (const by of [ann, ben]) await by.api.saveMessage(await firstOf(dan, room));
    await ben.api.unsaveMessage(await firstOf(dan, room));
    await ann.api.removeMember(room, ben.id);
  },
  schedule: ({ room }) => ben.api.schedule(room, { content: "for tomorrow", at: later() }),
  "change-scheduled": async ({ room }) => {
    const { id } = await dan.api.schedule(room, { content: "for tomorow", at: later() });
    await dan.api.changeScheduled(id, { content: "for tomorrow", at: later() });
  },
  "cancel-scheduled": async ({ room }) => {
    const { id } = await dan.api.schedule(room, { content: "for tomorrow", at: later() });
    await dan.api.schedule(room, { content: "and for the day after", at: later() });
    await dan.api.cancelScheduled(id);
  },
  "send-scheduled": async ({ room }) => {
    for (const by of [ben, dan]) await sendNow(by, room, `${by.username} wrote this before`);
  },
  "fail-scheduled": async ({ room }) => {
    const { id } = await dan.api.schedule(room, { content: "too late", at: new Date(Date.now() + 200).toISOString() });
    await ann.api.removeMember(room, dan.id);
    await server.store.write("fail-scheduled", { userId: 0 }, { id, roomId: room, code: "removed" });
    const isKept = async () => (await dan.api.scheduled()).items.find((one) => one.id === id)?.state === "failed";
    await eventually(async () => expect(await isKept()).toBe(true), 4_000);
  },
  "open-direct": () => dan.api.openDirect({ user_ids: [cat.id] }),
  "open-direct, of many": () => ben.api.openDirect({ user_ids: [ann.id, cat.id, dan.id] }),
  "remove-member": ({ room }) => ann.api.removeMember(room, ben.id),
  "send-reply": async ({ room }) => {
    const reply_to = await firstOf(ben, room);
    await dan.api.sendMessage(room, { content: "an answer", reply_to });
    const { id } = await ann.api.sendMessage(room, { content: "another", reply_to });
    await ann.api.deleteMessage(id);
  },
  "sweep-deleted": async ({ room }) => {
    await ann.api.deleteRoom(room);
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-deleted", { userId: 0 }));
  },
  "use-invite": async ({ room }) => {
    const { token } = await ann.api.makeInvite({ room_ids: [room] });
    await cat.api.useInvite(token);
    await cat.api.useInvite(token);
  },
  "transfer-room": ({ room }) => ann.api.transferRoom(room, dan.id),
};

/** Writes that touch no room and no stream: what a device holds is the same before and after. */
const touchNoRoom = [
  "beat",
  "change-setting",
  "change-password",
  "confirm-email",
  "drop-push",
  "end-digest",
  "end-push",
  "end-session",
  "give-guess-back",
  "keep-ticket",
  "link-password",
  "log-out",
  "make-invite",
  "make-password-link",
  "move-push",
  "next-digests",
  "note-told",
  "put-digest",
  "take-digest",
  "put-push",
  "refresh-session",
  "revoke-invite",
  "sign-up",
  "start-session",
  "sweep-invites",
  "take-guess",
  "use-password-link",
  "use-ticket",
];

/** Writes of a tool that holds the data folder itself: no device is there to be told. */
const whileNoServerRuns = ["begin-import", "import-batch"];

test("every write there is has a case here, or is known to touch no room [E2]", () => {
  const named = Object.keys(cases).map((name) => name.split(",")[0] ?? "");
  const covered = new Set([...named, ...touchNoRoom, ...whileNoServerRuns]);
  covered.delete("send");
  expect([...covered].sort()).toEqual(Object.keys(writes).sort());
});

describe.each(Object.keys(cases))("after %s a device is as a new one", (name) => {
  test.each(kinds)(
    "in a %s room [E1, E2, E4]",
    async (kind) => {
      const scene = await setScene(name, kind);
      const { room } = scene;
      const olds = await Promise.all(
        [ann, ben, cat, dan].flatMap((by) =>
          ["open", "listed", "away"].map(async (is) => {
            const rooms = is === "listed" ? [] : [room];
            const chat = await device(by, rooms);
            if (is === "away") chat.offline();
            return { by, chat, rooms, is: `${by.username}, ${is}` };
          }),
        ),
      );
      await cases[name]?.(scene).catch((error: unknown) => {
        // In a direct talk nobody may do what needs an admin: what was done before stands.
        if (kind !== "direct" || !(error instanceof Refusal && error.code === "forbidden")) throw error;
      });
      for (const { chat, is } of olds) if (is.endsWith("away")) chat.online();
      await Promise.all(
        olds.map(async ({ by, chat, rooms, is }) => {
          const fresh = await device(by, rooms);
          await eventually(
            () => expect({ is, ...stateOf(chat, rooms) }).toEqual({ is, ...stateOf(fresh, rooms) }),
            4_000,
          );
          fresh.stop();
        }),
      );
      for (const { chat } of olds) chat.stop();
    },
    20_000,
  );
});

test("after everything together, in any order, devices are as new ones [E1, E2, E4]", async () => {
  const scenes = [
    await setScene("together", "public"),
    await setScene("together", "private"),
    await setScene("together", "direct"),
  ];
  const rooms = scenes.map((scene) => scene.room);
  const olds = [];
  for (const by of [ann, ben, cat, dan]) {
    olds.push({ by, chat: await device(by, rooms), rooms });
    olds.push({ by, chat: await device(by, []), rooms: [] });
  }
  for (const [name, run] of Object.entries(cases)) {
    if (name.startsWith("delete") || name.startsWith("sweep")) continue;
    for (const scene of scenes) await run(scene).catch(() => null);
  }
  for (const { by, chat, rooms: opened } of olds) {
    const fresh = await device(by, opened);
    await eventually(() => expect(stateOf(chat, opened)).toEqual(stateOf(fresh, opened)), 4_000);
    fresh.stop();
    chat.stop();
  }
}, 20_000);

function later(): string {
  return new Date(Date.now() + 86_400_000).toISOString();
}

/** The server looks for what is due; here it is told at once. */
async function sendNow(by: Person, room: number, content: string): Promise<void> {
  const { id } = await by.api.schedule(room, { content, at: new Date(0).toISOString() });
  await server.store.write("send-scheduled", { userId: 0 }, { id, roomId: room });
}

let strangers = 0;

/** Somebody new who has spoken in the room. */
async function somebodyIn(room: number): Promise<number> {
  strangers += 1;
  const made = await person(server.url, `stranger ${strangers}`);
  await ann.api.addMembers(room, [made.id]);
  await made.api.sendMessage(room, { content: "I was here" });
  return made.id;
}

async function unblockAll(): Promise<void> {
  for (const [by, other] of [
    [ann, ben],
    [ben, ann],
    [ben, dan],
  ] as const)
    await by.api.unblock(other.id);
}

let scenes = 0;
/** By room, the message whose thread devices show that have the room open. */
const roots = new Map<number, number>();

async function setScene(name: string, kind: RoomKind): Promise<Scene> {
  scenes += 1;
  // Whom somebody blocked in the scene before could not be brought into a talk or a private room.
  await unblockAll();
  const { id: room } =
    kind === "direct"
      ? await ann.api.openDirect({ user_ids: [ben.id, dan.id] })
      : await ann.api.createRoom({ name: `scene ${scenes} ${name}`, kind });
  if (kind !== "direct") await ann.api.addMembers(room, [ben.id, dan.id]);
  for (const by of [ann, ben, dan, ann]) await by.api.sendMessage(room, { content: `${by.username} speaks` });
  roots.set(room, await firstOf(ben, room));
  return { room, kind };
}

/** A message of theirs that was there before. */
async function firstOf(by: Person, room: number): Promise<number> {
  const { items } = await ann.api.messages(room, { after: 0 });
  return items.find((message) => message.user_id === by.id)?.id ?? 0;
}

async function device(by: Person, rooms: readonly number[]): Promise<Chat> {
  const { chat } = deviceOf(by, server.url);
  chat.start();
  for (const room of rooms) {
    await chat.openRoom(room);
    await chat.loadMembers(room);
    await chat.openThread(room, roots.get(room) ?? 0);
  }
  await eventually(() => expect(chat.line.state).toBe("live"));
  await eventually(() => {
    for (const room of rooms) expect(chat.room(room).status).not.toBe("loading");
  });
  return chat;
}
