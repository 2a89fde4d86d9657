import { afterAll, beforeAll, expect, test } from "bun:test";
import { TokenPair, WebSession } from "#shared/contract/accounts.ts";
import { limits } from "#shared/limits.ts";
import { type Answer, type Asked, askApi, logIn } from "#tests/api/ask.ts";
import { sayRaw } from "#tests/api/say-raw.ts";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const by = { username: "olga", password: "olga's long password" };
let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  await people(server.url, "olga", "bob");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

interface Cookie {
  readonly value: string;
  readonly attributes: readonly string[];
}

function cookiesOf(answer: Answer): Map<string, Cookie> {
  return new Map(
    answer.headers.getSetCookie().map((line) => {
      const [pair = "", ...attributes] = line.split("; ");
      const [name = "", value = ""] = pair.split("=");
      return [name, { value, attributes: attributes.sort() }] as const;
    }),
  );
}

const post = (path: string, asked: Asked = {}) => askApi(server.url, "POST", path, asked);
const headersFrom = (answer: Answer) => {
  const refresh = cookiesOf(answer).get("parlour_refresh")?.value ?? "";
  return { cookie: `theme=dark; parlour_refresh=${refresh}`, origin: server.url, "sec-fetch-site": "same-origin" };
};

test("a login of the page gives the access token in the answer and the refresh token in a cookie that no script reads", async () => {
  const answer = await post("/web/login", { json: by });
  const session = WebSession.parse(answer.body);
  expect(session).toMatchObject({ token_type: "bearer", user: { username: "olga" } });
  const cookies = cookiesOf(answer);
  expect([...cookies.keys()].sort()).toEqual(["parlour_known", "parlour_refresh"]);
  const { value, attributes } = cookies.get("parlour_refresh")!;
  expect(attributes).toEqual([
    "HttpOnly",
    `Max-Age=${limits.sessionIdleDays * 86_400}`,
    "Path=/api/v1/web",
    "SameSite=Strict",
  ]);
  expect(answer.text).not.toContain(value);
  expect(cookies.get("parlour_known")?.attributes).toEqual([
    "HttpOnly",
    "Max-Age=31536000",
    "Path=/api/v1",
    "SameSite=Strict",
  ]);
  const me = await askApi(server.url, "GET", "/me", { token: session.access_token });
  expect(me.body).toEqual(session.user);
});

test("over TLS, or behind a proxy that says so and is trusted, cookies are Secure; nobody else can claim it", async () => {
  const secure = (answer: Answer) =>
    [...cookiesOf(answer).values()].map((cookie) => cookie.attributes.includes("Secure"));
  const headers = { "x-forwarded-proto": "https" };
  expect(secure(await post("/web/login", { json: by, headers }))).toEqual([false, false]);
  await using trusting = await startTestServer({ TRUST_PROXY: "on" });
  const json = { username: "first", password: "long enough" };
  expect(secure(await askApi(trusting.url, "POST", "/web/signup", { json, headers }))).toEqual([true, true]);
  expect(secure(await askApi(trusting.url, "POST", "/web/login", { json }))).toEqual([false, false]);
  const mixed = { "x-forwarded-proto": "https, http" };
  expect(secure(await askApi(trusting.url, "POST", "/web/login", { json, headers: mixed }))).toEqual([false, false]);
});

test("a sign-up of the page is logged in at once", async () => {
  const answer = await post("/web/signup", { json: { username: "new one", password: "long enough" } });
  expect(answer.status).toBe(201);
  const session = WebSession.parse(answer.body);
  expect(session.user).toMatchObject({ username: "new one", role: "user" });
  expect(
    (await post("/web/refresh", { json: { nonce: "a nonce of 16 b." }, headers: headersFrom(answer) })).status,
  ).toBe(200);
});

test("the cookie goes on with the session under a nonce: once, again when the answer was lost, never twice", async () => {
  const first = await post("/web/login", { json: by });
  const refresh = (nonce: string, headers = headersFrom(first)) => post("/web/refresh", { json: { nonce }, headers });
  const second = await refresh("nonce-one");
  expect(second.status).toBe(200);
  const lost = await refresh("nonce-one");
  expect(cookiesOf(lost).get("parlour_refresh")).toEqual(cookiesOf(second).get("parlour_refresh")!);
  expect(cookiesOf(second).get("parlour_refresh")?.value).not.toBe(cookiesOf(first).get("parlour_refresh")?.value);
  const third = await refresh("nonce-two", headersFrom(second));
  expect(third.status).toBe(200);
  expect(await refresh("nonce-three", headersFrom(first))).toMatchObject({ status: 401, code: "session_ended" });
  expect((await refresh("nonce-four", headersFrom(third))).status).toBe(401);
  const { access_token: token } = WebSession.parse(third.body);
  expect((await askApi(server.url, "GET", "/me", { token })).status).toBe(401);
});

test("a refresh of the page needs a nonce, and its cookie", async () => {
  const headers = headersFrom(await post("/web/login", { json: by }));
  for (const json of [
    {},
    { nonce: "short" },
    { nonce: 12345678 },
    { nonce: "n".repeat(65) },
    { nonce: "12345678", refresh_token: "x" },
  ]) {
    expect((await post("/web/refresh", { json, headers })).status).toBe(400);
  }
  for (const cookie of [
    "",
    "parlour_refresh=",
    "parlour_refresh=x",
    "parlour_refresh=a.b.c",
    "PARLOUR_REFRESH=x",
    "parlour_refresh=a.0.b.c",
  ]) {
    expect(await post("/web/refresh", { json: { nonce: "12345678" }, headers: { cookie } })).toMatchObject({
      status: 401,
      code: "session_ended",
    });
  }
  expect((await post("/web/refresh", { json: { nonce: "12345678" }, headers })).status).toBe(200);
});

test("pages of other sites cannot log in, sign up, refresh or log out with a browser's cookie", async () => {
  const first = await post("/web/login", { json: by });
  const { cookie } = headersFrom(first);
  const { host, port } = new URL(server.url);
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `http://evil.example:${port}` },
    { origin: `http://${host}.evil.example` },
    { origin: `http://evil${host}` },
    { origin: "http://127.0.0.1:1" },
    { origin: "http://127.0.0.1" },
    { origin: `http://${host}@evil.example` },
    { origin: "" },
    { origin: server.url, "sec-fetch-site": "cross-site" },
    { origin: server.url, "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of foreign) {
    for (const [path, json] of [
      ["/web/refresh", { nonce: "12345678" }],
      ["/web/login", by],
      ["/web/signup", { username: "evil", password: "long enough" }],
      ["/web/logout", undefined],
    ] as const) {
      const answer = await post(path, { ...(json ? { json } : {}), headers: { cookie, ...headers } });
      expect({ headers, path, status: answer.status, code: answer.code }).toEqual({
        headers,
        path,
        status: 403,
        code: "forbidden",
      });
      expect(answer.headers.getSetCookie()).toEqual([]);
    }
  }
  expect((await post("/web/refresh", { json: { nonce: "12345678" }, headers: headersFrom(first) })).status).toBe(200);
});

test("a form of another site sends nothing that is taken, even by a browser that names no origin", async () => {
  const { cookie } = headersFrom(await post("/web/login", { json: by }));
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    for (const path of ["/web/refresh", "/web/login", "/web/signup"]) {
      const body = '{"nonce":"12345678","username":"olga","password":"x"}';
      expect((await post(path, { raw: { type, body }, headers: { cookie } })).status).toBe(415);
    }
  }
  for (const path of ["/web/refresh", "/web/logout", "/web/login"]) {
    expect((await askApi(server.url, "GET", path, { headers: { cookie } })).status).toBe(405);
  }
});

test("the cookie alone opens no address of the API and no socket", async () => {
  const { cookie } = headersFrom(await post("/web/login", { json: by }));
  const value = cookie.split("parlour_refresh=")[1] ?? "";
  for (const [method, path] of [
    ["GET", "/me"],
    ["GET", "/rooms"],
    ["POST", "/rooms"],
    ["POST", "/ticket"],
    ["POST", "/logout"],
  ] as const) {
    expect(await askApi(server.url, method, path, { headers: { cookie } })).toMatchObject({
      status: 401,
      code: "unauthorized",
    });
    expect(await askApi(server.url, method, path, { token: value })).toMatchObject({ status: 401 });
  }
  const room = await (await fetch(`${server.url}/api/v1/info`)).text();
  expect(room).not.toContain(value);
  const upgrade = `GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
  expect(await sayRaw(server.url, `${upgrade}cookie: ${cookie}\r\n\r\n`)).toStartWith("HTTP/1.1 101");
  for (const path of ["/ws", "/ws/general"]) {
    const socket = new WebSocket(server.url.replace("http", "ws") + path, { headers: { cookie } } as never);
    const code = await new Promise<number>((resolve) => {
      socket.onopen = () => socket.send('{"type":"hello"}');
      socket.onclose = (event) => resolve(event.code);
    });
    expect(code).toBe(4401);
  }
});

test("[L6] logging the page out ends its session and sockets and takes the cookie away, and works without one too", async () => {
  const answer = await post("/web/login", { json: by });
  const other = await logIn(server.url, by);
  const { access_token: token } = WebSession.parse(answer.body);
  const socket = await RawSocket.ready(server.url, token);
  const headers = headersFrom(answer);
  const out = await post("/web/logout", { headers });
  expect(out.status).toBe(204);
  expect(cookiesOf(out).get("parlour_refresh")).toEqual({
    value: "",
    attributes: ["HttpOnly", "Max-Age=0", "Path=/api/v1/web", "SameSite=Strict"],
  });
  expect((await socket.closes()).code).toBe(4401);
  expect((await askApi(server.url, "GET", "/me", { token })).status).toBe(401);
  expect((await post("/web/refresh", { json: { nonce: "12345678" }, headers })).status).toBe(401);
  for (const cookie of [headers.cookie, "", "parlour_refresh=forged.0.x"]) {
    expect((await post("/web/logout", { headers: { cookie } })).status).toBe(204);
  }
  expect((await askApi(server.url, "GET", "/me", { token: other.access_token })).status).toBe(200);
});

test("a cookie of before logs nobody out by a count that it does not prove", async () => {
  const answer = await post("/web/login", { json: by });
  const { access_token: token } = WebSession.parse(answer.body);
  const [id] = (cookiesOf(answer).get("parlour_refresh")?.value ?? "").split(".");
  expect((await post("/web/logout", { headers: { cookie: `parlour_refresh=${id}.0.${"A".repeat(43)}` } })).status).toBe(
    204,
  );
  expect((await askApi(server.url, "GET", "/me", { token })).status).toBe(200);
});

test("a refresh token of a script and the cookie of a page are one kind: each ends its family at a second use", async () => {
  const pair = await logIn(server.url, by);
  const next = TokenPair.parse((await post("/token/refresh", { json: { refresh_token: pair.refresh_token } })).body);
  const cookie = `parlour_refresh=${pair.refresh_token}`;
  expect((await post("/web/refresh", { json: { nonce: "12345678" }, headers: { cookie } })).status).toBe(401);
  expect((await askApi(server.url, "GET", "/me", { token: next.access_token })).status).toBe(401);
});
