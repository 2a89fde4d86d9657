import { afterAll, beforeAll, expect, test } from "bun:test";
import type { AccountList } from "#shared/contract/accounts.ts";
import type { HouseRoomList } from "#shared/contract/rooms.ts";
import type { ManagedAccount, MessagePage } from "#shared/models.ts";
import { type Answer, askApi, logIn } from "#tests/api/ask.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;
let names = 0;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [root, ann, ben] = await people(server.url, "root", "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const change = async (by: Person, whose: { id: number }, json: unknown): Promise<Answer> =>
  askApi(server.url, "PATCH", `/users/${whose.id}`, { token: await by.token(), json });

async function newcomer(): Promise<Person> {
  const [made] = await people(server.url, `newcomer ${++names}`);
  return made;
}

/** A person with both kinds of socket open and a refresh token in hand. */
async function connected(by: Person) {
  const tokens = await logIn(server.url, by);
  const full = await RawSocket.ready(server.url, tokens.access_token);
  const plain = await RawSocket.open(server.url, "/ws/somewhere", tokens.access_token);
  await plain.hears("active_users");
  const isOut = async () => {
    expect((await full.closes()).code).toBe(4401);
    expect((await plain.closes()).code).toBe(4401);
    expect((await askApi(server.url, "GET", "/me", { token: tokens.access_token })).code).toBe("session_ended");
    const json = { refresh_token: tokens.refresh_token };
    expect((await askApi(server.url, "POST", "/token/refresh", { json })).status).toBe(401);
  };
  return { tokens, full, plain, isOut };
}

test("deactivating ends every session of the account on every socket, and no login starts another", async () => {
  const who = await newcomer();
  const lines = await connected(who);
  expect((await change(root, who, { active: false })).body).toMatchObject({ id: who.id, active: false });
  await lines.isOut();
  const json = { username: who.username, password: who.password };
  expect((await askApi(server.url, "POST", "/token", { json })).code).toBe("wrong_credentials");
  expect((await change(root, who, { active: true })).body).toMatchObject({ active: true });
  expect((await askApi(server.url, "POST", "/token", { json })).status).toBe(200);
});

test("a private room whose only admin is deactivated is led on by another, and by both once they are back", async () => {
  const [who, early, late] = [await newcomer(), await newcomer(), await newcomer()];
  const { id } = await who.api.createRoom({ name: "led by one", kind: "private" });
  for (const each of [early, ben, late]) await who.api.addMembers(id, [each.id]);
  await who.api.giveRole(id, early.id, "reader");
  const admins = async () => {
    const { items } = await ben.api.members(id);
    return items.filter(({ role }) => role === "admin").map(({ username }) => username);
  };
  await change(root, late, { active: false });
  expect(await admins()).toEqual([who.username]);
  const socket = await RawSocket.ready(server.url, await ben.token());
  await change(root, who, { active: false });
  await socket.hears("me", (frame) => frame.rooms.some((row) => row.room.id === id && row.role === "admin"));
  socket.close();
  await ben.api.changeRoom(id, { description: "led on" });
  expect((await admins()).toSorted()).toEqual(["ben", who.username].toSorted());
  await change(root, who, { active: true });
  const { access_token: token } = await logIn(server.url, who);
  const asked = await askApi(server.url, "PATCH", `/rooms/${id}`, { token, json: { description: "as before" } });
  expect(asked.status).toBe(200);
});

test("a private room of which everybody was shut out is led by whoever comes back first, and a led one by nobody else", async () => {
  const [who, other] = [await newcomer(), await newcomer()];
  const { id } = await who.api.createRoom({ name: "all shut out", kind: "private" });
  await who.api.addMembers(id, [other.id]);
  const describe = async (by: Person) => {
    const { access_token: token } = await logIn(server.url, by);
    return (await askApi(server.url, "PATCH", `/rooms/${id}`, { token, json: { description: by.username } })).status;
  };
  for (const active of [false, true]) await change(root, other, { active });
  expect(await describe(other)).toBe(403);
  for (const each of [other, who]) await change(root, each, { active: false });
  await change(root, other, { active: true });
  expect(await describe(other)).toBe(200);
  await change(root, who, { active: true });
  expect(await describe(who)).toBe(200);
});

test("a demotion ends the admin's sessions, and a promotion holds at once for the token that is there", async () => {
  const who = await newcomer();
  const { tokens, plain } = await connected(who);
  const accounts = (token: string) => askApi(server.url, "GET", "/house/accounts", { token });
  expect((await accounts(tokens.access_token)).status).toBe(403);
  expect((await change(root, who, { role: "admin" })).body).toMatchObject({ role: "admin" });
  expect((await accounts(tokens.access_token)).status).toBe(200);
  expect(plain.closed).toBeNull();
  const lines = await connected(who);
  expect((await change(root, who, { role: "user" })).body).toMatchObject({ role: "user" });
  await lines.isOut();
  expect((await accounts((await logIn(server.url, who)).access_token)).status).toBe(403);
});

test("nobody changes their own role, only an admin changes roles and standing, and one admin always stays", async () => {
  const who = await newcomer();
  for (const body of [{ role: "admin" }, { active: false }, { role: "admin", email: "x@example.org" }]) {
    expect(await change(who, who, body)).toMatchObject({ status: 403, code: "forbidden" });
    expect(await change(who, ann, body)).toMatchObject({ status: 403, code: "forbidden" });
  }
  expect(await change(root, root, { role: "user" })).toMatchObject({ status: 403, code: "forbidden" });
  expect(await change(root, root, { active: false })).toMatchObject({ status: 409, code: "last_admin" });
  const me = await askApi(server.url, "GET", "/me", { token: await who.token() });
  expect(me.body).toMatchObject({ role: "user", email: null });
});

test("two admins who demote each other at once leave one, twenty times", async () => {
  for (let trial = 0; trial < 20; trial++) {
    const one = await newcomer();
    const other = await newcomer();
    for (const who of [one, other]) await change(root, who, { role: "admin" });
    const answers = await Promise.all([change(one, other, { role: "user" }), change(other, one, { role: "user" })]);
    expect(answers.map((answer) => answer.status).sort()).toContain(200);
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const list = await askApi(server.url, "GET", "/house/accounts?limit=100", { token: await root.token() });
    const admins = (list.body as AccountList).items.filter((item) => [one.id, other.id].includes(item.id));
    expect(admins.filter((item) => item.role === "admin")).toHaveLength(1);
    for (const who of [one, other]) await change(root, who, { role: "user", active: false });
  }
});

test("the right is asked before the body is read, and who may not learns nothing of whom there is", async () => {
  for (const json of [{}, { nonsense: 1 }, "no object"]) {
    expect((await change(ann, ben, json)).status).toBe(403);
    expect((await change(ann, { id: 999_999 }, json)).status).toBe(403);
  }
  expect((await change(root, { id: 999_999 }, {})).status).toBe(404);
  expect((await change(ann, ann, { nonsense: 1 })).status).toBe(400);
});

test("one's own new password needs the old one and ends one's other sessions; one from an admin ends all", async () => {
  const who = await newcomer();
  const elsewhere = await connected(who);
  const password = "another long password";
  expect(await change(who, who, { password })).toMatchObject({ status: 400, code: "invalid" });
  const wrong = await change(who, who, { password, current_password: "wrong" });
  expect(wrong).toMatchObject({ status: 401, code: "wrong_credentials" });
  expect((await change(who, who, { password: "short", current_password: who.password })).status).toBe(400);
  expect((await change(who, who, { password, current_password: who.password })).status).toBe(200);
  await elsewhere.isOut();
  expect((await askApi(server.url, "GET", "/me", { token: await who.token() })).status).toBe(200);
  const lines = await connected({ ...who, password });
  expect((await change(root, who, { password: "given by root" })).status).toBe(200);
  await lines.isOut();
  await logIn(server.url, { ...who, password: "given by root" });
});

test("an e-mail address logs in when an admin set it, and not when its owner did", async () => {
  const who = await newcomer();
  const login = (username: string) =>
    askApi(server.url, "POST", "/token", { json: { username, password: who.password } });
  expect((await change(who, who, { email: "Own@Example.org" })).body).toMatchObject({ email: "Own@Example.org" });
  expect((await login("own@example.org")).status).toBe(401);
  expect((await change(root, who, { email: "Own@Example.org" })).status).toBe(200);
  expect((await login("own@example.org")).status).toBe(200);
  expect(await change(root, ann, { email: "OWN@example.org" })).toMatchObject({ status: 409, code: "taken" });
  expect((await change(ann, ann, { email: "no address" })).status).toBe(400);
  await change(who, who, { email: "other@example.org" });
  expect((await login("other@example.org")).status).toBe(401);
  expect((await change(who, who, { email: null })).body).toMatchObject({ email: null });
});

test("a new name is told in every room, to old messages, members, who is there, and what comes next [E6]", async () => {
  const who = await newcomer();
  const { id: room } = await ann.api.createRoom({ name: "renaming" });
  await ann.api.addMembers(room, [who.id]);
  await who.api.sendMessage(room, { content: "before" });
  const { chat } = deviceOf(ann, server.url);
  chat.start();
  await chat.openRoom(room);
  await chat.loadMembers(room);
  await eventually(() => expect(chat.replica.logs.get(room)?.messages).toHaveLength(1));
  const socket = await RawSocket.open(server.url, `/ws/${room}`, await who.token());
  await socket.hears("active_users");
  await eventually(() => expect(chat.room(room).active?.users.map((user) => user.id)).toContain(who.id));
  const username = `Renamed ${names}`;
  expect((await change(who, who, { username })).body).toMatchObject({ username });
  socket.sayText("after");
  await eventually(() => {
    const { messages, members } = chat.replica.logs.get(room)!;
    const { active } = chat.room(room);
    expect(messages.map((message) => [message.content, message.username])).toEqual([
      ["before", username],
      ["after", username],
    ]);
    expect(members?.find((member) => member.user_id === who.id)?.username).toBe(username);
    expect(active?.users.find((user) => user.id === who.id)?.username).toBe(username);
  });
  const page = await askApi(server.url, "GET", `/rooms/${room}/messages`, { token: await who.token() });
  expect((page.body as MessagePage).items.map((message) => message.username)).toEqual([username, username]);
  expect((await change(ben, ben, { username: username.toUpperCase() })).code).toBe("taken");
  expect((await change(ben, ben, { username: "with@sign" })).code).toBe("invalid");
  await logIn(server.url, { username, password: who.password });
  socket.close();
  chat.stop();
});

test("whatever is told after the new name is told under it, by whichever door it was sent [E6]", async () => {
  const who = await newcomer();
  const { id: room } = await ann.api.createRoom({ name: "renaming while talking" });
  await ann.api.addMembers(room, [who.id]);
  const listener = await RawSocket.ready(server.url, await ann.token(), { open: [room], rooms: { [room]: 2 } });
  listener.say({ type: "open", room_id: room, epoch: server.store.epoch, seq: 2 });
  await listener.hears("opened");
  const plain = await RawSocket.open(server.url, `/ws/${room}`, await who.token());
  await plain.hears("active_users");
  let said = 0;
  let talking = true;
  const talk = async () => {
    while (talking) {
      plain.sayText(`plain ${++said}`);
      await who.api.sendMessage(room, { content: `rest ${++said}` });
    }
  };
  const talks = Array.from({ length: 8 }, talk);
  for (let trial = 0; trial < 10; trial++) {
    await change(who, who, { username: `Speaker ${names} ${trial}` });
  }
  talking = false;
  await Promise.all(talks);
  await listener.until(() => listener.all("message").length === said);
  let name = who.username;
  for (const frame of listener.heard) {
    if (frame.type === "member.renamed") name = frame.username;
    if (frame.type === "message") expect({ seq: frame.seq, name: frame.username }).toEqual({ seq: frame.seq, name });
  }
  expect(name).toBe(`Speaker ${names} 9`);
  for (const socket of [listener, plain]) socket.close();
});

test("an older page that was read before a new name and arrives after it shows the new name [E6]", async () => {
  const who = await newcomer();
  const { id: room } = await ann.api.createRoom({ name: "renaming while reading" });
  await ann.api.addMembers(room, [who.id]);
  for (let number = 0; number < 60; number++) await who.api.sendMessage(room, { content: `number ${number}` });
  const { chat } = deviceOf(ann, server.url);
  chat.start();
  await chat.openRoom(room);
  await eventually(() => expect(chat.replica.logs.get(room)?.messages).toHaveLength(50));
  const { store } = server;
  const { readText } = store;
  const asked = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  store.readText = (async (...args: Parameters<typeof readText>) => {
    const text = await readText.apply(store, args);
    if (args[0] !== "page") return text;
    store.readText = readText;
    asked.resolve();
    await released.promise;
    return text;
  }) as typeof readText;
  const loading = chat.loadOlder(room);
  await asked.promise;
  const username = `Renamed ${names}`;
  expect((await change(who, who, { username })).status).toBe(200);
  const shown = () => new Set(chat.replica.logs.get(room)?.messages.map((message) => message.username));
  await eventually(() => expect([...shown()]).toEqual([username]));
  released.resolve();
  await loading;
  expect(chat.replica.logs.get(room)?.messages).toHaveLength(60);
  expect([...shown()]).toEqual([username]);
  chat.stop();
});

test("an admin sees of a private room that it exists, its name and its size, and no more", async () => {
  const { id } = await ann.api.createRoom({ name: "secret plans", kind: "private", description: "not for others" });
  const { id: open } = await ann.api.createRoom({ name: "open plans", description: "for all" });
  const list = async (by: Person) => askApi(server.url, "GET", "/house/rooms?limit=100", { token: await by.token() });
  const { items } = (await list(root)).body as HouseRoomList;
  const outline = { id, kind: "private", name: "secret plans", member_count: 1 } as const;
  const unknown = { description: null, created_by: null, created_at: null };
  expect(items.find((room) => room.id === id)).toEqual({ ...outline, ...unknown });
  expect(items.find((room) => room.id === open)).toMatchObject({ description: "for all", created_by: ann.id });
  for (const path of [`/rooms/${id}`, `/rooms/${id}/messages`, `/rooms/${id}/members`]) {
    expect((await askApi(server.url, "GET", path, { token: await root.token() })).status).toBe(404);
  }
  await ann.api.addMembers(id, [root.id]);
  const inside = ((await list(root)).body as HouseRoomList).items.find((room) => room.id === id);
  expect(inside).toMatchObject({ description: "not for others", member_count: 2 });
  expect((await list(ann)).status).toBe(403);
});

test("a session that ended while a new password was being hashed changes nothing", async () => {
  const who = await newcomer();
  const { access_token: token } = await logIn(server.url, who);
  const json = { password: "another long password", current_password: who.password };
  const changing = askApi(server.url, "PATCH", `/users/${who.id}`, { token, json });
  const out = await askApi(server.url, "POST", "/logout", { token });
  const changed = await changing;
  expect(out.status).toBe(204);
  const login = await askApi(server.url, "POST", "/token", {
    json: { username: who.username, password: changed.status === 200 ? json.password : who.password },
  });
  expect(login.status).toBe(200);
  expect([200, 401]).toContain(changed.status);
  expect((changed.body as Partial<ManagedAccount>).active ?? true).toBe(true);
});
