import { afterAll, beforeAll, expect, test } from "bun:test";
import { connect } from "node:net";
import { limits } from "#shared/limits.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The other systems' addresses as their documents name them, each with a body that it takes. `{id}` is a room. */
const ADDRESSES: readonly (readonly [Method, string, Record<string, string>?])[] = [
  [
    "POST",
    "/auth/signup",
    { username: "fresh", email: "fresh@example.org", password: "a good password", role: "user" },
  ],
  ["POST", "/auth/login", { username: "root", password: "a wrong password" }],
  ["GET", "/auth/me"],
  ["POST", "/rooms", { name: "General", description: "words" }],
  ["GET", "/rooms"],
  ["GET", "/rooms/{id}"],
  ["GET", "/rooms/{id}/messages"],
  ["DELETE", "/rooms/{id}"],
  ["POST", "/signup", { username: "fresh", password: "a good password", role: "user" }],
  ["POST", "/login", { username: "root", password: "a wrong password" }],
  ["POST", "/token", { username: "root", password: "a wrong password" }],
  ["POST", "/token/refresh", { refresh_token: "a.0.b" }],
  ["GET", "/chat"],
  ["GET", "/chat/history?room_id={id}"],
  ["POST", "/api/v1/signup", { username: "fresh", email: "fresh@example.org", password: "a good password" }],
  ["POST", "/api/v1/token", { username: "root", password: "a wrong password" }],
  ["POST", "/api/v1/token/refresh", { refresh_token: "a.0.b" }],
  ["GET", "/api/v1/chat"],
  ["GET", "/api/v1/chat/history?room_id={id}"],
  ["POST", "/auth/token", { username: "root", password: "a wrong password" }],
  ["POST", "/user/signup", { username: "fresh", email: "fresh@example.org", password: "a good password" }],
  ["GET", "/user/users"],
  ["PUT", "/user/update/{me}", { username: "root", email: "root@example.org", password: "a good password" }],
  ["POST", "/user/update_password", { current_password: "a wrong password", new_password: "a good password" }],
  ["POST", "/room", { name: "General", description: "words" }],
  ["GET", "/room/rooms"],
  ["GET", "/room/{id}"],
  ["PATCH", "/room/{id}", { name: "General", description: "words" }],
  ["DELETE", "/room/{id}"],
  ["POST", "/message/rooms/{id}/messages", { content: "words" }],
  ["GET", "/message/rooms/{id}/messages"],
];
const PASSWORD = "the password of root";
const WORDS = "words that no log may hold";

let server: TestServer;
let token: string;
let room: number;
const refused = new Map<number, number>();

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  const json = (path: string, body: unknown, bearer?: string) =>
    fetch(server.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", ...(bearer ? { authorization: `Bearer ${bearer}` } : {}) },
      body: JSON.stringify(body),
    }).then((answer) => answer.json() as Promise<{ id: number; access_token: string }>);
  await json("/auth/signup", { username: "root", password: PASSWORD, role: "admin" });
  await json("/auth/signup", { username: "ben", password: `${PASSWORD} too` });
  token = (await json("/auth/login", { username: "root", password: PASSWORD })).access_token;
  room = (await json("/room/", { name: "Here" }, token)).id;
  await json(`/message/rooms/${room}/messages`, { content: WORDS }, token);
});

afterAll(() => server[Symbol.asyncDispose]());

interface Asked {
  bearer?: string | null;
  type?: string | null;
  body?: BodyInit;
  headers?: Record<string, string>;
}

const filled = (path: string, id = String(room)) => path.replace("{id}", id).replace("{me}", "1");
const slashed = (path: string) => path.replace(/(\?|$)/, "/$1");

/** Asks, and holds every answer to what all of them promise: no 5xx, nothing of the program, refusals in words. */
async function ask(method: string, path: string, asked: Asked = {}): Promise<number> {
  const headers = new Headers({ origin: "https://app.example.org", ...asked.headers });
  const bearer = asked.bearer === undefined ? token : asked.bearer;
  if (bearer !== null) headers.set("authorization", `Bearer ${bearer}`);
  const type = asked.type === undefined && asked.body !== undefined ? "application/json" : asked.type;
  if (type) headers.set("content-type", type);
  const body =
    asked.body === undefined ? null : type || typeof asked.body !== "string" ? asked.body : bytes(asked.body);
  const answer = await fetch(server.url + path, { method, headers, body, redirect: "manual" });
  const text = await answer.text();
  const what = `${method} ${path.slice(0, 100)} ${String(asked.body ?? "").slice(0, 80)} (${type}): ${answer.status} ${text.slice(0, 400)}`;
  if (answer.status >= 500 || (answer.status >= 300 && answer.status < 400)) throw new Error(what);
  if (answer.status >= 400) {
    refused.set(answer.status, (refused.get(answer.status) ?? 0) + 1);
    if (TRACE.test(text) || text.includes(token) || text.includes(PASSWORD)) throw new Error(`tells too much: ${what}`);
    if (answer.status === 401 && answer.headers.get("www-authenticate") !== "Bearer")
      throw new Error(`no way in: ${what}`);
    // A page must be able to read why; what is far too large never reaches what would say so.
    if (answer.status !== 413 && answer.headers.get("access-control-allow-origin") !== "*") throw new Error(what);
    const isBare = method === "HEAD" || answer.status === 413;
    if (!isBare && !isRefusal(text)) throw new Error(`no refusal in words: ${what}`);
  }
  return answer.status;
}

const TRACE = /\.tsx?\b|\bat \S+ \(|node_modules|SQLITE|sqlite|stack|Error:|zod|undefined is not|Cannot read/;

function isRefusal(text: string): boolean {
  const { detail } = JSON.parse(text) as { detail?: unknown };
  if (typeof detail === "string") return detail !== "";
  return Array.isArray(detail) && detail.length > 0 && detail.length <= 20;
}

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** Everything at once would only wait in the server; twenty at a time keep it busy. */
async function each<Item>(items: readonly Item[], run: (item: Item) => Promise<unknown>): Promise<void> {
  const rest = [...items];
  const faults: string[] = [];
  const work = async () => {
    for (let item = rest.shift(); item !== undefined; item = rest.shift()) {
      await run(item).catch((error: Error) => faults.push(error.message));
    }
  };
  await Promise.all(Array.from({ length: 20 }, work));
  expect(faults.slice(0, 20)).toEqual([]);
}

const withBody = ADDRESSES.filter(([, , body]) => body !== undefined);
const NOT_A_WORD: unknown[] = [null, true, 7, 1.5, [], {}, ["root"], { $ne: "" }, { toString: "x" }, [[[[]]]]];
const HOSTILE_TEXT = [
  "",
  " ",
  "\u0000",
  "a\u0000b",
  "\ud800",
  "\udfff\ud83d",
  "\u202e\u2066",
  "\ufeff",
  "x".repeat(60_000),
  "🙂".repeat(9_000),
  "' OR 1=1 --",
  "1; DROP TABLE users",
  "%00",
  "../../etc/passwd",
  "a@b",
  "\n\r\t",
  "e\u0301".repeat(500),
];

/** What hashes a password is slow, and is one thing under many names: the names share the values among them. */
function nasty(path: string): unknown[] {
  const values = [...NOT_A_WORD, ...HOSTILE_TEXT];
  const doors = withBody.map(([, door]) => door).filter((door) => /signup|login|token$|user/.test(door));
  const place = doors.indexOf(path);
  return place < 0 ? values : values.filter((_, index) => (index + place) % 3 === 0);
}

test("a field of a wrong type or of hostile text is refused or taken, and never breaks an address", async () => {
  const tries = withBody.flatMap(([method, path, body = {}]) =>
    Object.keys(body).flatMap((field) =>
      nasty(path).map((value) => [method, path, { ...body, [field]: value }] as const),
    ),
  );
  await each(tries, ([method, path, body]) => ask(method, filled(path), { body: JSON.stringify(body) }));
  const missing = withBody.flatMap(([method, path, body = {}]) =>
    Object.keys(body).map((field) => [method, path, { ...body, [field]: undefined }] as const),
  );
  await each(missing, ([method, path, body]) => ask(method, filled(path), { body: JSON.stringify(body) }));
}, 120_000);

test("a body that is no JSON, no UTF-8, too deep, too large or of another type is refused at every address", async () => {
  const deep = 60_000;
  const bodies: readonly [string, BodyInit, string?][] = [
    ["empty", ""],
    ["open brace", "{"],
    ["cut off", '{"username":"root","password":"a'],
    ["null", "null"],
    ["a number", "7"],
    ["a text", '"text"'],
    ["a list", "[]"],
    ["a list of objects", '[{"username":"root"}]'],
    ["not a number", '{"name":NaN}'],
    ["single quotes", "{'name':'x'}"],
    ["a comment", '{"name":"x"} // x'],
    ["two values", '{"name":"x"}{"name":"y"}'],
    ["deep lists", "[".repeat(deep)],
    ["deep closed lists", "[".repeat(deep / 2) + "]".repeat(deep / 2)],
    ["deep objects", `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`],
    ["bad UTF-8", new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d])],
    ["overlong UTF-8", new Uint8Array([0x22, 0xc0, 0x80, 0x22])],
    ["UTF-16", new Uint8Array([0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00])],
    ["nothing but zeros", new Uint8Array(1_000)],
    ["too large", `{"content":"${"x".repeat(limits.bodyBytes)}"}`],
    ["far too large", new Uint8Array(limits.bodyBytes * 3)],
    ["a page's text", '{"name":"x"}', "text/plain"],
    ["XML", '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "application/xml"],
    ["another charset", '{"name":"x"}', "application/json; charset=utf-7"],
    ["no type", '{"name":"x"}', ""],
    ["a bad type", '{"name":"x"}', "application/json/json; ;;="],
    ["a form that is none", "%ff%zz&&==&username", "application/x-www-form-urlencoded"],
    ["a form of a thousand", "username=x&".repeat(1_000), "application/x-www-form-urlencoded"],
    ["a form with zeros", "username=%00&password=%00", "application/x-www-form-urlencoded"],
    ["a form with prototypes", "__proto__=x&constructor=y&username=z", "application/x-www-form-urlencoded"],
    ["parts without a boundary", "--x\r\n\r\n--x--", "multipart/form-data"],
    ["parts with another boundary", "--y\r\n\r\n--y--", "multipart/form-data; boundary=x"],
    [
      "a part that is a file",
      '--x\r\nContent-Disposition: form-data; name="username"; filename="u"\r\n\r\nroot\r\n--x--\r\n',
      "multipart/form-data; boundary=x",
    ],
    [
      "a part that is not closed",
      '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\nroot',
      "multipart/form-data; boundary=x",
    ],
  ];
  // JSON is JSON, whatever its type says or does not say: whichever of the two comes first makes the room of that name.
  const isJson = (name: string) => name === "another charset" || name === "no type";
  // A key that nobody knows is ignored, whatever is below it; what is made needs more than that.
  const isIgnored = (name: string, method: string) => name === "deep objects" && method !== "POST";
  const tries = withBody.flatMap(([method, path]) => bodies.map((body) => [method, path, body] as const));
  await each(tries, async ([method, path, [name, body, type]]) => {
    const status = await ask(method, filled(path), { body, ...(type === undefined ? {} : { type }) }).catch(
      (error: Error) => {
        // The server may close on a body that it will not read; it must not die of it.
        if (name === "far too large" && /closed|reset/i.test(error.message)) return 413;
        throw new Error(`${name}: ${error.message}`);
      },
    );
    if (status < 400 && !isJson(name) && !isIgnored(name, method)) throw new Error(`${method} ${path} took ${name}`);
    if (name.endsWith("too large") && status !== 413) throw new Error(`${method} ${path}: ${name} was ${status}`);
  });
}, 120_000);

test("a key that comes twice, in another's name or below a prototype makes nobody an admin", async () => {
  const doors = ["/auth/signup", "/signup", "/user/signup", "/api/v1/signup", "/auth/signup/", "/signup?role=admin"];
  const bodies = [
    '{"username":"N","password":"a good password","role":"user","role":"admin"}',
    '{"username":"N","password":"a good password","role":"admin","role":"user"}',
    '{"username":"N","password":"a good password","__proto__":{"role":"admin"}}',
    '{"username":"N","password":"a good password","constructor":{"prototype":{"role":"admin"}}}',
    '{"username":"N","password":"a good password","is_admin":true,"isAdmin":true,"admin":1,"user_role":"admin"}',
    '{"username":"N","password":"a good password","role":"ADMIN"}',
    '{"username":"N","password":"a good password","role":["admin"]}',
    '{"username":"N","password":"a good password","role":"admin\\u0000"}',
    '{"username":"N","password":"a good password","user":{"role":"admin"},"Role":"admin","ROLE":"admin"}',
    '{"username":"N","password":"a good password","id":1,"user_id":1}',
  ];
  let number = 0;
  const tries = doors.flatMap((door) => bodies.map((body) => [door, body.replace("N", `n${number++}`)] as const));
  await each(tries, ([door, body]) => ask("POST", door, { body, bearer: null }));
  const all = await fetch(`${server.url}/user/users`, { headers: { authorization: `Bearer ${token}` } });
  const people = (await all.json()) as { username: string; role: string }[];
  expect(people.filter(({ role }) => role === "admin").map(({ username }) => username)).toEqual(["root"]);
  // Several were made: what is refused is the role, not the person.
  expect(people.length).toBeGreaterThan(10);
}, 60_000);

test("a bad id, a bad percent-encoding or a bad query is refused or not found, with and without the slash", async () => {
  const ids = [
    "999999",
    "9007199254740991",
    "0",
    "-1",
    "1.5",
    "1e3",
    "0x1",
    "٣",
    "１",
    "%EF%BC%91",
    "99999999999999999999",
    "9007199254740993",
    "%00",
    "%ff",
    "%",
    "%zz",
    "..%2f..%2f",
    "%2f",
    "%5c",
    "1%20",
    "%201",
    "1%00",
    "null",
    "NaN",
    "undefined",
    "__proto__",
    "constructor",
    "1;drop",
    "1'--",
    "x".repeat(4_000),
  ];
  const withId = ADDRESSES.filter(([, path]) => /\{(id|me)\}/.test(path));
  await each(
    withId.flatMap(([method, path, body]) =>
      ids.map((id) => [method, path.replace(/\{\w+\}/, () => id), body] as const),
    ),
    async ([method, path, body]) => {
      const asked = body ? { body: JSON.stringify(body) } : {};
      const bare = await ask(method, path, asked);
      if (bare < 400) throw new Error(`${method} ${path} was taken: ${bare}`);
      const other = await ask(method, slashed(path), asked);
      if (bare !== other) throw new Error(`${method} ${path}: ${bare}, with a slash ${other}`);
    },
  );
  const queries = [
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1e1",
    "limit=",
    "limit=x",
    "limit=%00",
    "limit=%ff",
    "limit=%",
    "limit=1&limit=9999",
    "limit[]=1",
    "before=x",
    "before=-1",
    "before=99999999999999999999",
    "before=1&after=1",
    "room_id=x",
    "room_id=",
    "room_id=1&room_id=2",
    "__proto__=1",
    "&&&===",
    `x=${"y".repeat(8_000)}`,
    "a=1&".repeat(1_000),
    `token=${"t".repeat(100)}`,
  ];
  const reads = ADDRESSES.filter(([method]) => method === "GET");
  await each(
    reads.flatMap(([, path]) => queries.map((query) => `${filled(path)}${path.includes("?") ? "&" : "?"}${query}`)),
    (path) => ask("GET", path),
  );
}, 60_000);

test("an address answers the same with a slash, HEAD as GET without a body, and says which methods it takes", async () => {
  await each(
    ADDRESSES.filter(([method]) => method === "GET"),
    async ([, path]) => {
      const statuses = [
        await ask("GET", filled(path)),
        await ask("GET", slashed(filled(path))),
        await ask("HEAD", filled(path)),
        await ask("HEAD", slashed(filled(path))),
      ];
      expect({ path, statuses }).toEqual({ path, statuses: [200, 200, 200, 200] });
      expect(await ask("GET", filled(path), { bearer: null, headers: { accept: "application/json" } })).toBe(401);
      expect(await ask("GET", filled(path), { bearer: "x" })).toBe(401);
      expect(await ask("GET", slashed(filled(path)), { bearer: `${token}x` })).toBe(401);
    },
  );
  const paths = [...new Set(ADDRESSES.map(([, path]) => filled(path).replace(/\?.*/, "")))];
  for (const path of paths) {
    for (const method of ["OPTIONS", "PUT", "PATCH", "DELETE", "PURGE", "PROPFIND"]) {
      if (ADDRESSES.some(([taken, other]) => taken === method && fits(other, path))) continue;
      for (const at of [path, slashed(path)]) {
        const answer = await fetch(server.url + at, { method, headers: { authorization: `Bearer ${token}` } });
        expect({ at, method, status: answer.status }).toEqual({ at, method, status: 405 });
        expect(answer.headers.get("allow")?.split(", ").sort()).toEqual(expect.arrayContaining(takes(path)));
      }
    }
    const asked = { origin: "https://app.example.org", "access-control-request-method": "POST" };
    const preflight = await fetch(server.url + path, { method: "OPTIONS", headers: asked });
    expect({ path, status: preflight.status, allow: preflight.headers.get("access-control-allow-origin") }).toEqual({
      path,
      status: 204,
      allow: "*",
    });
  }
}, 60_000);

const fits = (template: string, path: string) => {
  const pattern = template.replace(/\?.*/, "").replace(/\{\w+\}/, "[^/]+");
  return new RegExp(`^${pattern}$`).test(path);
};
const takes = (path: string) =>
  ADDRESSES.filter(([, other]) => filled(other).replace(/\?.*/, "") === path).map(([method]) => method);

test("what is no HTTP, or half of it, is answered with a refusal or by closing, and the next one is served", async () => {
  const head = (line: string, ...headers: string[]) => [line, "Host: x", ...headers, "", ""].join("\r\n");
  const long = "x".repeat(70_000);
  for (const text of [
    head("GET /rooms/%zz HTTP/1.1", `Authorization: Bearer ${token}`),
    head("GET /rooms/\u0000 HTTP/1.1"),
    head("GET //rooms// HTTP/1.1", `Authorization: Bearer ${token}`),
    head("GET /rooms\\1 HTTP/1.1", `Authorization: Bearer ${token}`),
    head("GET http://evil.example/rooms HTTP/1.1", `Authorization: Bearer ${token}`),
    head("GET /rooms HTTP/1.1", `Authorization: Bearer ${token}`, "Authorization: Bearer other"),
    head("GET /rooms HTTP/1.1", `Authorization: Bearer ${long}`),
    head(`GET /rooms?${long} HTTP/1.1`),
    head("GET /rooms HTTP/9.9"),
    head("POST /auth/login HTTP/1.1", "Content-Length: -1"),
    head("POST /auth/login HTTP/1.1", "Content-Length: 5", "Content-Length: 6"),
    head("POST /auth/login HTTP/1.1", "Content-Length: 5", "Transfer-Encoding: chunked"),
    `${head("POST /auth/login HTTP/1.1", "Content-Type: application/json", "Transfer-Encoding: chunked")}zz\r\n{}\r\n0\r\n\r\n`,
    `${head("POST /auth/login HTTP/1.1", "Content-Type: application/json", "Content-Encoding: gzip", "Content-Length: 2")}{}`,
    "\r\n\r\n\r\n",
    "\u0016\u0003\u0001",
  ]) {
    const status = await raw(text);
    // 505 is the one that is said of a version of HTTP, and of a line in which none is found.
    if (status !== null && ((status >= 500 && status !== 505) || (status >= 300 && status < 400))) {
      throw new Error(`${status} for ${text.slice(0, 80)}`);
    }
    expect(await ask("GET", "/rooms")).toBe(200);
  }
}, 60_000);

/** The status of what came back within half a second; null where nothing did. */
function raw(text: string): Promise<number | null> {
  return new Promise((resolve) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let said = "";
    const end = () => {
      clearTimeout(enough);
      socket.destroy();
      const [, status] = /^HTTP\/1\.1 (\d{3})/.exec(said) ?? [];
      resolve(status === undefined ? null : Number(status));
    };
    const enough = setTimeout(end, 500);
    socket.on("data", (data) => {
      said += data.toString("latin1");
      end();
    });
    socket.on("error", () => {});
    socket.on("close", end);
    socket.write(text);
  });
}

test("after all of it the server stands, logged no error, and no token, password or word of a message", async () => {
  expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
  expect(server.logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  const logged = server.logged.join("");
  for (const secret of [token, ...token.split("."), PASSWORD, "a wrong password", "a good password", WORDS]) {
    expect({ secret, found: logged.includes(secret) }).toEqual({ secret, found: false });
  }
  const messages = await fetch(`${server.url}/rooms/${room}/messages`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(((await messages.json()) as { content: string }[])[0]?.content).toBe(WORDS);
  // Hostile, and not merely turned away at the door.
  expect([400, 401, 404, 413, 422].filter((status) => (refused.get(status) ?? 0) < 20)).toEqual([]);
});

test("guesses at one account are counted together over every door, and are told as 429 with a time to wait", async () => {
  await using house = await startTestServer({ TRUST_PROXY: "on" });
  const post = (path: string, address: string, body: object) =>
    fetch(house.url + path, {
      method: "POST",
      headers: { "content-type": "application/json", "x-forwarded-for": address },
      body: JSON.stringify(body),
    });
  await post("/signup", "203.0.113.1", { username: "olga", password: PASSWORD });
  const doors = ["/login", "/auth/login", "/auth/token", "/token", "/api/v1/token", "/login/", "/auth/token/"];
  const guess = (n: number, password: string) =>
    post(doors[n % doors.length] ?? "", `198.51.100.${n + 1}`, { username: "olga", password });
  for (let n = 0; n < 10; n++) expect((await guess(n, `guess ${n}`)).status).toBe(401);
  for (let n = 10; n < 10 + doors.length; n++) {
    const late = await guess(n, PASSWORD);
    expect({ n, status: late.status }).toEqual({ n, status: 429 });
    expect(Number(late.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(((await late.json()) as { detail: string }).detail).toContain("Wait");
  }
}, 20_000);
