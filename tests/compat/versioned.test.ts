import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Answer, type Asked, askRaw } from "#tests/compat/ask-raw.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** The documented requests of the system with versioned addresses and a refresh token, under both of their names. */

let server: TestServer;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = (method: string, path: string, asked?: Asked) => askRaw(server.url, method, path, asked);
const words = ({ body }: Answer) => body.map((message: { content: string }) => message.content);

describe.each(["/api/v1", ""])("under the prefix '%s'", (prefix) => {
  const username = `dora ${prefix.length}`;
  const password = "dora's password";
  let access: string;
  let refresh: string;
  let room: number;

  test("sign-up, then the OAuth2 form login: access and refresh token", async () => {
    expect((await ask("POST", `${prefix}/signup`, { json: { username, password } })).body).toMatchObject({ username });
    const form = { grant_type: "password", username, password, scope: "", client_id: "", client_secret: "" };
    const { status, body } = await ask("POST", `${prefix}/token`, { form });
    expect(status).toBe(200);
    expect(Object.keys(body).sort()).toEqual(["access_token", "expires_in", "refresh_token", "token_type"]);
    ({ access_token: access, refresh_token: refresh } = body);
    expect((await ask("POST", `${prefix}/token/`, { json: { username, password } })).status).toBe(200);
    expect((await ask("POST", `${prefix}/token`, { form: { username, password: "no" } })).status).toBe(401);
  });

  test("a refresh token is taken from JSON, form, query or as the bearer, once each", async () => {
    const path = `${prefix}/token/refresh`;
    const ways: ((token: string) => [string, Asked])[] = [
      (refresh_token) => [path, { json: { refresh_token } }],
      (refresh_token) => [path, { form: { grant_type: "refresh_token", refresh_token } }],
      (refresh_token) => [`${path}?refresh_token=${encodeURIComponent(refresh_token)}`, {}],
      (token) => [path, { token }],
      (token) => [`${path}/`, { token, json: {} }],
      (refresh_token) => [path, { json: { refresh_token }, token: "an access token that has expired" }],
    ];
    for (const way of ways) {
      const answer = await ask("POST", ...way(refresh));
      expect(answer.status).toBe(200);
      expect(answer.body.refresh_token).not.toBe(refresh);
      ({ access_token: access, refresh_token: refresh } = answer.body);
    }
    expect((await ask("POST", path)).status).toBe(400);
    expect((await ask("POST", path, { json: { refresh_token: 7 } })).status).toBe(400);
    expect((await ask("POST", path, { json: { refresh_token: access } })).status).toBe(401);
    expect((await ask("POST", path, { json: { refresh_token: refresh, unknown: 1 } })).status).toBe(400);
  });

  test("on /ws/{room} by the bearer token, and read again as the history of the room and of all rooms", async () => {
    const socket = await RawSocket.open(server.url, `/ws/of%20${prefix.length}`, access);
    room = (await socket.hears("active_users")).room_id;
    for (let number = 1; number <= 60; number++) socket.sayText(`${room}: ${number}`);
    await socket.until(() => socket.all("message").length === 60);
    socket.close();
    const said = (from: number) => Array.from({ length: 61 - from }, (_, at) => `${room}: ${from + at}`);
    const history = `${prefix}/chat/history?room_id=${room}`;
    expect(words(await ask("GET", history, { token: access }))).toEqual(said(11));
    expect(words(await ask("GET", `${history}&limit=100`, { token: access }))).toEqual(said(1));
    const newest = await ask("GET", `${history}&limit=5`, { token: access });
    const cursor = newest.headers.get("x-next-cursor");
    expect(words(await ask("GET", `${history}&limit=5&before=${cursor}`, { token: access }))).toEqual(
      said(51).slice(0, 5),
    );
    expect(words(await ask("GET", `${prefix}/chat?limit=3`, { token: access }))).toEqual(said(58));
    expect(words(await ask("GET", `${prefix}/chat/`, { token: access }))).toEqual(said(11));
  });

  test("what was taken back is in no list, and its place in a page is another message's", async () => {
    const history = `${prefix}/chat/history?room_id=${room}`;
    const { body } = await ask("GET", `${history}&limit=10`, { token: access });
    const gone: { id: number; content: string }[] = body.slice(3, 9);
    for (const { id } of gone) await ask("DELETE", `/api/v1/messages/${id}`, { token: access });
    const left = Array.from({ length: 60 }, (_, at) => `${room}: ${at + 1}`).filter(
      (text) => !gone.some(({ content }) => content === text),
    );
    const newest = await ask("GET", `${history}&limit=5`, { token: access });
    expect(words(newest)).toEqual(left.slice(-5));
    const before = newest.headers.get("x-next-cursor");
    expect(words(await ask("GET", `${history}&limit=5&before=${before}`, { token: access }))).toEqual(
      left.slice(-10, -5),
    );
    expect(words(await ask("GET", `${history}&limit=100`, { token: access }))).toEqual(left);
    expect(words(await ask("GET", `${prefix}/chat?limit=3`, { token: access }))).toEqual(left.slice(-3));
    const socket = await RawSocket.open(server.url, `/ws/${room}`, access);
    const { messages } = await socket.hears("history");
    expect(messages.map(({ content }) => content)).toEqual(left.slice(-50));
    socket.close();
  });

  test("protected, strict, and refused as a problem", async () => {
    const paths = [`${prefix}/chat`, `${prefix}/chat/history?room_id=${room}`];
    for (const path of paths) {
      for (const asked of [{}, { token: "nonsense" }]) {
        const refused = await ask("GET", path, { ...asked, headers: { accept: "application/json" } });
        expect(refused.status).toBe(401);
        expect(refused.headers.get("www-authenticate")).toBe("Bearer");
        expect(refused.headers.get("content-type")).toBe("application/problem+json");
        expect(refused.body.detail).toBeString();
      }
    }
    for (const query of ["", "?room_id=x", `?room_id=${room}&unknown=1`, `?room_id=${room}&limit=101`]) {
      expect((await ask("GET", `${prefix}/chat/history${query}`, { token: access })).status).toBe(400);
    }
    expect((await ask("GET", `${prefix}/chat/history?room_id=9999`, { token: access })).status).toBe(404);
  });
});

test("GET /chat is the page for a browser, and the messages for whoever brings a token", async () => {
  const { body } = await ask("POST", "/token", { form: { username: "dora 0", password: "dora's password" } });
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  for (const path of ["/chat", "/chat/", "/chat/history"]) {
    const page = await ask("GET", path, { headers: { accept } });
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toStartWith("text/html");
  }
  const messages = await ask("GET", "/chat", { headers: { accept }, token: body.access_token });
  expect(Array.isArray(messages.body)).toBe(true);
  expect(messages.headers.get("vary")).toContain("accept");
  expect((await ask("GET", "/chat")).status).toBe(401);
});

test("the newest messages are of the rooms that one may read, and of no other", async () => {
  const people = await Promise.all(
    ["ida", "jon"].map(async (username) => {
      await ask("POST", "/signup", { json: { username, password: `${username}'s password` } });
      return (await ask("POST", "/token", { form: { username, password: `${username}'s password` } })).body
        .access_token as string;
    }),
  );
  const [ida = "", jon = ""] = people;
  const jonId = (await ask("GET", "/auth/me", { token: jon })).body.id as number;
  const room = async (json: object) => (await ask("POST", "/api/v1/rooms", { token: ida, json })).body.id as number;
  const say = (id: number, content: string) =>
    ask("POST", `/api/v1/rooms/${id}/messages`, { token: ida, json: { content } });
  const hidden = await room({ name: "hidden", kind: "private" });
  const late = await room({ name: "late", kind: "private" });
  const shut = await room({ name: "shut" });
  const open = await room({ name: "open" });
  await say(open, "in the open");
  await say(hidden, "hidden from jon");
  await say(late, "before jon came");
  const add = (id: number) => ask("POST", `/api/v1/rooms/${id}/members`, { token: ida, json: { user_ids: [jonId] } });
  await add(late);
  await say(late, "after jon came");
  await add(shut);
  await say(shut, "while jon was here");
  await ask("DELETE", `/api/v1/rooms/${shut}/members/${jonId}`, { token: ida });
  await say(open, "the last word");
  const all = words(await ask("GET", "/chat?limit=6", { token: ida }));
  expect(all).toEqual([
    "in the open",
    "hidden from jon",
    "before jon came",
    "after jon came",
    "while jon was here",
    "the last word",
  ]);
  expect(words(await ask("GET", "/chat?limit=3", { token: jon }))).toEqual([
    "in the open",
    "after jon came",
    "the last word",
  ]);
  expect(words(await ask("GET", "/chat?limit=1", { token: jon }))).toEqual(["the last word"]);
});

test("the login of the page of documents is the form that it sends", async () => {
  const document = await ask("GET", "/openapi.json");
  const { tokenUrl } = document.body.components.securitySchemes.login.flows.password as { tokenUrl: string };
  const form = { grant_type: "password", username: "ida", password: "ida's password" };
  const headers = { "x-requested-with": "XMLHttpRequest", authorization: `Basic ${btoa(":")}` };
  const { status, body } = await ask("POST", tokenUrl, { form, headers });
  expect(status).toBe(200);
  expect((await ask("GET", "/auth/me", { token: body.access_token })).body.username).toBe("ida");
});
