import { expect, test } from "bun:test";
import { errors } from "#shared/errors.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { people, person } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";

const PASSWORD = "olga's long password";
const clock = movedClock();
/** Behind a proxy, so that one test can come from many addresses. */
const start = () => startTestServer({ TRUST_PROXY: "on" }, { clock });

interface From {
  readonly address: string;
  readonly cookie?: string;
}

function tryPassword(base: string, username: string, password: string, from: From): Promise<Answer> {
  const headers = { "x-forwarded-for": from.address, ...(from.cookie ? { cookie: from.cookie } : {}) };
  return askApi(base, "POST", "/token", { json: { username, password }, headers });
}

function knownCookie(answer: Answer): string {
  const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith("parlour_known="));
  return line?.split(";")[0] ?? "";
}

const somewhere = (n: number): From => ({ address: `198.51.${100 + Math.floor(n / 250)}.${1 + (n % 250)}` });

test("after ten wrong tries from strangers, together, no stranger gets in, and the owner still does", async () => {
  await using server = await start();
  await person(server.url, "olga");
  const home = { address: "203.0.113.1" };
  const cookie = knownCookie(await tryPassword(server.url, "olga", PASSWORD, home));
  for (let n = 0; n < 10; n++) {
    expect((await tryPassword(server.url, "olga", `guess ${n}`, somewhere(n))).status).toBe(401);
  }
  for (const password of ["guess 11", PASSWORD]) {
    const answer = await tryPassword(server.url, "olga", password, somewhere(20));
    expect(answer).toMatchObject({ status: 429, code: "rate_limited" });
    const wait = Number(answer.headers.get("retry-after"));
    expect(wait).toBeGreaterThanOrEqual(60);
    expect(wait).toBeLessThanOrEqual(90);
    expect(answer.body).toMatchObject({ retry_after: wait });
  }
  // By the cookie of a browser that has logged in, from anywhere; and from an address that has, without one.
  expect((await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(30), cookie })).status).toBe(200);
  expect((await tryPassword(server.url, "olga", PASSWORD, home)).status).toBe(200);
  // The time that is named is the time that it takes.
  clock.forward(91_000);
  expect((await tryPassword(server.url, "olga", PASSWORD, somewhere(40))).status).toBe(200);
}, 20_000);

test("tries at once are counted like tries one by one", async () => {
  await using server = await start();
  await person(server.url, "olga");
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, n) => tryPassword(server.url, "olga", `guess ${n}`, somewhere(n))),
  );
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
  expect(answers.filter((answer) => answer.status === 429)).toHaveLength(50);
}, 20_000);

test("a name without an account answers strangers in the very same way, however it is written", async () => {
  await using server = await start();
  await person(server.url, "olga");
  const spellings = (name: string) => [
    name,
    name.toUpperCase(),
    ` ${name} `,
    name.replace("o", "ｏ"),
    name.replace("o", "о"),
  ];
  const walk = async (name: string) => {
    const heard: string[] = [];
    for (let n = 0; n < 13; n++) {
      const username = spellings(name)[n % 5] ?? name;
      const { status, text } = await tryPassword(server.url, username, "guess", somewhere(n));
      heard.push(`${status} ${text}`);
    }
    return heard;
  };
  const real = await walk("olga");
  expect(await walk("otto")).toEqual(real);
  expect(real.filter((line) => line.startsWith("401"))).toHaveLength(10);
  // A name that is a number is not the account of that number.
  for (let n = 0; n < 12; n++) await tryPassword(server.url, "2", "guess", somewhere(n));
  await person(server.url, "second");
  expect((await tryPassword(server.url, "second", "second's long password", somewhere(50))).status).toBe(200);
}, 20_000);

test("a browser that has logged in has ten tries of its own, which are neither another's nor multiplied", async () => {
  await using server = await start();
  await people(server.url, "olga", "bob");
  const cookieOf = async (name: string) =>
    knownCookie(await tryPassword(server.url, name, `${name}'s long password`, somewhere(0)));
  const [one, two, bobs] = [await cookieOf("olga"), await cookieOf("olga"), await cookieOf("bob")];
  expect(one).not.toBe(two);
  for (let n = 0; n < 10; n++)
    expect((await tryPassword(server.url, "olga", "guess", { ...somewhere(n + 1), cookie: one })).status).toBe(401);
  expect((await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(20), cookie: one })).status).toBe(429);
  expect((await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(20), cookie: two })).status).toBe(200);
  // Ten more from strangers; a cookie that is changed, cut, or another's makes nobody known.
  const [id = "", browser = "", proof = ""] = one.replace("parlour_known=", "").split(".");
  const forged = [
    `${id}.${browser}.${proof}.x`,
    `${id}.other.${proof}`,
    `${id}.${browser}.${proof}x`,
    `${id}..${proof}`,
    `${id}.${browser}.`,
    `0${id}.${browser}.${proof}`,
    id,
    "",
    "..",
  ].map((value) => `parlour_known=${value}`);
  for (const [n, cookie] of [...forged, bobs].entries()) {
    expect((await tryPassword(server.url, "olga", "guess", { ...somewhere(100 + n), cookie })).status).toBe(401);
  }
  for (const [n, cookie] of [...forged, bobs].entries()) {
    expect({
      cookie,
      status: (await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(200 + n), cookie })).status,
    }).toEqual({ cookie, status: 429 });
  }
  expect((await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(300), cookie: two })).status).toBe(200);
}, 20_000);

test("a right password gives back what it took: a person who logs in often is never a stranger too many", async () => {
  await using server = await start();
  await person(server.url, "olga");
  for (let n = 0; n < 15; n++) expect((await tryPassword(server.url, "olga", PASSWORD, somewhere(n))).status).toBe(200);
}, 20_000);

test("one address logs in sixty times a minute and signs up twenty, whatever names it uses, and others are not held back", async () => {
  await using server = await start();
  const answers: Answer[] = [];
  for (let n = 0; n < 62; n++)
    answers.push(await tryPassword(server.url, "\ud800", "guess", { address: `spoofed-${n}, 203.0.113.9` }));
  expect(answers.map((answer) => answer.status)).toEqual([...Array<number>(60).fill(401), 429, 429]);
  expect(answers.at(-1)?.headers.get("retry-after")).toBe("1");
  expect((await tryPassword(server.url, "\ud800", "guess", somewhere(1))).status).toBe(401);
  const signUp = (address: string) =>
    askApi(server.url, "POST", "/signup", {
      json: { username: "weak", password: "weak" },
      headers: { "x-forwarded-for": address },
    });
  const statuses: number[] = [];
  for (let n = 0; n < 21; n++) statuses.push((await signUp(`2001:db8:1:2::${n}`)).status);
  expect(statuses).toEqual([...Array<number>(20).fill(400), 429]);
  expect((await signUp("2001:db8:1:3::1")).status).toBe(400);
  clock.forward(3_001);
  expect((await signUp("2001:db8:1:2::77")).status).toBe(400);
});

test("without a proxy to trust, nobody chooses the address they come from", async () => {
  await using server = await startTestServer({}, { clock });
  const statuses: number[] = [];
  for (let n = 0; n < 61; n++) statuses.push((await tryPassword(server.url, "\ud800", "guess", somewhere(n))).status);
  expect(statuses).toEqual([...Array<number>(60).fill(401), 429]);
});

test("who holds a session guesses its password ten times in a quarter of an hour, at once or not", async () => {
  await using server = await start();
  const olga = await person(server.url, "olga");
  const token = await olga.token();
  const change = (current_password: string, new_password = "another long password") =>
    askApi(server.url, "POST", "/me/password", { token, json: { current_password, new_password } });
  const answers = await Promise.all(Array.from({ length: 30 }, (_, n) => change(`guess ${n}`)));
  expect(answers.filter((answer) => answer.status === 401)).toHaveLength(10);
  expect(answers.filter((answer) => answer.status === 429)).toHaveLength(20);
  expect(await change(PASSWORD)).toMatchObject({ status: 429 });
  clock.forward(91_000);
  expect((await change(PASSWORD)).status).toBe(204);
}, 20_000);

test("more logins at once than can be hashed are told when to come again, and count as no try", async () => {
  await using server = await start();
  await person(server.url, "olga");
  const cookie = knownCookie(await tryPassword(server.url, "olga", PASSWORD, somewhere(0)));
  const flood = Array.from({ length: 150 }, (_, n) => tryPassword(server.url, `nobody ${n}`, "guess", somewhere(n)));
  const mine = Array.from({ length: 12 }, () => tryPassword(server.url, "olga", PASSWORD, { ...somewhere(0), cookie }));
  const answers = [...(await Promise.all(flood)), ...(await Promise.all(mine))];
  const turnedAway = answers.filter((answer) => answer.status === 429);
  expect(turnedAway.length).toBeGreaterThan(0);
  for (const answer of turnedAway) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answers.filter((answer) => ![200, 401, 429].includes(answer.status))).toEqual([]);
  expect(answers.filter((answer) => answer.status === 401).length).toBeGreaterThanOrEqual(60);
  expect((await tryPassword(server.url, "olga", PASSWORD, { ...somewhere(0), cookie })).status).toBe(200);
}, 20_000);

test("one account that sets its password without an end holds up nobody's login, and is told to wait", async () => {
  await using server = await start();
  const [olga, mallory] = await people(server.url, "olga", "mallory");
  const token = await mallory.token();
  const set = (n: number) =>
    fetch(`${server.url}/user/update/${mallory.id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ password: `password number ${n}` }),
    });
  const flood = Array.from({ length: 100 }, (_, n) => set(n));
  const logins = Array.from({ length: 5 }, (_, n) => tryPassword(server.url, "olga", PASSWORD, somewhere(n)));
  for (const login of await Promise.all(logins)) expect(login.status).toBe(200);
  const answers = await Promise.all(flood);
  const taken = answers.filter(({ status }) => status === 200).length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThanOrEqual(20);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(100 - taken);
  expect((await askApi(server.url, "GET", "/me", { token: await olga.token() })).status).toBe(200);
}, 20_000);

test("while strangers fill the line from as many addresses as they like, the owner's browser and address get in", async () => {
  await using server = await start();
  await person(server.url, "olga");
  const home = { address: "203.0.113.1" };
  const cookie = knownCookie(await tryPassword(server.url, "olga", PASSWORD, home));
  const flood = Array.from({ length: 250 }, (_, n) => tryPassword(server.url, `nobody ${n}`, "guess", somewhere(n)));
  const owners = [
    tryPassword(server.url, "olga", PASSWORD, { ...somewhere(700), cookie }),
    tryPassword(server.url, "olga", PASSWORD, home),
  ];
  for (const login of await Promise.all(owners)) expect(login.status).toBe(200);
  expect((await Promise.all(flood)).filter(({ status }) => status === 429).length).toBeGreaterThan(0);
}, 20_000);

test("while passwords are hashed without a pause, a send waits for none of them", async () => {
  await using server = await startTestServer({ TRUST_PROXY: "on", RATE_LIMITS: "off" });
  const olga = await person(server.url, "olga");
  const { id: room } = await olga.api.createRoom({ name: "calm" });
  const token = await olga.token();
  const sends = async (many: number) => {
    const took: number[] = [];
    for (let n = 0; n < many; n++) {
      const begun = performance.now();
      expect(
        (await askApi(server.url, "POST", `/rooms/${room}/messages`, { token, json: { content: `${n}` } })).status,
      ).toBe(201);
      took.push(performance.now() - begun);
    }
    return took.sort((a, b) => a - b)[Math.floor(many / 2)] ?? 0;
  };
  await sends(20);
  const alone: number[] = [];
  for (let n = 0; n < 5; n++) {
    const begun = performance.now();
    await tryPassword(server.url, "nobody", "guess", somewhere(n));
    alone.push(performance.now() - begun);
  }
  const hash = alone.sort((a, b) => a - b)[2] ?? 0;
  let flooding = true;
  const flood = Array.from({ length: 40 }, async (_, n) => {
    while (flooding) await tryPassword(server.url, `nobody ${n}`, "guess", somewhere(n));
  });
  const during = await sends(100);
  flooding = false;
  await Promise.all(flood);
  // Times differ from machine to machine; a send that waited for a hash would take as long as one on each.
  expect(during).toBeLessThan(hash / 2);
}, 20_000);

test("a limit is a refusal that may be tried again, unchanged", () => {
  expect(errors.rate_limited).toMatchObject({ status: 429, retry: true });
});
