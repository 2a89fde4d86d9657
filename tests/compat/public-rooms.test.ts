import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Asked, askRaw } from "#tests/compat/ask-raw.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/**
 * The system whose document names what it does and no addresses: accounts with two roles, public rooms, messages at
 * once, recent history, a live list of who is there, and a front end of another origin.
 */

let server: TestServer;
let admin: string;
let user: string;
const origin = "http://localhost:5173";

beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, asked: Asked = {}) =>
  askRaw(server.url, method, path, { ...asked, headers: { origin, ...asked.headers } });

test("people register and log in, one of them as the administrator", async () => {
  for (const json of [
    { username: "boss", password: "boss's password", role: "admin" },
    { username: "guest", password: "guest's password" },
  ]) {
    expect((await ask("POST", "/auth/signup", { json })).status).toBe(201);
    const { body } = await ask("POST", "/auth/login", { form: json });
    if (json.username === "boss") admin = body.access_token;
    else user = body.access_token;
  }
  expect((await ask("GET", "/auth/me", { token: admin })).body.role).toBe("admin");
  expect((await ask("GET", "/auth/me", { token: user })).body.role).toBe("user");
});

test("public rooms are made, listed and read by everybody, and deleted by administrators only", async () => {
  expect((await ask("POST", "/room/", { json: { name: "Lobby" }, token: user })).body).toMatchObject({ id: 1 });
  expect((await ask("POST", "/rooms/", { json: { name: "Board" }, token: admin })).body).toMatchObject({ id: 2 });
  for (const token of [admin, user]) {
    expect((await ask("GET", "/rooms/", { token })).body).toHaveLength(2);
    expect((await ask("GET", "/rooms/2", { token })).body).toMatchObject({ name: "Board", kind: "public" });
  }
  expect((await ask("DELETE", "/rooms/1", { token: user })).status).toBe(403);
  expect((await ask("DELETE", "/rooms/1", { token: admin })).status).toBe(204);
});

test("in a room one hears the recent history, then messages at once and who comes and goes", async () => {
  const first = await RawSocket.open(server.url, `/ws/2?token=${admin}`, null);
  expect((await first.hears("history")).messages).toEqual([]);
  first.sayText("welcome");
  await first.hears("message");
  const second = await RawSocket.open(server.url, `/ws/2?token=${user}`, null);
  expect((await second.hears("history")).messages.map((message) => message.content)).toEqual(["welcome"]);
  expect((await second.hears("active_users")).users).toEqual([
    { id: 1, username: "boss" },
    { id: 2, username: "guest" },
  ]);
  await first.hears("join", ({ username }) => username === "guest");
  const active = await ask("GET", "/api/v1/rooms/2/active", { token: user });
  expect(active.body.count).toBe(2);
  second.close();
  await first.hears("leave", ({ username }) => username === "guest");
  first.close();
});

test("a front end of another origin may do it all with its token, and never with credentials", async () => {
  for (const path of ["/auth/login", "/rooms/", "/rooms/2", "/message/rooms/2/messages", "/api/v1/token", "/signup"]) {
    const before = await fetch(server.url + path, {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-requested-with",
      },
    });
    expect(before.status).toBe(204);
    expect(before.headers.get("access-control-allow-origin")).toBe("*");
    expect(before.headers.get("access-control-allow-credentials")).toBeNull();
    for (const name of ["authorization", "content-type", "x-requested-with"]) {
      expect(before.headers.get("access-control-allow-headers")).toContain(name);
    }
  }
  for (const asked of [{ token: user }, {}]) {
    const { headers } = await ask("GET", "/rooms/2", asked);
    expect(headers.get("access-control-allow-origin")).toBe("*");
    expect(headers.get("access-control-allow-credentials")).toBeNull();
  }
});

test("a cookie opens none of it: not an address, not a socket", async () => {
  const login = await fetch(`${server.url}/api/v1/web/login`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: server.url },
    body: JSON.stringify({ username: "boss", password: "boss's password" }),
  });
  const cookie = login.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  expect(cookie).toContain("parlour_refresh=");
  for (const path of ["/auth/me", "/rooms/", "/user/users", "/chat", "/api/v1/chat"]) {
    expect({ path, status: (await ask("GET", path, { headers: { cookie } })).status }).toEqual({ path, status: 401 });
  }
  const stolen = await ask("POST", "/api/v1/web/refresh", { json: { nonce: "12345678" }, headers: { cookie } });
  expect(stolen.status).toBe(403);
  expect((await ask("POST", "/token/refresh", { headers: { cookie } })).status).toBe(400);
  const closed = await new Promise<number>((resolve) => {
    const socket = new WebSocket(`${server.url.replace("http", "ws")}/ws/2`, { headers: { cookie, origin } } as never);
    socket.onopen = () => socket.send("hello");
    socket.onclose = ({ code }) => resolve(code);
  });
  expect(closed).toBe(4401);
});
