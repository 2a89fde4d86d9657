import { afterAll, afterEach, beforeAll, expect, test } from "bun:test";
import type { PushState } from "#shared/contract/push.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { JumpingClock } from "#tests/support/jumping-clock.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { PushService } from "#tests/support/push-service.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const MINUTE = 60_000;

let clock: JumpingClock;
let service: PushService;
let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  clock = new JumpingClock();
  service = new PushService();
  const env = { PUSH: "on", PUSH_CONTACT: "mailto:ops@example.org", PUSH_HOSTS: service.origin, RATE_LIMITS: "off" };
  server = await startTestServer(env, { clock });
  [root, ann, ben] = await people(server.url, "root", "ann", "ben");
});

afterEach(() => {
  expect(service.faults.splice(0)).toEqual([]);
  service.received.length = 0;
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

let names = 0;

/** A session of theirs at a browser that is told. */
async function browserOf(by: Person, words = false) {
  names += 1;
  const name = `browser-${names}`;
  const { access_token: token } = await logIn(server.url, by);
  const json = await service.browser(name, words);
  const answer = await askApi(server.url, "POST", "/me/push", { token, json });
  expect(answer.status).toBe(200);
  const end = () => askApi(server.url, "DELETE", "/me/push", { token });
  return { name, token, json, end };
}

async function talk(...others: Person[]): Promise<number> {
  return (await ann.api.openDirect({ user_ids: others.map(({ id }) => id) })).id;
}

/** Time goes on until so much was told to this browser. */
async function told(name: string, count = 1): Promise<void> {
  await eventually(() => {
    clock.jump(250);
    expect(service.told(name)).toHaveLength(count);
  });
}

/** What was said before it has been told, or never will: whoever says it has a browser of their own that is. */
async function allIsTold(): Promise<void> {
  names += 1;
  const [speaker, hearer] = await people(server.url, `speaker ${names}`, `hearer ${names}`);
  const { name } = await browserOf(hearer);
  const { id } = await speaker.api.openDirect({ user_ids: [hearer.id] });
  await speaker.api.sendMessage(id, { content: "anything else?" });
  await told(name);
}

async function pushState(token: string): Promise<PushState> {
  return (await askApi(server.url, "GET", "/me/push", { token })).body as PushState;
}

test("a closed browser is told of a direct message, readable by it alone, and of no words unless the person wants them", async () => {
  const quiet = await browserOf(ben);
  const open = await browserOf(ben, true);
  const own = await browserOf(ann, true);
  const room = await talk(ben);
  const { seq, id: message } = await ann.api.sendMessage(room, { content: "the beans are ripe" });
  await told(quiet.name);
  await told(open.name);
  const place = { room, seq, message };
  expect(service.told(quiet.name)).toEqual([{ ...place, title: "Parlour", body: "New message from ann" }]);
  expect(service.told(open.name)).toEqual([{ ...place, title: "ann", body: "the beans are ripe" }]);
  expect(service.told(own.name)).toEqual([]);
  const [first, second] = service.received;
  expect(first).toMatchObject({ ttl: "86400", urgency: "high", topic: second?.topic });
  expect(server.logged.join("\n")).not.toMatch(/beans|p256dh|\/to\//);
  for (const each of [quiet, open, own]) await each.end();
});

test("what is told names people as they are shown, and the thread in which a reply stands", async () => {
  const open = await browserOf(ben, true);
  const root = await person(server.url, `plain.${names}`);
  await root.api.changeProfile({ display_name: "Dr. Plain" });
  const { id: room } = await root.api.openDirect({ user_ids: [ben.id] });
  const asked = await ben.api.sendMessage(room, { content: "may I ask?" });
  const { seq, id: message } = await root.api.sendMessage(room, { content: "you may", thread: asked.id });
  await told(open.name);
  expect(service.told(open.name)).toEqual([
    { room, seq, message, thread: asked.id, title: "Dr. Plain", body: "you may" },
  ]);
  await open.end();
});

test("a talk that goes on is told once a moment, by its newest message, and again under the same topic", async () => {
  const browser = await browserOf(ben, true);
  const room = await talk(ben);
  for (let i = 1; i <= 30; i++) await ann.api.sendMessage(room, { content: `line ${i}` });
  await told(browser.name);
  expect(service.told(browser.name)).toMatchObject([{ body: "line 30" }]);
  await ann.api.sendMessage(room, { content: "line 31" });
  await told(browser.name, 2);
  expect(new Set(service.received.map(({ topic }) => topic)).size).toBe(1);
  await browser.end();
});

test("a call by name is told, however much was said after it before the browser was", async () => {
  const browser = await browserOf(ben);
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `busy ${names}` });
  await ben.api.joinRoom(room);
  const { seq } = await ann.api.sendMessage(room, { content: "@ben the house burns" });
  for (let i = 0; i < 12; i++) await ann.api.sendMessage(room, { content: `line ${i}` });
  await told(browser.name);
  expect(service.told(browser.name)).toMatchObject([{ room, seq }]);
  await browser.end();
});

test("a reply in a followed thread and a keyword are told, however much was said after them", async () => {
  const browser = await browserOf(ben);
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `busier ${names}` });
  await ben.api.joinRoom(room);
  await ben.api.changePreferences({ keywords: ["beans"] });
  const root = await ben.api.sendMessage(room, { content: "what do we plant?" });
  const flood = async () => {
    for (let i = 0; i < 12; i++) await ann.api.sendMessage(room, { content: `line ${i}` });
  };
  const reply = await ann.api.sendMessage(room, { content: "peas", thread: root.id });
  await flood();
  await told(browser.name);
  expect(service.told(browser.name)).toMatchObject([{ room, seq: reply.seq }]);
  const { seq } = await ann.api.sendMessage(room, { content: "or beans" });
  await flood();
  await told(browser.name, 2);
  expect(service.told(browser.name)[1]).toMatchObject({ room, seq });
  await ben.api.changePreferences({ keywords: [] });
  await browser.end();
});

test("when the newest is taken back or read before it was told, the older one that is unread is told", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  const kept = await ann.api.sendMessage(room, { content: "come at six" });
  const slip = await ann.api.sendMessage(room, { content: "a slip" });
  await ann.api.deleteMessage(slip.id);
  await told(browser.name);
  expect(service.told(browser.name)).toMatchObject([{ seq: kept.seq }]);
  // It waits for its service with a newer one, which is taken back meanwhile.
  service.answers.push({ status: 503, headers: { "retry-after": "60" } });
  const before = service.calls;
  const unread = await ann.api.sendMessage(room, { content: "or at seven" });
  await eventually(() => {
    clock.jump(250);
    expect(service.calls).toBe(before + 1);
  });
  const gone = await ann.api.sendMessage(room, { content: "another slip" });
  await allIsTold();
  await ann.api.deleteMessage(gone.id);
  await told(browser.name, 2);
  expect(service.told(browser.name)[1]).toMatchObject({ seq: unread.seq });
  await browser.end();
});

test("in a room a browser is told of what calls its person, in a thread too, and of nothing else or if they want none", async () => {
  const quiet = await browserOf(ben);
  const open = await browserOf(ben, true);
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `garden ${names}`, kind: "private" });
  await ann.api.addMembers(room, [ben.id]);
  const first = await ann.api.sendMessage(room, { content: "nobody in particular" });
  await ann.api.sendMessage(room, { content: "look, @ben" });
  await told(open.name);
  await told(quiet.name);
  expect(service.told(open.name)).toMatchObject([{ title: `ann in garden ${names}`, body: "look, @ben" }]);
  expect(service.told(quiet.name)).toMatchObject([{ title: "Parlour", body: `You were mentioned in garden ${names}` }]);
  await ann.api.sendMessage(room, { content: "under it, @ben", thread: first.id });
  await told(open.name, 2);
  await ben.api.block(root.id);
  await ann.api.addMembers(room, [root.id]);
  await root.api.sendMessage(room, { content: "from somebody whom they block, @ben" });
  await allIsTold();
  await ben.api.unblock(root.id);
  await ben.api.setLevel(room, "nothing");
  await ann.api.sendMessage(room, { content: "again, @ben" });
  await ann.api.sendMessage(room, { content: "nothing for anybody" });
  await allIsTold();
  expect(service.told(open.name)).toHaveLength(2);
  for (const each of [quiet, open]) await each.end();
});

test("whoever is removed before their browser was told is told nothing, of this message nor of later ones", async () => {
  const browser = await browserOf(ben, true);
  const eve = await browserOf(root, true);
  names += 1;
  const { id: room } = await ann.api.createRoom({ name: `shed ${names}`, kind: "private" });
  await ann.api.addMembers(room, [ben.id, root.id]);
  // Told once, and again later when the service is back: meanwhile they are put out.
  service.answers.push({ status: 503 }, { status: 503 });
  const before = service.calls;
  await ann.api.sendMessage(room, { content: "@ben and @root" });
  await eventually(() => {
    clock.jump(250);
    expect(service.calls).toBe(before + 2);
  });
  await ann.api.removeMember(room, ben.id);
  await ann.api.sendMessage(room, { content: "@ben is gone, @root" });
  await eventually(() => {
    clock.jump(250);
    expect(service.told(eve.name)).not.toBeEmpty();
  });
  await allIsTold();
  clock.jump(MINUTE);
  await allIsTold();
  expect(service.told(browser.name)).toEqual([]);
  for (const each of [browser, eve]) await each.end();
});

test("what was read meanwhile, or taken back, is not told", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  const read = await ann.api.sendMessage(room, { content: "seen at once" });
  await ben.api.markRead(room, read.seq);
  const other = await talk(ben, root);
  await ann.api.deleteMessage((await ann.api.sendMessage(other, { content: "a slip" })).id);
  await allIsTold();
  expect(service.told(browser.name)).toEqual([]);
  await browser.end();
});

test("whoever is at it hears no bell, and is told when they turned away and left it unread", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  const elsewhere = await talk(ben, root);
  const { chat } = deviceOf(ben, server.url);
  chat.start();
  await chat.openRoom(elsewhere);
  await eventually(() => expect(chat.line.state).toBe("live"));
  chat.send(elsewhere, "I am here");
  await eventually(() => expect(chat.room(elsewhere).pending).toEqual([]));
  await ann.api.sendMessage(room, { content: "are you?" });
  await allIsTold();
  expect(service.told(browser.name)).toEqual([]);
  chat.stop();
  clock.jump(MINUTE);
  await told(browser.name);
  await browser.end();
});

test("a page that reads along with nobody at it keeps no other browser from being told [P5]", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  const shown = await talk(ben, root);
  const { chat } = deviceOf(ben, server.url);
  chat.start();
  await chat.openRoom(shown);
  const { seq } = await ann.api.sendMessage(shown, { content: "read at once" });
  await eventually(() => expect(chat.rooms().find(({ room: { id } }) => id === shown)?.unread).toBe(1));
  chat.markRead(shown, seq);
  const from = clock.now();
  await ann.api.sendMessage(room, { content: "are you?" });
  await told(browser.name);
  expect(clock.now() - from).toBeLessThan(MINUTE);
  expect(service.told(browser.name)).toMatchObject([{ room }]);
  chat.stop();
  await browser.end();
});

test.each(["logs out", "changes the password elsewhere", "is deactivated", "is erased"])(
  "a browser whose person %s is told nothing any more",
  async (what) => {
    names += 1;
    const gone = await person(server.url, `gone ${names}`);
    const browser = await browserOf(gone, true);
    const still = await browserOf(ben);
    const room = await talk(ben, gone);
    await ann.api.sendMessage(room, { content: "for both" });
    await told(browser.name);
    // It waits to be told when the end comes.
    await ann.api.sendMessage(room, { content: "too late for one" });
    if (what === "logs out") await askApi(server.url, "POST", "/logout", { token: browser.token });
    else if (what === "is deactivated") await root.api.changeUser(gone.id, { active: false });
    else if (what === "is erased") await root.api.eraseUser(gone.id, "keep");
    else await gone.api.changePassword({ current_password: gone.password, new_password: "another long one" });
    await told(still.name, 2);
    await ann.api.sendMessage(room, { content: "and one more" });
    await told(still.name, 3);
    expect(service.told(browser.name)).toHaveLength(1);
    await still.end();
  },
);

test("a browser that the push service does not know any more is forgotten", async () => {
  for (const status of [404, 410]) {
    const browser = await browserOf(ben);
    const room = await talk(ben);
    service.answers.push({ status });
    const before = service.calls;
    await ann.api.sendMessage(room, { content: "anybody?" });
    await eventually(async () => {
      clock.jump(250);
      expect((await pushState(browser.token)).items).toEqual([]);
    });
    expect(service.calls).toBe(before + 1);
  }
});

test("a service that is busy is called again when it said, one that fails a little later, and one that hangs as well", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  service.answers.push({ status: 429, headers: { "retry-after": "120" } }, { status: 503 }, "hang");
  const before = service.calls;
  await ann.api.sendMessage(room, { content: "patience" });
  const called = (count: number, step: number) =>
    eventually(() => {
      clock.jump(step);
      expect(service.calls - before).toBe(count);
    });
  await called(1, 1_000);
  const asked = clock.now();
  await called(2, 1_000);
  expect(clock.now() - asked).toBeGreaterThan(110_000);
  await called(3, 1_000);
  await told(browser.name);
  await browser.end();
});

test("what a service finds too long is told without the words", async () => {
  const browser = await browserOf(ben, true);
  const room = await talk(ben);
  service.answers.push({ status: 413 });
  await ann.api.sendMessage(room, { content: "€".repeat(8_000) });
  await told(browser.name);
  expect(service.told(browser.name)).toMatchObject([{ title: "Parlour", body: "New message from ann" }]);
  await ann.api.sendMessage(room, { content: '\u0001"\\'.repeat(2_000) });
  await told(browser.name, 2);
  await browser.end();
});

test("whoever tries whether their browser is told is answered what came of it, and no other browser hears of it", async () => {
  const browser = await browserOf(ben);
  const other = await browserOf(ben);
  const attempt = () => askApi(server.url, "POST", "/me/push/test", { token: browser.token });
  expect((await attempt()).body).toEqual({ taken: true, why: null });
  expect(service.told(browser.name)).toMatchObject([{ test: true, title: "Parlour" }]);
  expect(service.told(other.name)).toEqual([]);
  service.answers.push({ status: 503 });
  expect((await attempt()).body).toEqual({ taken: false, why: "unreached" });
  service.answers.push({ status: 400 });
  expect((await attempt()).body).toEqual({ taken: false, why: "refused" });
  service.answers.push({ status: 410 });
  expect((await attempt()).body).toEqual({ taken: false, why: "gone" });
  expect(await attempt()).toMatchObject({ status: 404, code: "not_found" });
  await other.end();
});

test("whoever asks why is told what became of a message: pushed, pushed with a newer one, or read before", async () => {
  const browser = await browserOf(ben);
  const room = await talk(ben);
  const first = await ann.api.sendMessage(room, { content: "one" });
  const second = await ann.api.sendMessage(room, { content: "two" });
  const how = async (id: number) => (await ben.api.why(id)).told.map((each) => each.how);
  const written = (id: number, ...hows: string[]) =>
    eventually(async () => {
      clock.jump(250);
      expect(await how(id)).toEqual(hows as never);
    });
  await told(browser.name);
  await written(second.id, "pushed");
  expect(await how(first.id)).toEqual(["with_newer"]);
  expect(await ann.api.why(second.id)).toMatchObject({ told: [] });
  service.answers.push({ status: 503 });
  const before = service.calls;
  const third = await ann.api.sendMessage(room, { content: "three" });
  await eventually(() => {
    clock.jump(250);
    expect(service.calls).toBe(before + 1);
  });
  await ben.api.markRead(room, third.seq);
  await written(third.id, "passed");
  await browser.end();
});

test("a redirect leads nowhere, and its browser stays", async () => {
  await using trap = new PushService();
  const browser = await browserOf(ben);
  const room = await talk(ben);
  service.answers.push({ status: 307, headers: { location: `${trap.origin}/to/${browser.name}` } });
  const before = service.calls;
  await ann.api.sendMessage(room, { content: "follow me" });
  await eventually(() => {
    clock.jump(1_000);
    expect(service.calls).toBe(before + 1);
  });
  await allIsTold();
  expect(trap.calls).toBe(0);
  expect((await pushState(browser.token)).items).toHaveLength(1);
  await browser.end();
});

test("an address that is no push service's is refused by name, and nobody is called", async () => {
  await using trap = new PushService();
  const { access_token: token } = await logIn(server.url, ben);
  const { keys } = await trap.browser("ben");
  const port = new URL(trap.origin).port;
  for (const endpoint of [
    `${trap.origin}/to/ben`,
    `https://127.0.0.1:${port}/to/ben`,
    `https://2130706433:${port}/`,
    `https://localhost:${port}/`,
    `${service.origin.replace("http://", "http://ben@")}/to/ben`,
    "https://169.254.169.254/latest/meta-data",
    "https://nowhere.example.org/",
    "file:///etc/passwd",
    "",
  ]) {
    const answer = await askApi(server.url, "POST", "/me/push", { token, json: { endpoint, keys, words: true } });
    expect({ endpoint, status: answer.status, code: answer.code }).toEqual({
      endpoint,
      status: 400,
      code: "push_endpoint",
    });
  }
  expect(trap.calls).toBe(0);
});

test("keys that nothing can be encrypted to are refused", async () => {
  const { access_token: token } = await logIn(server.url, ben);
  const { endpoint, keys } = await service.browser("keys");
  const offTheCurve = Buffer.alloc(65, 1);
  offTheCurve[0] = 4;
  for (const wrong of [
    { ...keys, p256dh: "" },
    { ...keys, p256dh: keys.p256dh.slice(0, 80) },
    { ...keys, p256dh: offTheCurve.toString("base64url") },
    { ...keys, p256dh: "not base64!" },
    { ...keys, auth: "c2hvcnQ" },
    { ...keys, auth: "" },
  ]) {
    const json = { endpoint, keys: wrong, words: false };
    expect(await askApi(server.url, "POST", "/me/push", { token, json })).toMatchObject({
      status: 400,
      code: "invalid",
    });
  }
});

test("a session has one browser, a browser one session, and a person so many of them", async () => {
  const hal = await person(server.url, "hal");
  const first = await browserOf(hal);
  const moved = await service.browser("moved");
  await askApi(server.url, "POST", "/me/push", { token: first.token, json: moved });
  expect((await pushState(first.token)).items).toMatchObject([{ current: true, words: false }]);
  const { access_token: other } = await logIn(server.url, ben);
  await askApi(server.url, "POST", "/me/push", { token: other, json: moved });
  expect((await pushState(first.token)).items).toEqual([]);
  expect((await pushState(other)).items).toContainEqual(expect.objectContaining({ current: true }));
  expect(JSON.stringify(await pushState(other))).not.toContain("/to/");
  for (let i = 0; i < 20; i++) await browserOf(hal);
  const { access_token: last } = await logIn(server.url, hal);
  const json = await service.browser("too-many");
  expect(await askApi(server.url, "POST", "/me/push", { token: last, json })).toMatchObject({ code: "full" });
});

test("a browser whose address changed while it was closed says so by its cookie, as long as that is the newest", async () => {
  const kim = await person(server.url, "kim");
  const login = await askApi(server.url, "POST", "/web/login", { json: { username: "kim", password: kim.password } });
  const cookie = cookieOf(login);
  const { access_token: token } = login.body as { access_token: string };
  const move = async (name: string, headers: Record<string, string>) => {
    const { endpoint, keys } = await service.browser(name);
    return askApi(server.url, "POST", "/web/push", { json: { endpoint, keys }, headers });
  };
  expect(await move("moved-1", { cookie })).toMatchObject({ code: "not_found" });
  await askApi(server.url, "POST", "/me/push", { token, json: await service.browser("before", true) });
  expect(await move("moved-2", { cookie, origin: "https://elsewhere.example.org" })).toMatchObject({
    code: "forbidden",
  });
  expect(await move("moved-3", { cookie: `${cookie.slice(0, -3)}abc` })).toMatchObject({ code: "unauthorized" });
  expect(await move("moved-4", { cookie })).toMatchObject({ status: 204 });
  await ann.api.sendMessage(await talk(kim), { content: "where are you?" });
  await told("moved-4");
  expect(service.told("moved-4")).toMatchObject([{ body: "where are you?" }]);
  await askApi(server.url, "POST", "/web/refresh", { json: { nonce: "nonce-of-kim" }, headers: { cookie } });
  expect(await move("moved-5", { cookie })).toMatchObject({ code: "not_found" });
});

test("where it is off the page is told so, and no subscription is taken", async () => {
  await using off = await startTestServer();
  const eve = await person(off.url, "eve");
  const token = await eve.token();
  expect((await askApi(off.url, "GET", "/me/push", { token })).body).toEqual({ public_key: null, items: [] });
  const json = await service.browser("eve");
  expect(await askApi(off.url, "POST", "/me/push", { token, json })).toMatchObject({ status: 403, code: "push_off" });
});

function cookieOf({ headers }: { headers: Headers }): string {
  const [own = ""] = headers.getSetCookie().filter((cookie) => cookie.startsWith("parlour_refresh="));
  return own.split(";")[0] ?? "";
}
