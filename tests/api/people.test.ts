import { afterAll, beforeAll, expect, test } from "bun:test";
import type { UserList } from "#shared/contract/accounts.ts";
import type { AuditPage } from "#shared/contract/house.ts";
import type { ErasedAccount, ErasedList, Person as Profile } from "#shared/contract/people.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const clock = movedClock();
let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [root, ann, ben] = await people(server.url, "root", "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = async (by: Person, method: string, path: string, json?: unknown): Promise<Answer> =>
  askApi(server.url, method, path, { token: await by.token(), ...(json === undefined ? {} : { json }) });
const profile = async (json: unknown) => ask(ann, "PATCH", "/me/profile", json);
const seen = async () => (await ask(ben, "GET", `/users/${ann.id}`)).body as Profile;

test("what one says of oneself is seen by others, and what is left out stays", async () => {
  expect(await seen()).toMatchObject({ username: "ann", display_name: "", hue: null, time_zone: null, status: null });
  await profile({ display_name: "  Ann  of the Garden ", hue: 200, time_zone: "Europe/Paris" });
  await profile({ status: { text: "planting" } });
  expect(await seen()).toMatchObject({
    display_name: "Ann of the Garden",
    hue: 200,
    time_zone: "Europe/Paris",
    status: { text: "planting", until: null },
  });
  const found = (await ask(ben, "GET", "/users?name=garden")).body as UserList;
  expect(found.items.map(({ username }) => username)).toEqual(["ann"]);
  await profile({ display_name: "", hue: null, time_zone: null, status: null });
  expect(await seen()).toMatchObject({ display_name: "", hue: null, time_zone: null, status: null });
});

test.each([
  ["Иван Петров", ["иван", "ПЕТРОВ", "Петр"], "Пётр"],
  ["Änne", ["änne", "ÄNN", "a\u0308nne"], "ünne"],
  ["Ναταλία", ["ναταλ", "ΝΑΤΑΛΊΑ"], "νίκη"],
  ["上海花子", ["花子", "上"], "北京"],
  ["محمد علي", ["علي"], "عمر"],
  ["100%_sure!", ["%_S", "sure!"], "%s"],
])(
  "%s is found by any part of the display name or the user name, in the people's list and in the admins'",
  async (name, parts, other) => {
    const named = async (by: Person, path: string) => {
      const { items } = (await ask(by, "GET", path)).body as UserList;
      return items.map(({ id }) => id);
    };
    const one = await person(server.url, name);
    await profile({ display_name: name });
    for (const part of parts) {
      const wanted = encodeURIComponent(part);
      expect(await named(ben, `/users?name=${wanted}`)).toEqual([ann.id, one.id]);
      expect(await named(root, `/house/accounts?name=${wanted}`)).toEqual([ann.id, one.id]);
    }
    const none = encodeURIComponent(other);
    expect(await named(ben, `/users?name=${none}`)).toEqual([]);
    expect(await named(root, `/house/accounts?name=${none}`)).toEqual([]);
    await profile({ display_name: "" });
    expect(await named(ben, `/users?name=${encodeURIComponent(parts[0] ?? "")}`)).toEqual([one.id]);
  },
);

test("[E6] a new display name and colour are told to the rooms one is in, and to nobody elsewhere", async () => {
  const [cat, dan] = await people(server.url, "cat", "dan");
  const room = await ann.api.createRoom({ name: "looks", kind: "private" });
  await ann.api.addMembers(room.id, [cat.id]);
  const inside = await RawSocket.ready(server.url, await cat.token());
  inside.say({ type: "open", room_id: room.id, epoch: server.store.epoch, seq: 0 });
  await inside.hears("opened");
  const outside = await RawSocket.ready(server.url, await dan.token());
  await profile({ display_name: "Ann of the Garden", hue: 200 });
  expect(await inside.hears("member.renamed")).toMatchObject({
    user_id: ann.id,
    username: "ann",
    display_name: "Ann of the Garden",
    hue: 200,
  });
  await profile({ status: { text: "nothing that is drawn" } });
  await profile({ display_name: "Ann of the Garden" });
  await inside.settled();
  expect(inside.all("member.renamed")).toHaveLength(1);
  await outside.settled();
  expect(outside.all("member.renamed")).toEqual([]);
  const members = await cat.api.members(room.id);
  expect(members.items[0]).toEqual({
    user_id: ann.id,
    username: "ann",
    role: "admin",
    display_name: "Ann of the Garden",
    hue: 200,
  });
  expect(members.items[1]).toEqual({ user_id: cat.id, username: "cat", role: "member" });
  const talk = await cat.api.openDirect({ user_ids: [ann.id] });
  const row = await server.store.read("my-room", { userId: cat.id }, { roomId: talk.id });
  expect(row?.people).toEqual([{ id: ann.id, username: "ann", display_name: "Ann of the Garden", hue: 200 }]);
  const { items } = await cat.api.faces([ann.id, 999_999, cat.id]);
  expect(items.map((each) => [each.id, each.display_name, each.hue])).toEqual([
    [ann.id, "Ann of the Garden", 200],
    [cat.id, "", null],
  ]);
  expect((await ask(cat, "GET", `/users?ids=${Array.from({ length: 101 }, (_, at) => at + 1)}`)).status).toBe(400);
  await profile({ display_name: "", hue: null, status: null });
  await ann.api.deleteRoom(room.id);
  inside.close();
  outside.close();
});

test("[E6] that somebody's account is deactivated, and is not any more, is told to their rooms and in their talks, and nowhere else", async () => {
  const [eve, fay] = await people(server.url, "eve", "fay");
  const room = await ann.api.createRoom({ name: "shut out", kind: "private" });
  await ann.api.addMembers(room.id, [eve.id]);
  const talk = await ann.api.openDirect({ user_ids: [eve.id] });
  const inside = await RawSocket.ready(server.url, await ann.token());
  inside.say({ type: "open", room_id: room.id, epoch: server.store.epoch, seq: 0 });
  await inside.hears("opened");
  const outside = await RawSocket.ready(server.url, await fay.token());
  const standing = async () => {
    const { items } = await ann.api.members(room.id);
    const row = await server.store.read("my-room", { userId: ann.id }, { roomId: talk.id });
    return [items.find(({ user_id }) => user_id === eve.id)?.gone, row?.people[0]?.gone];
  };
  expect(await standing()).toEqual([undefined, undefined]);
  await root.api.changeUser(eve.id, { active: false });
  expect(await inside.hears("member.renamed")).toMatchObject({ user_id: eve.id, username: "eve", gone: true });
  await inside.hears("me", ({ rooms }) => rooms.some((row) => row.people[0]?.gone === true));
  expect(await standing()).toEqual([true, true]);
  await root.api.changeUser(eve.id, { active: true });
  await inside.until(() => inside.all("member.renamed").length === 2);
  expect(inside.all("member.renamed")[1]).not.toHaveProperty("gone");
  expect(await standing()).toEqual([undefined, undefined]);
  await outside.settled();
  expect(outside.all("member.renamed")).toEqual([]);
  inside.close();
  outside.close();
});

test("a status with an end is gone by itself at its end", async () => {
  const until = new Date(clock.now() + 300_000).toISOString();
  expect((await profile({ status: { text: "lunch", until } })).body).toMatchObject({
    status: { text: "lunch", until },
  });
  clock.forward(299_000);
  expect((await seen()).status?.text).toBe("lunch");
  clock.forward(2_000);
  expect((await seen()).status).toBeNull();
  expect(((await ask(ben, "GET", "/users")).body as UserList).items.every(({ status }) => status === null)).toBe(true);
});

test("what cannot be meant is refused and names its field", async () => {
  for (const [json, field] of [
    [{ display_name: "x".repeat(41) }, "display_name"],
    [{ display_name: "a\u202eb" }, "display_name"],
    [{ time_zone: "Moon/Crater" }, "time_zone"],
    [{ status: { text: "y".repeat(81) } }, "status"],
    [{ status: { text: "past", until: "2001-01-01T00:00:00.000Z" } }, "status"],
    [{ hue: 360 }, "hue"],
    [{ username: "eve" }, "username"],
  ] as const) {
    const answer = await profile(json);
    expect({ json, status: answer.status, field: (answer.body as { field?: string }).field }).toEqual({
      json,
      status: 400,
      field,
    });
  }
});

test("who asks for what is kept of them gets their own words, from everywhere, and nobody else's", async () => {
  const room = await ann.api.createRoom({ name: "export", kind: "private" });
  await ann.api.addMembers(room.id, [ben.id]);
  await ann.api.sendMessage(room.id, { content: "by ann" });
  const sent = await ben.api.sendMessage(room.id, { content: "by ben, frist" });
  await ben.api.editMessage(sent.id, "by ben, first");
  const taken = await ben.api.sendMessage(room.id, { content: "taken back" });
  await ben.api.deleteMessage(taken.id);
  await ben.api.leaveRoom(room.id);
  const answer = await ask(ben, "GET", "/me/export");
  expect(answer.headers.get("content-disposition")).toBe('attachment; filename="my-data.json"');
  expect(answer.body).toMatchObject({
    account: { username: "ben" },
    profile: { display_name: "" },
    rooms: [],
    messages: [{ content: "by ben, first", former_texts: ["by ben, frist"] }],
  });
  expect(answer.text).not.toContain("by ann");
  expect(answer.text).not.toContain("taken back");
});

test.each(["keep", "erase"] as const)(
  "who is erased with words: %s leaves no name, no way in and a led room",
  async (words) => {
    const [gone] = await people(server.url, `gone ${words}`);
    await ask(gone, "PATCH", "/me/profile", { display_name: "Gone Person", status: { text: "still here" } });
    await ask(root, "PATCH", `/users/${gone.id}`, { email: `gone-${words}@example.org` });
    const room = await gone.api.createRoom({ name: `led ${words}`, kind: "private" });
    await gone.api.addMembers(room.id, [ben.id, ann.id]);
    for (let at = 1; at <= 60; at++) await gone.api.sendMessage(room.id, { content: `word ${at}` });
    await ben.api.sendMessage(room.id, { content: "an answer" });

    const open = await RawSocket.ready(server.url, await gone.token());
    expect((await ask(ann, "POST", `/users/${gone.id}/erase`, { words })).status).toBe(403);
    expect((await ask(root, "POST", `/users/${root.id}/erase`, { words })).status).toBe(403);
    expect((await ask(root, "POST", `/users/${gone.id}/erase`, { words })).status).toBe(200);
    expect((await open.closes()).code).toBe(4401);
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-words", { userId: 0 }));

    const login = { username: gone.username, password: gone.password };
    expect((await askApi(server.url, "POST", "/token", { json: login })).code).toBe("wrong_credentials");
    expect((await ask(root, "PATCH", `/users/${gone.id}`, { active: true })).status).toBe(404);
    expect((await ask(ben, "GET", `/users/${gone.id}`)).status).toBe(404);
    expect((await ask(root, "GET", "/house/accounts?limit=100")).text).not.toContain(`gone ${words}`);
    const page = await ben.api.messages(room.id);
    const theirs = page.items.filter(({ user_id }) => user_id === gone.id);
    expect(theirs.length).toBe(49);
    for (const message of theirs) {
      expect(message.username).toBe("former member");
      expect(message.content === "").toBe(words === "erase");
      expect(message.erased === true).toBe(words === "erase");
    }
    const members = await ben.api.members(room.id);
    expect(members.items.map(({ username, role }) => [username, role])).toEqual([
      ["ann", "admin"],
      ["ben", "member"],
    ]);
    const acts = ((await ask(root, "GET", "/house/audit?limit=5")).body as AuditPage).items;
    expect(acts[0]).toMatchObject({
      act: "account.erased",
      user: { id: gone.id, name: "former member" },
      detail: { words: words === "erase" ? "erased" : "kept" },
    });
    // The name is free for somebody else, who is not the one who was.
    expect((await people(server.url, `gone ${words}`))[0].id).not.toBe(gone.id);
  },
);

test("whoever only reads in a room leads it when its admin is erased, if there is nobody else", async () => {
  const [gone, early, late] = await people(server.url, "led for a while", "early", "late");
  const both = await gone.api.createRoom({ name: "one writes", kind: "private" });
  const alone = await gone.api.createRoom({ name: "one reads", kind: "private" });
  for (const { id } of [both, alone]) {
    await gone.api.addMembers(id, [early.id]);
    await gone.api.giveRole(id, early.id, "reader");
  }
  await gone.api.addMembers(both.id, [late.id]);
  await ask(root, "POST", `/users/${gone.id}/erase`, { words: "keep" });
  const roles = async (id: number) =>
    Object.fromEntries((await early.api.members(id)).items.map(({ username, role }) => [username, role]));
  expect(await roles(both.id)).toEqual({ early: "reader", late: "admin" });
  expect(await roles(alone.id)).toEqual({ early: "admin" });
});

test("words that were kept when somebody was erased go later, when an admin says so, and are not kept again", async () => {
  const [gone, other] = await people(server.url, "gone at first", "gone beside");
  const room = await gone.api.createRoom({ name: "outlives them" });
  await ben.api.joinRoom(room.id);
  for (const by of [gone, other]) await by.api.joinRoom(room.id);
  await gone.api.sendMessage(room.id, { content: "kept for now" });
  await other.api.sendMessage(room.id, { content: "kept for good" });
  const erase = (whose: Person, words: string, by = root) => ask(by, "POST", `/users/${whose.id}/erase`, { words });
  const sweep = async () => {
    for (let more = true; more; ) ({ more } = await server.store.write("sweep-words", { userId: 0 }));
    return (await ben.api.messages(room.id)).items.map(({ content }) => content);
  };
  const first = (await erase(gone, "keep")).body as ErasedAccount;
  await erase(other, "keep");
  expect(await sweep()).toEqual(["kept for now", "kept for good"]);
  const erased = async () =>
    ((await ask(root, "GET", `/house/erased?cursor=${gone.id - 1}`)).body as ErasedList).items.map(({ id, words }) => [
      id,
      words,
    ]);
  expect(await erased()).toEqual([
    [gone.id, "keep"],
    [other.id, "keep"],
  ]);
  expect((await ask(ben, "GET", "/house/erased")).status).toBe(403);
  expect((await erase(gone, "erase", ann)).status).toBe(403);
  expect((await erase(gone, "keep")).status).toBe(404);
  clock.forward(60_000);
  expect((await erase(gone, "erase")).body).toEqual({ ...first, words: "erase" });
  expect(await sweep()).toEqual(["", "kept for good"]);
  expect(await erased()).toEqual([
    [gone.id, "erase"],
    [other.id, "keep"],
  ]);
  expect((await ask(root, "GET", `/house/erased?cursor=${gone.id - 1}&limit=1`)).body).toMatchObject({
    items: [{ id: gone.id }],
    next: String(gone.id),
  });
  expect((await root.api.audit({ limit: 1 })).items[0]).toMatchObject({
    act: "account.erased",
    user: { id: gone.id },
    detail: { words: "erased" },
  });
  expect((await erase({ ...gone, id: 999_999 }, "erase")).status).toBe(404);
  expect((await ask(root, "PATCH", `/users/${gone.id}`, { active: true })).status).toBe(404);
});
