import { afterAll, beforeAll, expect, test } from "bun:test";
import fc from "fast-check";
import { z } from "zod";
import type { Endpoint } from "#server/endpoint.ts";
import { API, endpoints } from "#server/http/app.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import { ask, askApi, logIn } from "#tests/api/ask.ts";
import { sayRaw } from "#tests/api/say-raw.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let olga: Person;
let token: string;
let room: number;
const ROOMS = 60;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [olga] = await people(server.url, "olga", "bob", "cleo");
  token = await olga.token();
  for (let i = 1; i <= ROOMS; i++) {
    room = (await olga.api.createRoom({ name: `general ${i}` })).id;
    await olga.api.sendMessage(room, { content: "hello" });
  }
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const send = (body: BodyInit, type = "application/json") =>
  askApi(server.url, "POST", `/rooms/${room}/messages`, { token, raw: { type, body } });

test("a body that is not JSON, not UTF-8 or of another type is refused by what is wrong with it", async () => {
  for (const body of [
    "",
    " ",
    "{",
    "nonsense",
    "{'content':'x'}",
    '{"content":"x"}}',
    '{"content":"\\x"}',
    "{content:1}",
    "[".repeat(60_000),
    `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
  ]) {
    const answer = await send(body);
    expect({ body: body.slice(0, 20), status: answer.status }).toEqual({ body: body.slice(0, 20), status: 400 });
    expect(["bad_json", "invalid"]).toContain(answer.code ?? "");
  }
  for (const bytes of [
    [0xff, 0xfe],
    [0xc0, 0xaf],
    [0xed, 0xa0, 0x80],
    [0xf8, 0x88, 0x80, 0x80, 0x80],
  ]) {
    const body = Buffer.concat([Buffer.from('{"content":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(await send(new Uint8Array(body))).toMatchObject({ status: 400, code: "bad_text" });
  }
  for (const type of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonp",
    "text/json",
    "application/json, text/plain",
    "",
    "\u00e4",
  ]) {
    expect({ type, status: (await send('{"content":"x"}', type)).status }).toEqual({ type, status: 415 });
  }
  for (const type of ["application/json; charset=utf-8", "APPLICATION/JSON", "application/json;x=y"]) {
    expect((await send('{"content":"x"}', type)).status).toBe(201);
  }
});

test("a body that is JSON and not what the address takes is refused with the field that is wrong", async () => {
  for (const body of ["null", "true", "7", '"content"', "[]", '[{"content":"x"}]', "{}"]) {
    expect(await send(body)).toMatchObject({ status: 400, code: "invalid" });
  }
  for (const [body, field] of [
    ['{"content":7}', "content"],
    ['{"content":null}', "content"],
    ['{"content":["x"]}', "content"],
    ['{"content":{"toString":"x"}}', "content"],
    ['{"content":"x","nonce":7}', "nonce"],
    ['{"content":"x","extra":7}', "extra"],
    ['{"content":"x","__proto__":{"admin":true}}', "__proto__"],
    ['{"content":"x","constructor":{"prototype":{}}}', "constructor"],
    ['{"content":"x","CONTENT":"y"}', "CONTENT"],
    ['{"content":"x","":"y"}', ""],
  ] as const) {
    const answer = await send(body);
    expect({ body, status: answer.status, code: answer.code }).toEqual({ body, status: 400, code: "invalid" });
    if (field) expect(answer.body).toMatchObject({ field });
  }
  const long = await send(`{"content":"x","${"k".repeat(100_000)}":1}`);
  expect(long.status).toBe(400);
  expect(long.text.length).toBeLessThan(500);
});

test("a body over its limit is refused with 413, whether or not it says its length", async () => {
  const most = limits.bodyBytes;
  const bodyOf = (bytes: number) => `{"content":"x","nonce":"${"n".repeat(bytes - 26)}"}`;
  expect(bodyOf(most)).toHaveLength(most);
  expect((await send(bodyOf(most))).status).toBe(400);
  expect(await send(bodyOf(most + 1))).toMatchObject({ status: 413, code: "too_large" });
  expect(await send(bodyOf(most * 2 - 1))).toMatchObject({ status: 413, code: "too_large" });
  const chunk = `${(most / 2).toString(16)}\r\n${"x".repeat(most / 2)}\r\n`;
  const head = `POST /api/v1/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n`;
  const lengthless = `${head}transfer-encoding: chunked\r\n\r\n${chunk}${chunk}${chunk}0\r\n\r\n`;
  expect(await sayRaw(server.url, lengthless)).toMatch(/^HTTP\/1.1 413 (.|\s)*"too_large"/);
  for (const size of [most * 3, 10_000_000, 999_999_999_999]) {
    expect(await sayRaw(server.url, `${head}content-length: ${size}\r\n\r\n{`)).toStartWith("HTTP/1.1 413 ");
  }
  expect((await send('{"content":"still here"}')).status).toBe(201);
});

test("what is no HTTP or names no host is refused, and nobody else notices", async () => {
  const info = "GET /api/v1/info HTTP/1.1\r\n";
  for (const text of [
    `${info}host: a b\r\n\r\n`,
    `${info}host: [::\r\n\r\n`,
    `${info}host: x:99999999\r\n\r\n`,
    `${info}host: \r\n\r\n`,
    `${info}\r\n`,
    "GET /api/v1/info HTTP/1.0\r\n\r\n",
    "\x16\x03\x01\x02\x00\r\n\r\n",
    `${info}host: x\r\ncontent-length: -5\r\n\r\n`,
    `${info}host: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${info}host: x\r\nauthorization: Bearer a\u0000b\r\n\r\n`,
    `${info}host: x\r\nx: ${"y".repeat(100_000)}\r\n\r\n`,
  ]) {
    const answer = await sayRaw(server.url, text);
    expect({ text: text.slice(0, 60), answer: answer.slice(0, 10) }).toEqual({
      text: text.slice(0, 60),
      answer: expect.stringMatching(/^HTTP\/1.1 4$/) as never,
    });
  }
  expect((await ask(server.url, "GET", "/healthz")).text).toBe("ok\n");
});

test("an id is a whole number from 1, written as one, and everything else is refused without a look", async () => {
  const addresses = [
    "/rooms/ID",
    "/rooms/ID/messages",
    "/rooms/ID/members",
    "/rooms/ID/active",
    "/messages/ID",
    "/users/ID",
  ];
  const wrong = [
    "0",
    "-1",
    "1e99",
    "1e0",
    "1.0",
    "01",
    "%201",
    "1%20",
    "+1",
    "0x1",
    "NaN",
    "Infinity",
    "null",
    "undefined",
    "%00",
    "1%00",
    "%ff",
    "%",
    "%zz",
    "1%2F2",
    "٣",
    "１",
    "9007199254740993",
    "9".repeat(400),
    "1;DROP",
    "'",
    "me",
    "__proto__",
    "%2e%2e",
  ];
  for (const address of addresses) {
    for (const id of wrong) {
      const { status } = await askApi(server.url, "GET", address.replace("ID", id), { token });
      expect({ address, id, refused: status === 400 || status === 404 }).toEqual({ address, id, refused: true });
    }
    for (const id of ["999999", "999999999999999"]) {
      expect(await askApi(server.url, "GET", address.replace("ID", id), { token })).toMatchObject({
        status: 404,
        code: "not_found",
      });
    }
  }
  expect((await askApi(server.url, "DELETE", `/rooms/${room}/members/0`, { token })).status).toBe(400);
});

test("a cursor, a limit or an unknown word in a query is refused with its name", async () => {
  for (const address of ["/rooms", "/users", `/rooms/${room}/members`]) {
    for (const [query, field] of [
      ["cursor=x", "cursor"],
      ["cursor=-1", "cursor"],
      ["cursor=", "cursor"],
      ["cursor=1e3", "cursor"],
      ["cursor=1.5", "cursor"],
      ["cursor=9999999999999999", "cursor"],
      ["cursor=%00", "cursor"],
      ["cursor=%ff", "cursor"],
      ["cursor[]=1", "cursor[]"],
      ["limit=0", "limit"],
      ["limit=101", "limit"],
      ["limit=1e1", "limit"],
      ["limit=-5", "limit"],
      ["limit=%20", "limit"],
      ["offset=1", "offset"],
      ["__proto__=1", "__proto__"],
    ] as const) {
      const answer = await askApi(server.url, "GET", `${address}?${query}`, { token });
      expect({ address, query, status: answer.status, field: (answer.body as { field?: string }).field }).toEqual({
        address,
        query,
        status: 400,
        field,
      });
    }
    const far = await askApi(server.url, "GET", `${address}?cursor=999999999999999`, { token });
    expect(far.body).toEqual({ items: [], next: null });
  }
  expect((await askApi(server.url, "GET", "/rooms?mine=yes", { token })).status).toBe(400);
});

test("an address takes its own methods and says which, and an unknown address is 404 in the same form", async () => {
  const paths = new Set(endpoints.map((endpoint) => endpoint.path));
  for (const path of paths) {
    const taken = endpoints
      .filter((endpoint) => endpoint.path === path)
      .map((endpoint) => endpoint.method.toUpperCase());
    for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]) {
      if (taken.includes(method)) continue;
      const answer = await askApi(server.url, method, path.replaceAll(/\{\w+\}/g, "1"), { token });
      expect({ path, method, status: answer.status, allow: answer.headers.get("allow") }).toEqual({
        path,
        method,
        status: 405,
        allow: taken.join(", "),
      });
    }
  }
  for (const path of ["/", "/nothing", "/rooms/1/nothing", "/Rooms", "/../api/v2/rooms", "/me/", "//me", "/%6de"]) {
    const { status } = await ask(server.url, "GET", `${API}${path}`, { token });
    expect([200, 404]).toContain(status);
  }
  for (const path of [
    "/nothing",
    "/api",
    "/api/v2/rooms",
    "/index.php",
    "/.env",
    "/assets/../../package.json",
    "/assets/%2e%2e%2f%2e%2e%2fpackage.json",
    "/docs/../../package.json",
    "/docs/package.json",
    "/data/parlour.db",
  ]) {
    expect({ path, ...(await ask(server.url, "GET", path)) }).toMatchObject({ path, status: 404, code: "not_found" });
  }
});

test("every answer has a request id, and each its own", async () => {
  const seen = new Set<string>();
  for (const path of [
    "/",
    "/chat/1",
    "/docs",
    "/docs/start.js",
    "/openapi.json",
    "/healthz",
    "/readyz",
    "/metrics",
    "/nothing",
    "/api/v1/info",
    "/api/v1/me",
    "/ws",
  ]) {
    const answer = await fetch(server.url + path);
    expect({ path, id: answer.headers.get("x-request-id") ?? "none" }).toEqual({
      path,
      id: expect.stringMatching(/^[\w-]{12}$/) as never,
    });
    seen.add(answer.headers.get("x-request-id") ?? "");
  }
  expect(seen.size).toBe(12);
  const chosen = await fetch(`${server.url}/api/v1/info`, { headers: { "x-request-id": "mine\tand yours" } });
  expect(chosen.headers.get("x-request-id")).not.toContain("mine");
});

/** What a hostile or careless client may put where a word, a number or anything else is expected. */
const nasty = fc.oneof(
  fc.constantFrom<unknown>(
    "",
    " ",
    "0",
    "-1",
    "1",
    "2",
    "1e99",
    "null",
    "\u0000",
    "\ud800",
    "\udfff\ud83d",
    "\u202e",
    "../..",
    "%00",
    "' OR 1=1 --",
    "#{jndi:ldap://x}",
    "{{7*7}}",
    "<script>",
    "a".repeat(300),
    "🙂".repeat(4_001),
    "public",
    "private",
    "admin",
    "user",
    "true",
  ),
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    0,
    -1,
    1,
    2,
    1.5,
    1e99,
    -0,
    2 ** 53,
    2 ** 63,
    [],
    {},
    [[]],
    [null],
    { $gt: "" },
    [1, 2, 3],
    [1, "1"],
    { length: 5 },
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.jsonValue({ maxDepth: 3 }),
);
const FIELDS = [
  "username",
  "password",
  "email",
  "role",
  "name",
  "description",
  "kind",
  "nonce",
  "user_ids",
  "seq",
  "content",
  "refresh_token",
  "current_password",
  "new_password",
  "grant_type",
  "scope",
  "__proto__",
  "toString",
  "id",
];
const object = fc.dictionary(fc.constantFrom(...FIELDS), nasty, { maxKeys: 5 });

/** A body for this address: each field right, wrong or missing. */
function bodyFor(endpoint: Endpoint): fc.Arbitrary<string | Uint8Array<ArrayBuffer>> {
  const fields = endpoint.body instanceof z.ZodObject ? Object.keys(endpoint.body.shape) : [];
  const parts = fields.map((field) => {
    const right = fc.constant(RIGHT[field as keyof typeof RIGHT]);
    return [field, fc.oneof({ weight: 3, arbitrary: right }, nasty)] as const;
  });
  return fc.oneof(
    { weight: 6, arbitrary: fc.record(Object.fromEntries(parts)).map(textOf) },
    { weight: 2, arbitrary: object.map(textOf) },
    { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 4 }).map(textOf) },
    { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 50 }) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 50 }).map((bytes) => new Uint8Array(bytes)) },
  );
}

const RIGHT = {
  username: "olga",
  password: "a wrong password",
  email: "x@example.org",
  role: "user",
  name: "some room",
  description: "words",
  kind: "private",
  nonce: "a nonce of mine",
  user_ids: [2],
  seq: 1,
  content: "words",
  refresh_token: "a.0.b",
  current_password: "a wrong password",
  new_password: "another password",
};

const parts = fc.oneof(
  { weight: 3, arbitrary: fc.integer({ min: 1, max: ROOMS }).map(String) },
  { weight: 1, arbitrary: nasty.map((value) => encode(textOf(value))) },
);
const queries = fc.oneof(
  fc.constant({}),
  fc.dictionary(
    fc.constantFrom("cursor", "limit", "before", "after", "around", "mine", "q", "token", "__proto__"),
    nasty,
    { maxKeys: 3 },
  ),
);

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function encode(text: string): string {
  return encodeURIComponent(text.slice(0, 300).toWellFormed()).replace(/^\.+$/, "%2e") || "%20";
}

test("whatever is put into any address, the answer is one of its own or a refusal, and never a 500", async () => {
  // What hashes passwords or takes rooms away is asked less, what ends the walker's session by others.
  const slow = new Set([
    "post /signup",
    "post /web/signup",
    "post /token",
    "post /web/login",
    "post /me/password",
    "delete /rooms/{id}",
  ]);
  const ends = new Set(["post /logout", "delete /me/sessions/{id}"]);
  const walkers = { olga: token, nobody: null, forged: `${token.slice(0, -4)}AAAA` };
  const until = performance.now() + 15_000;
  let asked = 0;
  const worked = new Set<string>();
  const asking = endpoints.map((endpoint) => {
    const id = `${endpoint.method} ${endpoint.path}`;
    const who = ends.has(id)
      ? (["nobody", "forged"] as const)
      : (["olga", "olga", "olga", "nobody", "forged"] as const);
    return fc.assert(
      fc.asyncProperty(
        fc.record({
          body: bodyFor(endpoint),
          query: queries,
          parts: fc.array(parts, { minLength: 2, maxLength: 2 }),
          who: fc.constantFrom(...who),
          typed: fc.boolean(),
        }),
        async ({ body, query, parts: [first, second], who: walker, typed }) => {
          if (performance.now() > until) return;
          const names = [first ?? "1", second ?? "2"];
          const path = endpoint.path.replaceAll(/\{\w+\}/g, () => names.shift() ?? "1");
          const search = new URLSearchParams(
            Object.entries(query).map(([key, value]) => [key, textOf(value).slice(0, 100).toWellFormed()]),
          );
          const raw =
            endpoint.method === "get"
              ? {}
              : {
                  raw: {
                    type: endpoint.form && !typed ? "application/x-www-form-urlencoded" : "application/json",
                    body: body ?? "",
                  },
                };
          const answer = await askApi(
            server.url,
            endpoint.method.toUpperCase(),
            `${path}${search.size ? `?${search}` : ""}`,
            { token: walkers[walker], ...raw },
          );
          asked += 1;
          if (answer.status >= 500) throw new Error(`${id} answered ${answer.text}`);
          if (answer.status >= 400) return;
          expect(answer.status).toBe(endpoint.status);
          worked.add(id);
          if (endpoint.answer) endpoint.answer.parse(answer.body);
        },
      ),
      { numRuns: slow.has(id) ? 40 : 500, endOnFailure: true },
    );
  });
  await Promise.all(asking);
  expect(asked).toBeGreaterThan(3_000);
  // Hostile and not merely wrong: most addresses were asked something that they take.
  expect(worked.size).toBeGreaterThan(endpoints.length / 2);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  expect((await ask(server.url, "GET", "/readyz")).status).toBe(200);
  expect((await askApi(server.url, "GET", "/me", { token })).body).toMatchObject({
    id: olga.id,
    username: "olga",
    role: "admin",
  });
}, 30_000);

test("text that no database takes, in any word of any address, is refused and never a 500", async () => {
  const [pia] = await people(server.url, "pia");
  const { access_token, refresh_token } = await logIn(server.url, pia);
  const right = { ...RIGHT, refresh_token, current_password: pia.password };
  for (const endpoint of endpoints) {
    const path = endpoint.path.replaceAll(/\{\w+\}/g, "1");
    const shapeOf = (schema: z.ZodType | undefined) => (schema instanceof z.ZodObject ? Object.keys(schema.shape) : []);
    const body = Object.fromEntries(shapeOf(endpoint.body).map((key) => [key, right[key as keyof typeof right]]));
    for (const bad of ["\u0000", "long enough \u0000", "\ud800 long enough"]) {
      const asked = [
        ...shapeOf(endpoint.body).map((key) => ({
          where: `${endpoint.path} {${key}}`,
          path,
          body: { ...body, [key]: bad },
          isRefused: false,
        })),
        ...shapeOf(endpoint.params).map((key) => ({
          where: `${endpoint.path} ${key}`,
          path: endpoint.path.replace(`{${key}}`, encodeURIComponent(bad.toWellFormed())).replaceAll(/\{\w+\}/g, "1"),
          body,
          isRefused: bad.isWellFormed(),
        })),
        ...shapeOf(endpoint.query).map((key) => ({
          where: `${endpoint.path}?${key}`,
          path: `${path}?${new URLSearchParams([[key, bad.toWellFormed()]])}`,
          body,
          isRefused: bad.isWellFormed(),
        })),
      ];
      for (const { where, path, body, isRefused } of asked) {
        const json = endpoint.method === "get" || endpoint.body === undefined ? {} : { json: body };
        const answer = await askApi(server.url, endpoint.method.toUpperCase(), path, { token: access_token, ...json });
        expect({ where, isFault: answer.status >= 500 }).toEqual({ where, isFault: false });
        if (isRefused) expect({ where, isTaken: answer.status < 400 }).toEqual({ where, isTaken: false });
      }
    }
  }
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
}, 60_000);

test("[L3] what is no frame is answered with an error and changes nothing, and the socket lives on", async () => {
  const { id } = await olga.api.createRoom({ name: "frames" });
  const { id: message } = await olga.api.sendMessage(id, { content: "hello" });
  const socket = await RawSocket.ready(server.url, token);
  const frames = [
    "",
    "{",
    "null",
    "7",
    "[]",
    "{}",
    '{"type":"dance"}',
    '{"type":"send"}',
    `{"type":"send","room_id":${id},"nonce":"n","content":7}`,
    `{"type":"send","room_id":"${id}","nonce":"n","content":"x"}`,
    `{"type":"send","room_id":${id},"nonce":"n","content":"x","user_id":1}`,
    `{"type":"send","room_id":${id},"nonce":"${"n".repeat(65)}","content":"x"}`,
    `{"type":"send","room_id":${id},"nonce":"n","content":" "}`,
    `{"type":"send","room_id":1e99,"nonce":"n","content":"x"}`,
    `{"type":"send","room_id":-1,"nonce":"n","content":"x"}`,
    `{"type":"read","room_id":${id},"seq":-1}`,
    '{"type":"hello"}',
    `{"type":"ping","__proto__":1}`,
    `{"type":"open","room_id":${id},"epoch":1,"seq":0}`,
    "\u0000",
    "x".repeat(60_000),
  ];
  for (const [index, frame] of frames.entries()) {
    socket.sayText(frame);
    await socket.until(() => socket.all("error").length > index);
  }
  await socket.settled();
  expect(socket.all("error")).toHaveLength(frames.length);
  expect(socket.all("ack")).toEqual([]);
  expect((await askApi(server.url, "GET", `/rooms/${id}/messages`, { token })).body).toMatchObject({ n: 1, seq: 2 });
  expect((await askApi(server.url, "GET", `/messages/${message}`, { token })).body as Message).toMatchObject({
    content: "hello",
  });
  socket.close();
});
