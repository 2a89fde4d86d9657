import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Answer, type Asked, askRaw } from "#tests/compat/ask-raw.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** The documented requests of the system with /user, /room and /message, in their order, against an empty server. */

let server: TestServer;
const tokens = { root: "", ann: "", ben: "" };
const passwords = { root: "root's password", ann: "ann's password", ben: "ben's password" };
type Name = keyof typeof tokens;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, asked?: Asked) => askRaw(server.url, method, path, asked);
const as = (name: Name, method: string, path: string, json?: unknown): Promise<Answer> =>
  ask(method, path, { token: tokens[name], json });
const login = (username: string, password: string) => ask("POST", "/auth/login", { json: { username, password } });

test("sign-up, login with the user beside the token, and the session alone", async () => {
  for (const username of ["root", "ann", "ben"] as const) {
    const json = { username, email: `${username}@example.com`, password: passwords[username], nickname: "ignored" };
    expect((await ask("POST", "/user/signup", { json })).status).toBe(201);
    const { body } = await login(username, passwords[username]);
    expect(body.user).toMatchObject({ username, email: json.email, role: username === "root" ? "admin" : "user" });
    tokens[username] = body.access_token;
  }
  const form = { username: "ann", password: passwords.ann, grant_type: "password" };
  const session = await ask("POST", "/auth/token", { form });
  expect(Object.keys(session.body).sort()).toEqual(["access_token", "expires_in", "token_type"]);
  expect(session.body.expires_in).toBe(43_200);
});

test("everybody is listed for admins only, as a bare array", async () => {
  const { body } = await as("root", "GET", "/user/users");
  expect(body.map((user: { username: string; email: string }) => [user.username, user.email])).toEqual([
    ["root", "root@example.com"],
    ["ann", "ann@example.com"],
    ["ben", "ben@example.com"],
  ]);
  expect((await as("ann", "GET", "/user/users/")).status).toBe(403);
  expect((await ask("GET", "/user/users")).status).toBe(401);
});

test("any user makes a room and governs it, as the server's admin does; others may see it only", async () => {
  const json = { name: "Tea", description: "Cups" };
  expect((await as("ann", "POST", "/room/", json)).body).toMatchObject({ id: 1, ...json, created_by: 2 });
  expect((await as("ben", "POST", "/room", { name: "Coffee", is_private: true })).body).toMatchObject({ id: 2 });
  expect((await as("ann", "POST", "/room/", {})).status).toBe(422);
  const names = async (name: Name) =>
    (await as(name, "GET", "/room/rooms")).body.map((room: { name: string }) => room.name);
  expect([await names("root"), await names("ann"), await names("ben")]).toEqual([
    ["Tea", "Coffee"],
    ["Tea"],
    ["Coffee"],
  ]);
  expect((await as("ben", "GET", "/room/1")).body).toMatchObject(json);
  for (const method of ["PATCH", "DELETE"]) {
    expect((await as("ben", method, "/room/1", { name: "taken over" })).status).toBe(403);
    expect((await as("ben", method, "/room/1", { name: 7 })).status).toBe(403);
    expect((await as("ben", method, "/room/99", {})).status).toBe(404);
    expect((await ask(method, "/room/1", { json: {} })).status).toBe(401);
  }
  expect((await as("ann", "PATCH", "/room/1", { name: "Green tea", owner: 3 })).body.name).toBe("Green tea");
  expect((await as("root", "PATCH", "/room/1/", { description: "Pots" })).body).toMatchObject({
    name: "Green tea",
    description: "Pots",
  });
  expect((await as("ann", "PATCH", "/room/1", { name: 7 })).status).toBe(422);
  expect((await as("ann", "PATCH", "/room/1", { name: "123" })).status).toBe(422);
});

test("plain text on /ws/{room_id} is heard by every client of the room and stored", async () => {
  const one = await RawSocket.open(server.url, `/ws/1?token=${tokens.ann}`, null);
  const two = await RawSocket.open(server.url, `/ws/1?token=${tokens.ben}`, null);
  for (const socket of [one, two]) await socket.hears("active_users");
  two.sayText("just some text");
  for (const socket of [one, two]) {
    expect(await socket.hears("message")).toMatchObject({ content: "just some text", username: "ben", room_id: 1 });
  }
  const path = "/message/rooms/1/messages";
  expect((await as("ann", "POST", path, { content: "by the address" })).status).toBe(201);
  expect((await as("ann", "POST", `${path}/`, { message: "by its other name" })).body.content).toBe(
    "by its other name",
  );
  await two.hears("message", (message) => message.content === "by its other name");
  const stored = await as("ben", "GET", path);
  expect(stored.body.map((message: { content: string }) => message.content)).toEqual([
    "just some text",
    "by the address",
    "by its other name",
  ]);
  expect((await as("ben", "GET", `${path}?limit=1`)).body).toHaveLength(1);
  for (const json of [{}, { content: 7 }, { content: "" }, { message: "  " }, [], "text"]) {
    expect({ json, status: (await as("ann", "POST", path, json)).status }).toEqual({ json, status: 422 });
  }
  for (const socket of [one, two]) socket.close();
});

test("whoever writes into a public room is in it from then on; a misshapen message joins nobody", async () => {
  const path = "/message/rooms/2/messages";
  const rooms = async () => (await as("ann", "GET", "/room/rooms")).body.map((room: { id: number }) => room.id);
  expect((await as("ann", "POST", path, { content: "" })).status).toBe(422);
  expect(await rooms()).toEqual([1]);
  expect((await as("ann", "POST", path, { content: "hello" })).status).toBe(201);
  expect(await rooms()).toEqual([1, 2]);
});

test("whoever may not write into a public room is refused before the body is read, and joins nothing by trying", async () => {
  const { body: news } = await as("ann", "POST", "/api/v1/rooms", { name: "news", posting: "moderators" });
  const { body: old } = await as("ann", "POST", "/api/v1/rooms", { name: "old" });
  await as("ann", "PATCH", `/api/v1/rooms/${old.id}`, { archived: true });
  const members = async (id: number) => (await as("ann", "GET", `/api/v1/rooms/${id}/members`)).body.items.length;
  for (const { id } of [news, old]) {
    for (const json of [{ content: "let me in" }, { content: "@everybody" }, { content: 7 }, [], {}]) {
      const { status } = await as("ben", "POST", `/message/rooms/${id}/messages`, json);
      expect({ id, json, status }).toEqual({ id, json, status: 403 });
    }
    expect(await members(id)).toBe(1);
    expect((await as("ann", "GET", `/api/v1/rooms/${id}/messages`)).body.items).toEqual([]);
  }
  expect((await as("ann", "POST", `/message/rooms/${news.id}/messages`, { content: "news" })).status).toBe(201);
  for (const { id } of [news, old]) await as("ann", "DELETE", `/api/v1/rooms/${id}`);
});

test("the limits that it names of itself are not here: having the id is not enough, and members come and go", async () => {
  const made = await as("ann", "POST", "/api/v1/rooms", { name: "private", kind: "private" });
  const id: number = made.body.id;
  const path = `/message/rooms/${id}/messages`;
  for (const name of ["ben", "root"] as const) {
    const unknown = await as(name, "GET", "/room/999");
    for (const [method, address] of [
      ["GET", `/room/${id}`],
      ["PATCH", `/room/${id}`],
      ["DELETE", `/room/${id}`],
      ["GET", path],
      ["POST", path],
    ] as const) {
      const answer = await as(name, method, address, method === "GET" ? undefined : { content: "let me in" });
      expect({ name, method, ...answer }).toMatchObject({ name, method, status: 404, text: unknown.text });
    }
    const socket = await RawSocket.open(server.url, `/ws/${id}?token=${tokens[name]}`, null);
    expect((await socket.closes()).code).toBe(4404);
  }
  const listed = (await as("root", "GET", "/room/rooms")).body.find((room: { id: number }) => room.id === id);
  expect(listed).toEqual({
    id,
    kind: "private",
    name: "private",
    member_count: 1,
    description: null,
    created_by: null,
    created_at: null,
  });
  expect((await as("ann", "POST", `/api/v1/rooms/${id}/members`, { user_ids: [3] })).status).toBe(204);
  expect((await as("ben", "POST", path, { content: "thank you" })).status).toBe(201);
  expect((await as("ann", "DELETE", `/api/v1/rooms/${id}/members/3`)).status).toBe(204);
  expect((await as("ben", "POST", path, { content: "and now" })).status).toBe(404);
  expect((await as("ann", "POST", "/api/v1/rooms/2/leave")).status).toBe(204);
  expect((await as("ben", "POST", "/api/v1/rooms/2/members", { user_ids: [2] })).status).toBe(204);
  expect((await as("ben", "DELETE", "/api/v1/rooms/2/members/2")).status).toBe(204);
  expect((await as("ann", "POST", "/message/rooms/2/messages", { content: "still here" })).status).toBe(403);
  expect((await as("ann", "GET", "/message/rooms/2/messages")).status).toBe(403);
});

test("an account is changed by oneself or an admin, and its role by neither here", async () => {
  const path = "/user/update/2";
  expect((await as("ann", "PUT", path, { email: "new@example.com" })).body.email).toBe("new@example.com");
  expect((await as("ann", "PUT", path, { username: "anna", role: "admin" })).body).toMatchObject({
    username: "anna",
    role: "user",
  });
  expect((await as("root", "PUT", `${path}/`, { username: "ann", is_admin: true })).body.username).toBe("ann");
  expect((await as("ben", "PUT", path, { username: "x" })).status).toBe(403);
  expect((await as("ben", "PUT", path, { username: 7 })).status).toBe(403);
  expect((await as("ben", "PUT", "/user/update/999", {})).status).toBe(403);
  expect((await as("root", "PUT", "/user/update/999", {})).status).toBe(404);
  expect((await as("ann", "PUT", path, { username: 7 })).status).toBe(422);
  expect((await as("ann", "PUT", path, { username: "ben" })).status).toBe(409);
  expect((await as("ann", "PUT", path, { email: "none" })).status).toBe(422);
  expect((await ask("PUT", path, { json: {} })).status).toBe(401);
  expect((await as("ann", "PUT", path, { password: "set without the old" })).status).toBe(200);
  passwords.ann = "set without the old";
  expect((await login("ann", passwords.ann)).status).toBe(200);
});

test("one's password is changed under either name of the old one, and every other session ends", async () => {
  const elsewhere: string = (await login("ann", passwords.ann)).body.access_token;
  const wrong = { current_password: "wrong", new_password: "long enough now" };
  expect((await as("ann", "POST", "/user/update_password", wrong)).status).toBe(401);
  expect((await as("ann", "POST", "/user/update_password", { new_password: "long enough" })).status).toBe(422);
  for (const key of ["current_password", "old_password"]) {
    const json = { [key]: passwords.ann, new_password: `ann's ${key}` };
    expect((await as("ann", "POST", "/user/update_password", json)).status).toBe(200);
    passwords.ann = json.new_password ?? "";
  }
  expect((await ask("GET", "/auth/me", { token: elsewhere })).status).toBe(401);
  expect((await as("ann", "GET", "/auth/me")).status).toBe(200);
});

test("rooms are deleted by their own admin or the server's", async () => {
  expect((await as("ann", "DELETE", "/room/2")).status).toBe(403);
  expect((await as("ben", "DELETE", "/room/2/")).status).toBe(204);
  expect((await as("root", "DELETE", "/room/1")).status).toBe(204);
  expect((await as("ann", "GET", "/room/1")).status).toBe(404);
});

test("where only admins make rooms, that is decided before the body is read", async () => {
  await using strict = await startTestServer({ ROOM_CREATION: "admins" });
  for (const username of ["first", "second"]) {
    await askRaw(strict.url, "POST", "/user/signup", { json: { username, password: "long enough" } });
  }
  const { body } = await askRaw(strict.url, "POST", "/auth/token", {
    json: { username: "second", password: "long enough" },
  });
  const refused = await askRaw(strict.url, "POST", "/room/", { json: { name: 7 }, token: body.access_token });
  expect(refused.status).toBe(403);
});
