import { afterAll, beforeAll, expect, test } from "bun:test";
import { AccessToken, SessionList, TokenPair } from "#shared/contract/accounts.ts";
import { limits } from "#shared/limits.ts";
import { Account } from "#shared/models.ts";
import { type Answer, ask, askApi, logIn } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people, person } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { openStored } from "#tests/support/stored.ts";

const clock = movedClock();
let server: TestServer;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [ada, bob] = await people(server.url, "ada", "bob");
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
});

const post = (path: string, json?: unknown, token?: string) =>
  askApi(server.url, "POST", path, json === undefined ? { token: token ?? null } : { json, token: token ?? null });
const refresh = (refresh_token: string, nonce?: string) =>
  post("/token/refresh", nonce === undefined ? { refresh_token } : { refresh_token, nonce });
const works = async (token: string) => (await askApi(server.url, "GET", "/me", { token })).status === 200;

test("the first account of an empty server is its admin, whatever it asked for, and later ones are not", async () => {
  await using empty = await startTestServer();
  const info = async () => (await askApi(empty.url, "GET", "/info")).body;
  expect(await info()).toMatchObject({ empty: true, signup: "open", room_creation: "everyone" });
  const json = { username: "first", password: "long enough", role: "user" };
  const first = await askApi(empty.url, "POST", "/signup", { json });
  expect(first.status).toBe(201);
  expect(Account.parse(first.body)).toMatchObject({ id: 1, username: "first", role: "admin", email: null });
  expect(await info()).toMatchObject({ empty: false });
  const second = await askApi(empty.url, "POST", "/signup", { json: { username: "second", password: "long enough" } });
  expect(second.body).toMatchObject({ role: "user" });
});

test("of several first accounts at once exactly one is the admin", async () => {
  await using empty = await startTestServer();
  const answers = await Promise.all(
    ["a1", "a2", "a3", "a4"].map((username) =>
      askApi(empty.url, "POST", "/signup", { json: { username, password: "long enough" } }),
    ),
  );
  const roles = answers.map((answer) => (answer.body as Account).role).sort();
  expect(roles).toEqual(["admin", "user", "user", "user"]);
});

test("a sign-up that asks to be an admin is refused unless an admin makes it", async () => {
  const json = { username: "mallory", password: "long enough", role: "admin" };
  expect(await post("/signup", json)).toMatchObject({ status: 403, code: "forbidden" });
  expect(await post("/signup", json, await bob.token())).toMatchObject({ status: 403, code: "forbidden" });
  expect(await post("/web/signup", json)).toMatchObject({ status: 403, code: "forbidden" });
  expect(await post("/signup", json, "not a token")).toMatchObject({ status: 401 });
  const made = await post("/signup", { ...json, username: "mona" }, await ada.token());
  expect(made.body).toMatchObject({ username: "mona", role: "admin" });
  const users = (await askApi(server.url, "GET", "/users", { token: await bob.token() })).text;
  expect(users).not.toContain("mallory");
});

test("nothing but the four known fields is taken at sign-up, so no column can be set from outside", async () => {
  for (const extra of [
    "id",
    "username_key",
    "email_confirmed",
    "password_hash",
    "created_at",
    "deactivated_at",
    "me_version",
    "is_admin",
    "__proto__",
    "constructor",
  ]) {
    const body = `{"username":"extra","password":"long enough","${extra}":1}`;
    const answer = await askApi(server.url, "POST", "/signup", { raw: { type: "application/json", body } });
    expect({ extra, status: answer.status, code: answer.code }).toEqual({ extra, status: 400, code: "invalid" });
  }
});

test("SIGNUP=closed refuses everybody but the first account and whom an admin makes", async () => {
  await using closed = await startTestServer({ SIGNUP: "closed" });
  const owner = await person(closed.url, "owner");
  const json = { username: "guest", password: "long enough" };
  expect(await askApi(closed.url, "POST", "/signup", { json })).toMatchObject({ status: 403, code: "signup_closed" });
  expect(await askApi(closed.url, "POST", "/web/signup", { json })).toMatchObject({ code: "signup_closed" });
  // Before the body is looked at, and so before anything is hashed.
  for (const door of ["/signup", "/web/signup"]) {
    expect(await askApi(closed.url, "POST", door, { json: { username: 7 } })).toMatchObject({ code: "signup_closed" });
  }
  expect(await askApi(closed.url, "POST", "/signup", { json, token: await owner.token() })).toMatchObject({
    status: 201,
  });
});

test("names of people have one normal form: twins by case, width or look-alike letters are taken", async () => {
  await person(server.url, "Straße");
  await person(server.url, "paypal");
  for (const twin of ["ADA", "Ada", "ａｄａ", "аda", "аdа", " ada ", "𝐚𝐝𝐚", "STRAßE", "pаypal", "раураl", "PΑYPAL"]) {
    const answer = await post("/signup", { username: twin, password: "long enough" });
    expect({ twin, status: answer.status, code: answer.code }).toEqual({ twin, status: 409, code: "taken" });
  }
});

test("names that hide something are refused: bidi, zero width, controls, blank, too long, an @", async () => {
  const hidden = [
    ..."\u0000\u0007\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2066\u2069\ufeff\u00ad\u034f\u115f\u3164\u180e\ufe0f\u2028\ue000",
  ];
  const bad = [
    ...hidden.map((char) => `a${char}b`),
    "\ud800x",
    "",
    "   ",
    "\u3000",
    "\u2800",
    "a\u2800",
    "a@b",
    "n".repeat(limits.usernameLength + 1),
  ];
  for (const username of bad) {
    const answer = await post("/signup", { username, password: "long enough" });
    const seen = {
      username: JSON.stringify(username),
      status: answer.status,
      field: (answer.body as { field?: string }).field,
    };
    expect(seen).toEqual({ username: JSON.stringify(username), status: 400, field: "username" });
  }
  expect((await post("/signup", { username: "n".repeat(limits.usernameLength), password: "long enough" })).status).toBe(
    201,
  );
});

test("a weak, giant or broken password is refused with its field and before anything is hashed", async () => {
  const bad = ["", "7chars.", "p".repeat(limits.passwordMost + 1), "p".repeat(100_000), "long enough \ud800"];
  const begun = performance.now();
  for (const password of bad) {
    const answer = await post("/signup", { username: "weak", password });
    expect(answer).toMatchObject({ status: 400, body: { field: "password" } });
  }
  expect(performance.now() - begun).toBeLessThan(1_000);
  for (const [username, password] of [
    ["exactly least", "8 chars."],
    ["exactly most", "🙂".repeat(limits.passwordMost)],
    ["with nul", "nul \u0000 is kept"],
  ] as const) {
    await post("/signup", { username, password });
    await logIn(server.url, { username, password });
  }
  expect(await post("/token", { username: "with nul", password: "nul " })).toMatchObject({ status: 401 });
  expect(await post("/token", { username: "with nul", password: "nul \u0000 is not" })).toMatchObject({ status: 401 });
});

test("an e-mail address must be one, is kept as one, and is shown to oneself alone", async () => {
  for (const email of ["x", "a@", "a@b c.de", "a@b@c.de", `${"a".repeat(300)}@example.org`, "a@example.org\u0000"]) {
    expect(await post("/signup", { username: "mail", password: "long enough", email })).toMatchObject({
      status: 400,
      body: { field: "email" },
    });
  }
  const made = await post("/signup", { username: "mail", password: "long enough", email: "Mail@Example.org" });
  expect(made.body).toMatchObject({ email: "Mail@Example.org" });
  const again = { username: "mail two", password: "long enough", email: "mail@example.ORG" };
  expect(await post("/signup", again)).toMatchObject({ status: 409, code: "taken", body: { field: "email" } });
  expect(await post("/token", { username: "mail@example.org", password: "long enough" })).toMatchObject({
    status: 401,
  });
  const { access_token } = await logIn(server.url, { username: "mail", password: "long enough" });
  expect((await askApi(server.url, "GET", "/me", { token: access_token })).body).toMatchObject({
    email: "Mail@Example.org",
  });
  for (const by of [ada, bob]) {
    const token = await by.token();
    const { id } = made.body as Account;
    expect((await askApi(server.url, "GET", "/users?limit=100", { token })).text.toLowerCase()).not.toContain(
      "example.org",
    );
    expect((await askApi(server.url, "GET", `/users/${id}`, { token })).text.toLowerCase()).not.toContain(
      "example.org",
    );
  }
});

test("a login answers the same pair for JSON and for an OAuth2 form", async () => {
  const json = await post("/token", { username: "bob", password: bob.password });
  const form = new URLSearchParams({
    grant_type: "password",
    username: "bob",
    password: bob.password,
    scope: "",
    client_id: "",
    client_secret: "",
  });
  const byForm = await askApi(server.url, "POST", "/token", {
    raw: { type: "application/x-www-form-urlencoded; charset=utf-8", body: form.toString() },
  });
  for (const answer of [json, byForm]) {
    expect(answer.status).toBe(200);
    expect(answer.headers.get("cache-control")).toBe("no-store");
    const pair = TokenPair.parse(answer.body);
    expect(pair).toMatchObject({ token_type: "bearer", expires_in: limits.accessTokenSeconds });
    expect(await works(pair.access_token)).toBe(true);
  }
  const mixed = await askApi(server.url, "POST", "/token", { raw: { type: "text/plain", body: form.toString() } });
  expect(mixed.status).toBe(415);
});

test("a form is taken at the one address that says so", async () => {
  const type = "application/x-www-form-urlencoded";
  for (const path of ["/signup", "/web/login", "/web/signup"]) {
    const answer = await askApi(server.url, "POST", path, { raw: { type, body: "username=zoe&password=long+enough" } });
    expect({ path, status: answer.status }).toEqual({ path, status: 415 });
  }
});

test("a login by a name in another case, width or with spaces around is the same person's", async () => {
  for (const username of ["BOB", "ｂｏｂ", " bob "]) await logIn(server.url, { username, password: bob.password });
});

test("a wrong password, an unknown name, an empty password and a giant one are the same refusal", async () => {
  const tries = [
    { username: "bob", password: "not bob's password" },
    { username: "nobody at all", password: "not bob's password" },
    { username: "bob", password: "" },
    { username: "", password: "" },
    { username: "bob", password: "x".repeat(90_000) },
    { username: "x".repeat(90_000), password: "x" },
    { username: "bob\u0000", password: bob.password },
    { username: "\ud800", password: bob.password },
  ];
  const answers = await Promise.all(tries.map((json) => post("/token", json)));
  expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  expect(answers[0]).toMatchObject({ status: 401, code: "wrong_credentials" });
});

test("a refresh token works once: its successor goes on, the access token of before works until its end", async () => {
  const first = await logIn(server.url, bob);
  const answer = await refresh(first.refresh_token);
  const second = TokenPair.parse(answer.body);
  expect(second.refresh_token).not.toBe(first.refresh_token);
  expect(await works(first.access_token)).toBe(true);
  expect(await works(second.access_token)).toBe(true);
  const third = TokenPair.parse((await refresh(second.refresh_token)).body);
  expect(await works(third.access_token)).toBe(true);
});

test("[L6] a refresh token that comes a second time ends the session: its tokens, its successors and its sockets", async () => {
  const first = await logIn(server.url, bob);
  const elsewhere = await logIn(server.url, bob);
  const second = TokenPair.parse((await refresh(first.refresh_token)).body);
  const socket = await RawSocket.ready(server.url, second.access_token);
  expect(await refresh(first.refresh_token)).toMatchObject({ status: 401, code: "session_ended" });
  expect(await works(first.access_token)).toBe(false);
  expect(await works(second.access_token)).toBe(false);
  expect(await refresh(second.refresh_token)).toMatchObject({ status: 401, code: "session_ended" });
  expect((await socket.closes()).code).toBe(4401);
  expect(await works(elsewhere.access_token)).toBe(true);
});

test("a refresh whose answer was lost is answered again under the same nonce for a minute", async () => {
  const first = await logIn(server.url, bob);
  const second = TokenPair.parse((await refresh(first.refresh_token, "nonce-one")).body);
  clock.forward(59_000);
  const again = TokenPair.parse((await refresh(first.refresh_token, "nonce-one")).body);
  expect(again.refresh_token).toBe(second.refresh_token);
  expect(await works(again.access_token)).toBe(true);
  const third = TokenPair.parse((await refresh(again.refresh_token, "nonce-two")).body);
  expect(await works(third.access_token)).toBe(true);
});

test("a refresh under the same nonce after a minute, or two steps behind, ends the session", async () => {
  const late = await logIn(server.url, bob);
  const next = TokenPair.parse((await refresh(late.refresh_token, "nonce-one")).body);
  clock.forward(60_000);
  expect(await refresh(late.refresh_token, "nonce-one")).toMatchObject({ status: 401 });
  expect(await works(next.access_token)).toBe(false);

  const old = await logIn(server.url, bob);
  const one = TokenPair.parse((await refresh(old.refresh_token, "nonce-one")).body);
  const two = TokenPair.parse((await refresh(one.refresh_token, "nonce-one")).body);
  expect(await refresh(old.refresh_token, "nonce-one")).toMatchObject({ status: 401 });
  expect(await works(two.access_token)).toBe(false);
});

test("a refresh under another nonce, or under none after one, ends the session", async () => {
  for (const [given, then] of [
    ["nonce-one", "nonce-two"],
    ["nonce-one", undefined],
    [undefined, "nonce-one"],
  ] as const) {
    const first = await logIn(server.url, bob);
    const next = TokenPair.parse((await refresh(first.refresh_token, given)).body);
    expect((await refresh(first.refresh_token, then)).status).toBe(401);
    expect(await works(next.access_token)).toBe(false);
  }
});

test("of a hundred uses of one refresh token at once exactly one has a successor", async () => {
  const first = await logIn(server.url, bob);
  const answers = await Promise.all(Array.from({ length: 100 }, () => refresh(first.refresh_token)));
  expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(99);
  expect(await works(first.access_token)).toBe(false);

  const lost = await logIn(server.url, bob);
  const same = await Promise.all(Array.from({ length: 100 }, () => refresh(lost.refresh_token, "one nonce")));
  const successors = new Set(same.map((answer) => TokenPair.parse(answer.body).refresh_token));
  expect(successors.size).toBe(1);
  expect((await refresh([...successors][0] ?? "")).status).toBe(200);
});

test("[L6] a logout ends the token, the refresh token and the sockets of its session and of no other", async () => {
  const [here, there] = [await logIn(server.url, bob), await logIn(server.url, bob)];
  const [mine, other] = [
    await RawSocket.ready(server.url, here.access_token),
    await RawSocket.ready(server.url, there.access_token),
  ];
  const room = await bob.api.createRoom({ name: "plain" });
  const plain = await RawSocket.open(server.url, `/ws/${room.id}`, here.access_token);
  await plain.hears("history");
  expect((await post("/logout", undefined, here.access_token)).status).toBe(204);
  expect((await mine.closes()).code).toBe(4401);
  expect((await plain.closes()).code).toBe(4401);
  expect(await post("/logout", undefined, here.access_token)).toMatchObject({ status: 401, code: "session_ended" });
  expect((await refresh(here.refresh_token)).status).toBe(401);
  await other.settled();
  expect(await works(there.access_token)).toBe(true);
  other.close();
});

test("one sees one's own sessions, this one marked, and ends any of them by its id", async () => {
  const cleo = await person(server.url, "cleo");
  const [here, there] = [await logIn(server.url, cleo), await logIn(server.url, cleo)];
  const list = async (token: string) =>
    SessionList.parse((await askApi(server.url, "GET", "/me/sessions", { token })).body).items;
  const sessions = await list(here.access_token);
  expect(sessions).toHaveLength(2);
  const mine = sessions.filter((session) => session.current);
  expect(mine).toHaveLength(1);
  const other = sessions.find((session) => !session.current);
  const socket = await RawSocket.ready(server.url, there.access_token);
  const path = `/me/sessions/${other?.id}`;
  expect((await askApi(server.url, "DELETE", path, { token: await bob.token() })).status).toBe(404);
  expect((await askApi(server.url, "DELETE", path, { token: await ada.token() })).status).toBe(404);
  expect(await works(there.access_token)).toBe(true);
  expect((await askApi(server.url, "DELETE", path, { token: here.access_token })).status).toBe(204);
  expect((await askApi(server.url, "DELETE", path, { token: here.access_token })).status).toBe(404);
  expect(await works(there.access_token)).toBe(false);
  expect((await socket.closes()).code).toBe(4401);
  expect(await list(here.access_token)).toEqual(mine);
});

test("[L6] a change of the password ends every other session and its sockets within two seconds, and not this one", async () => {
  const dora = await person(server.url, "dora");
  const [here, there, third] = [
    await logIn(server.url, dora),
    await logIn(server.url, dora),
    await logIn(server.url, dora),
  ];
  const [mine, other] = [
    await RawSocket.ready(server.url, here.access_token),
    await RawSocket.ready(server.url, there.access_token),
  ];
  const change = (current_password: string, new_password: string) =>
    post("/me/password", { current_password, new_password }, here.access_token);
  expect(await change("a wrong guess", "a new long password")).toMatchObject({
    status: 401,
    code: "wrong_credentials",
    body: { field: "current_password" },
  });
  expect(await change(dora.password, "short")).toMatchObject({ status: 400, body: { field: "new_password" } });
  expect(await works(there.access_token)).toBe(true);
  expect((await change(dora.password, "a new long password")).status).toBe(204);
  const begun = performance.now();
  expect((await other.closes()).code).toBe(4401);
  expect(performance.now() - begun).toBeLessThan(2_000);
  for (const pair of [there, third]) {
    expect(await works(pair.access_token)).toBe(false);
    expect((await refresh(pair.refresh_token)).status).toBe(401);
  }
  await mine.settled();
  expect(await works(here.access_token)).toBe(true);
  expect((await refresh(here.refresh_token)).status).toBe(200);
  expect(await post("/token", { username: "dora", password: dora.password })).toMatchObject({ status: 401 });
  await logIn(server.url, { username: "dora", password: "a new long password" });
  mine.close();
});

test("a login with the old password that runs beside its change leaves no session behind", async () => {
  const eve = await person(server.url, "eve");
  let old = eve.password;
  for (let round = 0; round < 3; round++) {
    const { access_token } = await logIn(server.url, { username: "eve", password: old });
    const next = `password number ${round}`;
    let changing = true;
    const change = post("/me/password", { current_password: old, new_password: next }, access_token);
    const begun: Answer[] = [];
    const keepLoggingIn = async () => {
      while (changing) begun.push(await post("/token", { username: "eve", password: old }));
    };
    const logins = [keepLoggingIn(), keepLoggingIn(), keepLoggingIn()];
    expect((await change).status).toBe(204);
    changing = false;
    await Promise.all(logins);
    for (const { status, body } of begun) {
      if (status === 200) expect(await works((body as TokenPair).access_token)).toBe(false);
    }
    old = next;
  }
}, 20_000);

test("of several changes of one password at once exactly one is done, and it is the one that counts", async () => {
  const gwen = await person(server.url, "gwen");
  const { access_token } = await logIn(server.url, gwen);
  const wanted = ["the first wish", "the second wish", "the third wish"];
  const answers = await Promise.all(
    wanted.map((new_password) => post("/me/password", { current_password: gwen.password, new_password }, access_token)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 401, 401]);
  const done = wanted[answers.findIndex(({ status }) => status === 204)] ?? "";
  await logIn(server.url, { username: "gwen", password: done });
});

test("a session that was ended meanwhile changes no password", async () => {
  const finn = await person(server.url, "finn");
  const [here, thief] = [await logIn(server.url, finn), await logIn(server.url, finn)];
  const sessions = SessionList.parse(
    (await askApi(server.url, "GET", "/me/sessions", { token: thief.access_token })).body,
  ).items;
  const change = post(
    "/me/password",
    { current_password: finn.password, new_password: "the thief's own" },
    thief.access_token,
  );
  const id = sessions.find((session) => session.current)?.id;
  expect((await askApi(server.url, "DELETE", `/me/sessions/${id}`, { token: here.access_token })).status).toBe(204);
  expect((await change).status).toBe(401);
  expect(await works(here.access_token)).toBe(true);
  await logIn(server.url, finn);
});

test("a session that nobody used for sixty days has ended, and one that is refreshed goes on", async () => {
  const day = 86_400_000;
  const [idle, used] = [await logIn(server.url, ada), await logIn(server.url, ada)];
  clock.forward(40 * day);
  const next = TokenPair.parse((await refresh(used.refresh_token)).body);
  clock.forward(21 * day);
  expect(await refresh(idle.refresh_token)).toMatchObject({ status: 401, code: "session_ended" });
  const last = AccessToken.loose().parse((await refresh(next.refresh_token)).body);
  const listed = SessionList.parse(
    (await askApi(server.url, "GET", "/me/sessions", { token: last.access_token })).body,
  ).items;
  expect(listed).toHaveLength(1);
  await logIn(server.url, ada);
  await using stored = await openStored(server);
  const kept = await stored.rows("SELECT count(*) AS many FROM sessions WHERE user_id = ?", ada.id);
  expect(kept).toEqual([{ many: 2 }]);
  expect(await works(next.access_token)).toBe(false);
  expect(await askApi(server.url, "GET", "/me", { token: next.access_token })).toMatchObject({ code: "token_expired" });
});

test("a bcrypt hash that was brought along is checked on its first 72 bytes, and is argon2id after the login", async () => {
  await using moved = await startTestServer();
  await person(moved.url, "first");
  const long = `${"ü".repeat(36)}the tail that bcrypt never saw`;
  await using stored = await openStored(moved);
  const hashOf = async (name: string) => {
    const text = "SELECT password_hash FROM users WHERE username = ?";
    return (await stored.rows<{ password_hash: string }>(text, name))[0]?.password_hash;
  };
  const bcrypt = await Bun.password.hash(new TextEncoder().encode(long).slice(0, 72), { algorithm: "bcrypt", cost: 4 });
  const insert =
    "INSERT INTO users (username, username_key, password_hash, role, created_at) VALUES (?, ?, ?, 'user', 0)";
  await stored.rows(insert, "moved", "moved", bcrypt);
  await stored.rows(insert, "2y", "2y", bcrypt.replace("$2b$", "$2y$"));
  await stored.rows(insert, "broken", "broken", "a hash of no known kind");
  await stored.rows(insert, "none", "none", "");
  const token = (username: string, password: string) =>
    askApi(moved.url, "POST", "/token", { json: { username, password } });
  expect(await token("moved", `${"ü".repeat(35)}uu`)).toMatchObject({ status: 401 });
  expect((await token("moved", long)).status).toBe(200);
  expect(await hashOf("moved")).toStartWith("$argon2id$");
  expect((await token("moved", long)).status).toBe(200);
  expect(await token("moved", "ü".repeat(36))).toMatchObject({ status: 401 });
  expect((await token("2y", long)).status).toBe(200);
  for (const name of ["broken", "none"])
    expect(await token(name, long)).toMatchObject({ status: 401, code: "wrong_credentials" });
});

test("two passwords that differ in their 73rd byte are two", async () => {
  const password = "p".repeat(72);
  await post("/signup", { username: "seventy", password: `${password}a` });
  expect(await post("/token", { username: "seventy", password: `${password}b` })).toMatchObject({ status: 401 });
});

test("everybody is listed by id, page by page, each once", async () => {
  const { access_token: token } = await logIn(server.url, bob);
  const seen: number[] = [];
  let cursor: string | null = "0";
  while (cursor !== null) {
    const page = await askApi(server.url, "GET", `/users?limit=3&cursor=${cursor}`, { token });
    const { items, next } = page.body as { items: { id: number }[]; next: string | null };
    expect(items.length).toBeLessThanOrEqual(3);
    seen.push(...items.map((user) => user.id));
    cursor = next;
  }
  const all = (await askApi(server.url, "GET", "/users?limit=100", { token })).body as {
    items: { id: number }[];
  };
  expect(seen).toEqual(all.items.map((user) => user.id));
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
});

test("an unknown address below the API and a method that an address does not take are told apart", async () => {
  expect(await ask(server.url, "GET", "/api/v1/nothing")).toMatchObject({ status: 404, code: "not_found" });
  const answer = await askApi(server.url, "DELETE", "/token");
  expect(answer).toMatchObject({ status: 405, code: "method_not_allowed" });
  expect(answer.headers.get("allow")).toBe("POST");
});
