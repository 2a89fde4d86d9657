import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Answer, type Asked, askRaw, claimsIn } from "#tests/compat/ask-raw.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** The documented requests of the system with rooms by id, in their order, against an empty server. */

let server: TestServer;
let admin: string;
let user: string;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, asked?: Asked): Promise<Answer> => askRaw(server.url, method, path, asked);

test("its documentation begins by signing up an admin on the empty server, and then nobody else becomes one", async () => {
  const json = { username: "admin", email: "admin@example.com", password: "adminpass123", role: "admin" };
  const made = await ask("POST", "/auth/signup", { json });
  expect(made).toMatchObject({ status: 201, body: { id: 1, username: "admin", email: json.email, role: "admin" } });
  expect(made.text).not.toContain("adminpass123");
  const second = { username: "user1", email: "user1@example.com", password: "userpass123", role: "user" };
  expect((await ask("POST", "/auth/signup", { json: second })).body).toMatchObject({ id: 2, role: "user" });
  expect(
    await ask("POST", "/auth/signup", { json: { ...json, username: "eve", email: "eve@example.com" } }),
  ).toMatchObject({
    status: 403,
    body: { detail: "Only an admin can make another admin." },
  });
  expect((await ask("POST", "/auth/signup", { json })).status).toBe(403);
  expect((await ask("POST", "/auth/signup", { json: second })).status).toBe(409);
});

test("login answers a bearer token: HS256, 12 hours, with the role; JSON, form and multipart alike", async () => {
  const credentials = { username: "admin", password: "adminpass123" };
  const { status, body } = await ask("POST", "/auth/login", { json: credentials });
  expect(status).toBe(200);
  expect(body).toMatchObject({ token_type: "bearer", expires_in: 43_200, user: { id: 1, username: "admin" } });
  admin = body.access_token;
  const { alg, claims } = claimsIn(admin);
  expect(alg).toBe("HS256");
  expect(claims).toMatchObject({ sub: "1", username: "admin", role: "admin" });
  expect(Number(claims.exp) - Number(claims.iat)).toBe(43_200);
  const form = { grant_type: "password", ...credentials, scope: "", client_id: "", client_secret: "" };
  expect((await ask("POST", "/auth/login/", { form })).body.user.role).toBe("admin");
  const fields = new FormData();
  fields.append("username", "admin");
  fields.append("password", "adminpass123");
  const multipart = await fetch(`${server.url}/auth/login`, { method: "POST", body: fields });
  expect(multipart.status).toBe(200);
  user = (await ask("POST", "/auth/login", { json: { username: "user1", password: "userpass123", extra: 1 } })).body
    .access_token;
});

test("a wrong password is 401 however short it is, and a body without one 422", async () => {
  for (const password of ["", "x", "wrong password", "x".repeat(5_000)]) {
    const answer = await ask("POST", "/auth/login", { json: { username: "admin", password } });
    expect(answer).toMatchObject({ status: 401, body: { detail: "The user name or password is not right." } });
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  }
  expect(await ask("POST", "/auth/login", { json: { username: "admin" } })).toMatchObject({
    status: 422,
    body: { detail: [{ type: "missing", loc: ["body", "password"], msg: "Field required" }] },
  });
  expect((await ask("POST", "/auth/login", { form: { username: "admin" } })).status).toBe(422);
});

test("me is the account, and nobody without a token", async () => {
  for (const path of ["/auth/me", "/auth/me/"]) {
    expect((await ask("GET", path, { token: admin })).body).toMatchObject({ id: 1, email: "admin@example.com" });
    const refused = await ask("GET", path);
    expect(refused).toMatchObject({ status: 401, body: { detail: "Log in first." } });
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
    expect((await ask("GET", path, { token: "nonsense" })).status).toBe(401);
  }
});

test("rooms are made by admins only; the right comes before the body, and unknown keys mean nothing", async () => {
  const json = { name: "General", description: "General discussion" };
  expect((await ask("POST", "/rooms/", { json })).status).toBe(401);
  expect((await ask("POST", "/rooms/", { json, token: user })).status).toBe(403);
  expect((await ask("POST", "/rooms/", { json: { name: 7 }, token: user })).status).toBe(403);
  expect((await ask("POST", "/rooms/", { raw: { type: "text/plain", body: "{" }, token: user })).status).toBe(403);
  expect(await ask("POST", "/rooms/", { json: { name: 7 }, token: admin })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ["body", "name"] }] },
  });
  expect(await ask("POST", "/rooms/", { raw: { type: "application/json", body: "{" }, token: admin })).toMatchObject({
    status: 422,
    body: { detail: [{ type: "json_invalid", loc: ["body", 0] }] },
  });
  const made = await ask("POST", "/rooms/", { json, token: admin });
  expect(made).toMatchObject({ status: 201, body: { id: 1, ...json } });
  const bare = await ask("POST", "/rooms", { json: { name: "Bare", kind: "private", id: 77 }, token: admin });
  expect(bare.body).toMatchObject({ id: 2, kind: "public", description: "" });
  expect((await ask("POST", "/rooms", { json: { name: "general" }, token: admin })).status).toBe(409);
  for (const path of ["/rooms/", "/rooms"]) {
    const { body } = await ask("GET", path, { token: user });
    expect(body.map((room: { name: string }) => room.name)).toEqual(["General", "Bare"]);
  }
  for (const path of ["/rooms/1", "/rooms/1/"]) {
    expect((await ask("GET", path, { token: user })).body).toMatchObject({ id: 1, ...json });
  }
  expect(await ask("GET", "/rooms/99", { token: user })).toMatchObject({ status: 404 });
  expect(await ask("GET", "/rooms/x", { token: user })).toMatchObject({
    status: 422,
    body: { detail: [{ loc: ["path", "room_id"] }] },
  });
});

test("on /ws/1?token= both hear the message in the documented form, and joins, leaves and who is there", async () => {
  const anna = await RawSocket.open(server.url, `/ws/1?token=${admin}`, null);
  await anna.hears("active_users");
  const ben = await RawSocket.open(server.url, `/ws/1?token=${user}`, null);
  expect((await ben.hears("active_users")).users.map((one) => one.username)).toEqual(["admin", "user1"]);
  expect(await anna.hears("join", ({ user_id }) => user_id === 2)).toMatchObject({ username: "user1", room_id: 1 });
  anna.sayText('{"content": "Hello, everyone!"}');
  for (const socket of [anna, ben]) {
    const message = await socket.hears("message");
    expect(message).toMatchObject({
      type: "message",
      id: 1,
      content: "Hello, everyone!",
      username: "admin",
      user_id: 1,
      room_id: 1,
    });
    expect(message.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  ben.close();
  await anna.hears("leave", ({ user_id }) => user_id === 2);
  const again = await RawSocket.open(server.url, `/ws/1?token=${user}`, null);
  expect((await again.hears("history")).messages.map((message) => message.content)).toEqual(["Hello, everyone!"]);
  for (const socket of [anna, again]) socket.close();
});

test("messages are a bare array, oldest first, and the cursor leads to every older one once", async () => {
  const socket = await RawSocket.open(server.url, `/ws/2?token=${admin}`, null);
  await socket.hears("active_users");
  for (let number = 1; number <= 120; number++) socket.sayText(`number ${number}`);
  await socket.until(() => socket.all("message").length === 120);
  socket.close();
  const first = await ask("GET", "/rooms/2/messages", { token: user });
  expect(first.body).toHaveLength(50);
  expect(first.body.at(-1)).toMatchObject({ content: "number 120", room_id: 2, username: "admin" });
  const seen: string[] = [];
  let path: string | null = "/rooms/2/messages/?limit=33";
  while (path !== null) {
    const page: Answer = await ask("GET", path, { token: user });
    expect(page.status).toBe(200);
    seen.unshift(...page.body.map((message: { content: string }) => message.content));
    const cursor = page.headers.get("x-next-cursor");
    const link: string | null = /^<([^>]+)>; rel="next"$/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    expect(cursor).toBe(link === null ? null : String(page.body[0].id));
    path = link;
  }
  expect(seen).toEqual(Array.from({ length: 120 }, (_, at) => `number ${at + 1}`));
  const by = await ask("GET", `/rooms/2/messages?cursor=${first.body[0].id}&limit=100`, { token: user });
  expect(by.body).toHaveLength(70);
  for (const wrong of ["limit=0", "limit=101", "limit=x", "before=x", "before=1", "before=99999"]) {
    expect({ wrong, ...(await ask("GET", `/rooms/2/messages?${wrong}`, { token: user })) }).toMatchObject({
      wrong,
      status: 422,
    });
  }
  expect((await ask("GET", "/rooms/2/messages?unknown=1", { token: user })).status).toBe(200);
});

test("rooms are deleted by admins only, also one that its own admin would delete elsewhere", async () => {
  const socket = await RawSocket.open(server.url, `/ws/of%20user1?token=${user}`, null);
  const { room_id } = await socket.hears("active_users");
  expect((await ask("DELETE", `/rooms/${room_id}`)).status).toBe(401);
  expect((await ask("DELETE", `/rooms/${room_id}`, { token: user })).status).toBe(403);
  expect((await ask("DELETE", "/rooms/999", { token: user })).status).toBe(403);
  expect((await ask("DELETE", `/rooms/${room_id}/`, { token: admin })).status).toBe(204);
  expect((await socket.closes()).code).toBe(4404);
  expect((await ask("GET", `/rooms/${room_id}`, { token: admin })).status).toBe(404);
  expect((await ask("DELETE", `/rooms/${room_id}`, { token: admin })).status).toBe(404);
});

test("a method that an address does not take is told as these clients know it", async () => {
  const answer = await ask("PUT", "/rooms/", { token: admin, json: {} });
  expect(answer).toMatchObject({ status: 405, body: { detail: "This address takes GET, POST." } });
  expect(answer.headers.get("allow")).toBe("GET, POST");
});

test("a token of this login dies with its session", async () => {
  const { body } = await ask("POST", "/auth/login", { json: { username: "user1", password: "userpass123" } });
  const token: string = body.access_token;
  const socket = await RawSocket.open(server.url, `/ws/1?token=${token}`, null);
  await socket.hears("active_users");
  expect((await ask("POST", "/api/v1/logout", { token })).status).toBe(204);
  expect((await socket.closes()).code).toBe(4401);
  expect((await ask("GET", "/auth/me", { token })).status).toBe(401);
});
