import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const WORDS = "words for the members alone";
const NOWHERE = 999_999;

/** Every address of the other systems that names a room. */
const ROOM_DOORS: readonly (readonly [string, (room: number) => string, object?])[] = [
  ["GET", (room) => `/rooms/${room}`],
  ["GET", (room) => `/rooms/${room}/messages`],
  ["GET", (room) => `/room/${room}`],
  ["PATCH", (room) => `/room/${room}`, { name: "Taken over" }],
  ["PATCH", (room) => `/room/${room}`, { name: 7 }],
  ["DELETE", (room) => `/room/${room}`],
  ["GET", (room) => `/message/rooms/${room}/messages`],
  ["POST", (room) => `/message/rooms/${room}/messages`, { content: "let me in" }],
  ["POST", (room) => `/message/rooms/${room}/messages`, { content: 7 }],
  ["GET", (room) => `/chat/history?room_id=${room}`],
  ["GET", (room) => `/api/v1/chat/history?room_id=${room}`],
];
const LISTS = ["/rooms/", "/room/rooms", "/chat?limit=100", "/api/v1/chat?limit=100"];

let server: TestServer;
let root: Person;
let ann: Person;
let ben: Person;
let cat: Person;
let hidden: number;
let lost: number;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [root, ann, ben, cat] = await people(server.url, "root", "ann", "ben", "cat");
  hidden = (await ann.api.createRoom({ name: "Hidden", kind: "private" })).id;
  await ann.api.sendMessage(hidden, { content: WORDS });
  lost = (await ann.api.createRoom({ name: "Lost" })).id;
  await cat.api.joinRoom(lost);
  await ann.api.removeMember(lost, cat.id);
  await ann.api.sendMessage(lost, { content: `${WORDS} after cat was gone` });
});

afterAll(() => server[Symbol.asyncDispose]());

async function ask(by: Person, method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
  const answer = await fetch(server.url + path, {
    method,
    headers: { authorization: `Bearer ${await by.token()}`, "content-type": "application/json" },
    body: body ? JSON.stringify(body) : null,
  });
  return { status: answer.status, text: await answer.text() };
}

test("no address tells whoever has no access a private room from one that is not there", async () => {
  for (const [method, path, body] of ROOM_DOORS) {
    const there = await ask(ben, method, path(hidden), body);
    const nowhere = await ask(ben, method, path(NOWHERE), body);
    expect({ method, path: path(hidden), ...there }).toEqual({ method, path: path(hidden), ...nowhere });
    expect(there.status).toBe(404);
  }
  for (const path of LISTS) {
    const { status, text } = await ask(ben, "GET", path);
    expect(status).toBe(200);
    expect(text).not.toContain("Hidden");
    expect(text).not.toContain(`${WORDS}"`);
  }
});

test("an admin who was not added reads no words of a private room by any address", async () => {
  for (const [method, path] of ROOM_DOORS.filter(([method]) => method === "GET")) {
    const { text } = await ask(root, method, path(hidden));
    expect({ path: path(hidden), tells: text.includes(WORDS) }).toEqual({ path: path(hidden), tells: false });
  }
  for (const path of LISTS) expect((await ask(root, "GET", path)).text).not.toContain(`${WORDS}"`);
  expect((await ask(root, "POST", `/message/rooms/${hidden}/messages`, { content: "by force" })).status).not.toBe(201);
  const rooms = JSON.parse((await ask(root, "GET", "/room/rooms")).text) as Record<string, unknown>[];
  expect(rooms.find(({ id }) => id === hidden)).toMatchObject({ name: "Hidden" });
  expect((await ann.api.messages(hidden)).items.map(({ content }) => content)).toEqual([WORDS]);
});

test("whoever was removed from a public room gets no word of it and says none by any address", async () => {
  for (const [method, path, body] of ROOM_DOORS) {
    const { status, text } = await ask(cat, method, path(lost), body);
    if (path(lost).includes("essages") || path(lost).includes("history")) {
      expect({ method, path: path(lost), status }).toEqual({ method, path: path(lost), status: 403 });
    }
    expect(text).not.toContain(WORDS);
  }
  for (const path of LISTS) expect((await ask(cat, "GET", path)).text).not.toContain(WORDS);
  expect((await ann.api.messages(lost)).items.map(({ content }) => content)).toEqual([`${WORDS} after cat was gone`]);
  expect((await ann.api.members(lost)).items.map(({ username }) => username)).toEqual(["ann"]);
});

test("what others may not change they are refused before the body is read, and nothing of it happens", async () => {
  const open = (await ann.api.createRoom({ name: "Open" })).id;
  for (const body of [{ name: "Taken over" }, { name: 7 }, { description: null }, []]) {
    expect((await ask(ben, "PATCH", `/room/${open}`, body)).status).toBe(403);
    expect((await ask(ben, "PUT", `/user/update/${ann.id}`, body)).status).toBe(403);
    expect((await ask(ben, "POST", "/rooms", body)).status).toBe(403);
  }
  for (const path of [`/room/${open}`, `/rooms/${open}`]) {
    expect((await ask(ben, "DELETE", path)).status).toBe(403);
    expect(JSON.parse((await ask(ben, "GET", path)).text)).toMatchObject({ name: "Open" });
  }
  // Not even the room's own admin, where rooms are the house's admins' to delete.
  expect((await ask(ann, "DELETE", `/rooms/${open}`)).status).toBe(403);
  expect((await ask(ben, "GET", "/user/users")).status).toBe(403);
  expect((await ask(ben, "PUT", `/user/update/${NOWHERE}`, {})).text).toBe(
    (await ask(ben, "PUT", `/user/update/${ann.id}`, {})).text,
  );
});

test("a token of whoever was deactivated, or whose session ended, opens no address any more", async () => {
  const [dan] = await people(server.url, "dan");
  const login = await fetch(`${server.url}/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ username: "dan", password: dan.password }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const by: Person = { ...dan, token: async () => access_token };
  const open = (await ann.api.createRoom({ name: "Open to dan" })).id;
  expect((await ask(by, "GET", `/rooms/${open}`)).status).toBe(200);
  expect((await ask(root, "PATCH", `/api/v1/users/${dan.id}`, { active: false })).status).toBe(200);
  for (const [method, path, body] of ROOM_DOORS) expect((await ask(by, method, path(open), body)).status).toBe(401);
  for (const path of [...LISTS, "/auth/me", "/user/users"]) expect((await ask(by, "GET", path)).status).toBe(401);
  for (const door of ["/login", "/auth/login", "/auth/token", "/token"]) {
    const { username, password } = dan;
    expect([401, 403]).toContain((await ask(ann, "POST", door, { username, password })).status);
  }
});
