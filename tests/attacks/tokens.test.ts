import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import { deriveKeys } from "#server/auth/keys.ts";
import type { TokenPair } from "#shared/contract/accounts.ts";
import { limits } from "#shared/limits.ts";
import { askApi, logIn } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const SECRET = "a secret of this test, longer than 32 bytes";
const keys = deriveKeys(SECRET);
const clock = movedClock();
let server: TestServer;
let olga: Person;
let bob: Person;
let room: number;
let mine: TokenPair;
let his: TokenPair;

beforeAll(async () => {
  server = await startTestServer(
    { SECRET_KEY: SECRET, RATE_LIMITS: "off", METRICS_TOKEN: "a token for metrics" },
    { clock },
  );
  [olga, bob] = await people(server.url, "olga", "bob");
  room = (await olga.api.createRoom({ name: "general" })).id;
  mine = await logIn(server.url, olga);
  his = await logIn(server.url, bob);
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const base64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");
const decode = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;
const mac = (text: string, key: Uint8Array | string, hash = "sha256") =>
  createHmac(hash, key).update(text).digest("base64url");

/** A token as the server would sign it, but for what is changed. */
function made(changed: {
  header?: object | string;
  payload?: object | string;
  key?: Uint8Array | string;
  hash?: string;
  signature?: string;
}): string {
  const header =
    typeof changed.header === "string" ? changed.header : { alg: "HS256", typ: "at+jwt", ...changed.header };
  const payload =
    typeof changed.payload === "string"
      ? changed.payload
      : { ...decode(mine.access_token.split(".")[1]), ...changed.payload };
  const text = `${base64(header)}.${base64(payload)}`;
  return `${text}.${changed.signature ?? mac(text, changed.key ?? keys.access, changed.hash)}`;
}

function forged(): Record<string, string> {
  const [head = "", body = "", signature = ""] = mine.access_token.split(".");
  const now = Math.floor(clock.now() / 1_000);
  const { sid, sub } = decode(body) as { sid: string; sub: string };
  const his_ = decode(his.access_token.split(".")[1]) as { sid: string; sub: string };
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2_048 });
  const jwk = rsa.publicKey.export({ format: "jwk" });
  const bySelf = (header: object) => {
    const text = `${base64({ typ: "at+jwt", ...header })}.${body}`;
    return `${text}.${sign("sha256", Buffer.from(text), rsa.privateKey).toString("base64url")}`;
  };
  const attacker = "the attacker's own key of 32 bytes or more";
  const none = Object.fromEntries(
    ["none", "None", "NONE", "nOnE", ""].flatMap((alg) => [
      [`alg ${alg}, no signature`, made({ header: { alg }, signature: "" })],
      [`alg ${alg}, a right signature`, made({ header: { alg } })],
    ]),
  );
  return {
    ...none,
    "alg none, two parts": `${base64({ alg: "none" })}.${body}`,
    "no alg": made({ header: base64({ typ: "at+jwt" }) }),
    "alg HS384": made({ header: { alg: "HS384" }, hash: "sha384" }),
    "alg HS512": made({ header: { alg: "HS512" }, hash: "sha512" }),
    "alg HS512, signed as HS256": made({ header: { alg: "HS512" } }),
    "alg HS256, signed as HS512": made({ hash: "sha512" }),
    "alg RS256 by a key of one's own": bySelf({ alg: "RS256" }),
    "alg RS256 with its jwk": bySelf({ alg: "RS256", jwk }),
    "alg RS256 with a jku": bySelf({ alg: "RS256", jku: "http://127.0.0.1:1/keys", kid: "1" }),
    "alg RS256 with an x5u": bySelf({ alg: "RS256", x5u: "http://127.0.0.1:1/cert" }),
    "alg HS256 by the RSA key as a text": made({
      key: rsa.publicKey.export({ format: "pem", type: "spki" }) as string,
    }),
    "alg ES256": made({ header: { alg: "ES256" } }),
    "alg EdDSA": made({ header: { alg: "EdDSA" } }),
    "alg dir": made({ header: { alg: "dir", enc: "A256GCM" } }),
    "alg PBES2": made({ header: { alg: "PBES2-HS256+A128KW", p2c: 1_000_000, p2s: "AAAA" } }),
    "an alg of another type": made({ header: { alg: ["HS256"] } }),
    "kid of a file": made({ header: { kid: "../../../../dev/null" }, key: "" }),
    "kid of SQL": made({ header: { kid: "x' UNION SELECT 'key" }, key: "key" }),
    "jwk of an own secret": made({ header: { jwk: { kty: "oct", k: base64(attacker) } }, key: attacker }),
    "an unknown critical header": made({ header: { crit: ["exp2"], exp2: 1 } }),
    "crit b64": made({ header: { crit: ["b64"], b64: false } }),
    "an empty key": made({ key: "" }),
    "a key of zeros": made({ key: new Uint8Array(32) }),
    "another key": made({ key: attacker }),
    "the secret itself as key": made({ key: SECRET }),
    "the key of refresh tokens": made({ key: keys.refresh }),
    "the key of nonces": made({ key: keys.nonces }),
    "the key of browsers": made({ key: keys.browsers }),
    "no typ": made({ header: { typ: undefined } }),
    "typ JWT": made({ header: { typ: "JWT" } }),
    "typ of a refresh token": made({ header: { typ: "rt+jwt" } }),
    "no audience": made({ payload: { aud: undefined } }),
    "another audience": made({ payload: { aud: "parlour2" } }),
    expired: made({ payload: { exp: now - 1 } }),
    "no end": made({ payload: { exp: undefined } }),
    "an end that is a text": made({ payload: { exp: String(now + 1_000) } }),
    "an end that is no number": made({ payload: `${JSON.stringify(decode(body)).slice(0, -1)},"exp":null}` }),
    "not yet": made({ payload: { nbf: now + 1_000 } }),
    "no issue time": made({ payload: { iat: undefined } }),
    "no session": made({ payload: { sid: undefined } }),
    "an unknown session": made({ payload: { sid: "A".repeat(24) } }),
    "a session that is a list": made({ payload: { sid: [sid] } }),
    "another's session": made({ payload: { sid: his_.sid } }),
    "another's name on one's own session": made({ payload: { sub: his_.sub } }),
    "a subject twice": made({
      payload: `{"sub":"${sub}",${JSON.stringify({ ...decode(body), sub: his_.sub }).slice(1)}`,
    }),
    "a subject that is no number": made({ payload: { sub: `${sub} OR 1=1` } }),
    "a payload that is a list": made({ payload: base64([1]) }),
    "a payload that is no JSON": made({ payload: "{" }),
    "a payload changed under its signature": `${head}.${base64({ ...decode(body), role: "admin", sub: his_.sub, sid: his_.sid })}.${signature}`,
    "another's signature": `${head}.${body}.${his.access_token.split(".")[2]}`,
    "no signature": `${head}.${body}.`,
    "two parts": `${head}.${body}`,
    "four parts": `${mine.access_token}.x`,
    "five parts": `${head}.x.x.x.x`,
    "cut short": mine.access_token.slice(0, -4),
    "upper case": mine.access_token.toUpperCase(),
    "nothing but dots": "..",
    huge: `${head}.${"A".repeat(6_000)}.${signature}`,
    "a refresh token": mine.refresh_token,
    "the session's id": sid,
    "the number of a person": sub,
    "the server's secret": SECRET,
    "the token for metrics": "a token for metrics",
    null: "null",
    undefined: "undefined",
  };
}

type Door = (token: string) => Promise<number>;

function socket(path: string, options: object, first: object | string | null): Promise<number> {
  return new Promise((resolve) => {
    const opened = new WebSocket(server.url.replace("http", "ws") + path, options as never);
    opened.onopen = () => {
      if (first !== null) opened.send(typeof first === "string" ? first : JSON.stringify(first));
    };
    // The first frame that is heard says that the door is open.
    opened.onmessage = () => {
      resolve(200);
      opened.close();
    };
    opened.onclose = ({ code }) => resolve(code);
  });
}

const query = (token: string) => `token=${encodeURIComponent(token)}`;
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });

const doors: Readonly<Record<string, Door>> = {
  rest: async (token) => (await askApi(server.url, "GET", "/me", { token })).status,
  "ws by header": (token) => socket("/ws", bearer(token), { type: "hello" }),
  "ws by query": (token) => socket(`/ws?${query(token)}`, {}, { type: "hello" }),
  "ws by subprotocol": (token) => socket("/ws", { protocols: ["parlour.v1", `bearer.${token}`] }, { type: "hello" }),
  "ws by hello": (token) => socket("/ws", {}, { type: "hello", token }),
  "ws by ticket": (token) => socket(`/ws?ticket=${encodeURIComponent(token)}`, {}, { type: "hello" }),
  "room by header": (token) => socket(`/ws/${room}`, bearer(token), null),
  "room by query": (token) => socket(`/ws/${room}?${query(token)}`, {}, null),
  "room by first frame": (token) => socket(`/ws/${room}`, {}, { token }),
};

test("[H1] a token of the server opens every door for tokens, and no forged or crossed one opens any", async () => {
  for (const [name, door] of Object.entries(doors)) {
    expect({ name, answer: await door(mine.access_token) }).toEqual({
      name,
      answer: name === "ws by ticket" ? 4401 : 200,
    });
  }
  const tokens = Object.entries(forged());
  expect(tokens.length).toBeGreaterThanOrEqual(60);
  for (const [kind, token] of tokens) {
    const answers = await Promise.all(
      Object.entries(doors).map(async ([name, door]) => {
        // A subprotocol is a word of few letters: what is none cannot be offered.
        if (name === "ws by subprotocol" && !/^[\w.-]+$/.test(token)) return null;
        const answer = await door(token);
        return answer === (name === "rest" ? 401 : 4401) ? null : `${name} answered ${answer}`;
      }),
    );
    expect({ kind, faults: answers.filter((fault) => fault !== null) }).toEqual({ kind, faults: [] });
  }
}, 30_000);

test("what the test forges it forges well: made without a change, the token is a good one", async () => {
  expect((await askApi(server.url, "GET", "/me", { token: made({}) })).status).toBe(200);
  expect((await askApi(server.url, "GET", "/me", { token: made({ payload: { role: "admin" } }) })).status).toBe(200);
});

test("a role in a token decides nothing", async () => {
  const { sid, sub } = decode(his.access_token.split(".")[1]) as { sid: string; sub: string };
  const token = made({ payload: { sid, sub, role: "admin", username: "olga" } });
  expect((await askApi(server.url, "GET", "/me", { token })).body).toMatchObject({
    id: bob.id,
    username: "bob",
    role: "user",
  });
  expect((await askApi(server.url, "PATCH", `/rooms/${room}`, { token, json: { name: "bob's" } })).status).toBe(403);
  const json = { username: "mallory", password: "long enough", role: "admin" };
  expect((await askApi(server.url, "POST", "/signup", { token, json })).status).toBe(403);
});

test("a header that is no bearer token is refused, and how its name is written does not matter", async () => {
  const me = (authorization: string) => askApi(server.url, "GET", "/me", { headers: { authorization } });
  const token = mine.access_token;
  for (const good of [`Bearer ${token}`, `bearer ${token}`, `BEARER   ${token} `])
    expect((await me(good)).status).toBe(200);
  for (const bad of [
    "",
    "Bearer",
    "Bearer ",
    token,
    `Token ${token}`,
    `Basic ${btoa(`olga:${olga.password}`)}`,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${token} ${token}`,
    `Bearer "${token}"`,
    `Bearer: ${token}`,
  ]) {
    const answer = await me(bad);
    expect({ bad: bad.slice(0, 12), status: answer.status }).toEqual({ bad: bad.slice(0, 12), status: 401 });
    expect(answer.headers.get("www-authenticate")).toStartWith("Bearer");
  }
  for (const path of [`/me?token=${token}`, `/me?access_token=${token}`]) {
    expect((await askApi(server.url, "GET", path)).status).toBe(401);
  }
});

test("a refresh token is good for nothing but a refresh, and nothing else is good for one", async () => {
  const { access_token, refresh_token } = await logIn(server.url, olga);
  const [id = "", count = "", proof = ""] = refresh_token.split(".");
  const [hisId = ""] = his.refresh_token.split(".");
  const { ticket } = (await askApi(server.url, "POST", "/ticket", { token: access_token })).body as { ticket: string };
  const known = (
    await fetch(`${server.url}/api/v1/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "olga", password: olga.password }),
    })
  ).headers
    .getSetCookie()[0]
    ?.split(/[=;]/)[1];
  const wrong = [
    access_token,
    ticket,
    known ?? "none",
    "",
    "..",
    id,
    `${id}.${count}`,
    `${id}.${count}.`,
    `${id}.1.${proof}`,
    `${id}.00.${proof}`,
    `${id}.0e0.${proof}`,
    `${id}.-0.${proof}`,
    `${id}. 0.${proof}`,
    `${hisId}.${count}.${proof}`,
    `${id}.${count}.${proof}.x`,
    `${id}.${count}.${proof.slice(0, -1)}`,
    `${id}.${count}.${proof.toUpperCase()}`,
    `${id}.${count}.${mac(`${id}.${count}`, keys.access)}`,
    `${id}.${count}.${mac(`${id}.${count}`, SECRET)}`,
    `${id}.${count}.${mac(`${id}.${count}`, "")}`,
  ];
  for (const text of wrong) {
    const json = { refresh_token: text };
    const answer = await askApi(server.url, "POST", "/token/refresh", { json });
    expect({ text: text.slice(0, 40), status: answer.status }).toEqual({ text: text.slice(0, 40), status: 401 });
    const cookie = `parlour_refresh=${text}`;
    expect(
      (await askApi(server.url, "POST", "/web/refresh", { json: { nonce: "12345678" }, headers: { cookie } })).status,
    ).toBe(401);
  }
  // None of them was a use of the real one.
  expect((await askApi(server.url, "POST", "/token/refresh", { json: { refresh_token } })).status).toBe(200);
});

test("[H1] a ticket opens one socket, once, within its time, and nothing else", async () => {
  const issue = async (token = mine.access_token) =>
    ((await askApi(server.url, "POST", "/ticket", { token })).body as { ticket: string; expires_in: number }).ticket;
  const use = (ticket: string, path = "/ws") =>
    socket(`${path}?ticket=${ticket}`, {}, path === "/ws" ? { type: "hello" } : null);
  const first = await issue();
  expect(await use(first)).toBe(200);
  expect(await use(first)).toBe(4401);
  expect(await use(await issue(), `/ws/${room}`)).toBe(200);
  for (const [name, door] of Object.entries(doors)) {
    if (name === "ws by ticket") continue;
    expect({ name, answer: await door(await issue()) }).toEqual({ name, answer: name === "rest" ? 401 : 4401 });
  }
  const raced = await issue();
  const answers = await Promise.all(Array.from({ length: 100 }, () => use(raced)));
  expect(answers.filter((answer) => answer === 200)).toHaveLength(1);
  const late = await issue();
  clock.forward(limits.ticketFor + 1);
  expect(await use(late)).toBe(4401);
  const { access_token } = await logIn(server.url, olga);
  const ended = await issue(access_token);
  await askApi(server.url, "POST", "/logout", { token: access_token });
  expect(await use(ended)).toBe(4401);
  for (const wrong of ["", "x", " ", mine.access_token, mine.refresh_token])
    expect(await use(encodeURIComponent(wrong))).toBe(4401);
});

test("[H1] a bad proof is not saved by a good one beside it", async () => {
  const good = mine.access_token;
  const hello = { type: "hello" };
  expect(await socket(`/ws?token=${good}`, bearer("bad"), hello)).toBe(4401);
  expect(await socket(`/ws?ticket=bad&token=${good}`, {}, hello)).toBe(4401);
  expect(await socket(`/ws?token=`, {}, { ...hello, token: good })).toBe(4401);
  expect(await socket("/ws", bearer(""), { ...hello, token: good })).toBe(4401);
  expect(await socket("/ws", bearer(good), { ...hello, token: "bad" })).toBe(4401);
  expect(await socket("/ws", { protocols: ["parlour.v1", "bearer.bad"] }, { ...hello, token: good })).toBe(4401);
  expect(await socket("/ws", { protocols: [`bearer.${good}`] }, hello)).toBe(4401);
});

test("an access token ends by its time, and its session's other tokens go on", async () => {
  const pair = await logIn(server.url, bob);
  clock.forward((limits.accessTokenSeconds + 1) * 1_000);
  expect(await askApi(server.url, "GET", "/me", { token: pair.access_token })).toMatchObject({
    status: 401,
    code: "token_expired",
  });
  expect(await socket("/ws", bearer(pair.access_token), { type: "hello" })).toBe(4401);
  const json = { refresh_token: pair.refresh_token };
  const next = (await askApi(server.url, "POST", "/token/refresh", { json })).body as TokenPair;
  expect((await askApi(server.url, "GET", "/me", { token: next.access_token })).status).toBe(200);
});

test("tokens of one server are worth nothing at another", async () => {
  await using other = await startTestServer({ SECRET_KEY: "another secret, as long as the first one was" });
  await people(other.url, "olga");
  const { access_token, refresh_token } = await logIn(server.url, olga);
  expect((await askApi(other.url, "GET", "/me", { token: access_token })).status).toBe(401);
  expect((await askApi(other.url, "POST", "/token/refresh", { json: { refresh_token } })).status).toBe(401);
});
