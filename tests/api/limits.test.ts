import { expect, test } from "bun:test";
import { SessionList } from "#shared/contract/accounts.ts";
import { limits } from "#shared/limits.ts";
import type { Session } from "#shared/models.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";

const clock = movedClock();

/** How many of so many asked at once were done, and that the others were told when to come again. */
function done(answers: readonly Answer[]): number {
  for (const answer of answers.filter(({ status }) => status >= 400)) {
    expect(answer).toMatchObject({ status: 429, code: "rate_limited" });
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  }
  return answers.filter(({ status }) => status < 400).length;
}

test("[L4] sends by REST have the limit that a socket has, each person their own", async () => {
  await using server = await startTestServer({}, { clock });
  const [olga, bob] = await people(server.url, "olga", "bob");
  const { id } = await olga.api.createRoom({ name: "busy" });
  await bob.api.joinRoom(id);
  const send = async (by: Person, many: number) => {
    const token = await by.token();
    const one = (_: unknown, n: number) =>
      askApi(server.url, "POST", `/rooms/${id}/messages`, { token, json: { content: `${n}` } });
    return done(await Promise.all(Array.from({ length: many }, one)));
  };
  expect(await send(olga, limits.frameBurst + 20)).toBe(limits.frameBurst);
  expect(await send(bob, 10)).toBe(10);
  clock.forward(1_000);
  expect(await send(olga, limits.framesPerSecond + 20)).toBe(limits.framesPerSecond);
  expect((await olga.api.messages(id, { limit: 1 })).n).toBe(limits.frameBurst + limits.framesPerSecond + 10);
});

test("a person makes sixty rooms a minute", async () => {
  await using server = await startTestServer({}, { clock });
  const [olga, bob] = await people(server.url, "olga", "bob");
  const make = async (by: Person, from: number, many: number) => {
    const token = await by.token();
    const one = (_: unknown, n: number) =>
      askApi(server.url, "POST", "/rooms", { token, json: { name: `${by.username} ${from + n}`, kind: "private" } });
    return done(await Promise.all(Array.from({ length: many }, one)));
  };
  expect(await make(olga, 0, 63)).toBe(60);
  expect(await make(bob, 0, 3)).toBe(3);
  clock.forward(2_000);
  expect(await make(olga, 100, 5)).toBe(2);
});

test("a person does 240 things to rooms and to who is in them in a minute, by all doors together, and others as many", async () => {
  await using server = await startTestServer({}, { clock });
  const [root, olga, bob] = await people(server.url, "root", "olga", "bob");
  const { id } = await olga.api.createRoom({ name: "open" });
  const tokens = { olga: await olga.token(), root: await root.token() };
  const deed = (by: keyof typeof tokens, method: string, path: string, json?: unknown) =>
    askApi(server.url, method, path, json === undefined ? { token: tokens[by] } : { token: tokens[by], json });
  const path = `/rooms/${id}`;
  // The house's admin, who governs the room whatever they are in it.
  const all = [
    () => deed("root", "POST", `${path}/members`, { user_ids: [bob.id] }),
    () => deed("root", "PUT", `${path}/members/${bob.id}/role`, { role: "reader" }),
    () => deed("root", "DELETE", `${path}/members/${bob.id}`),
    () => deed("root", "POST", `${path}/bans`, { user_id: bob.id }),
    () => deed("root", "DELETE", `${path}/bans/${bob.id}`),
    () => deed("root", "POST", `${path}/join`),
    () => deed("root", "PATCH", path, { description: "x" }),
    () => deed("root", "POST", `${path}/leave`),
    () => deed("root", "POST", `${path}/transfer`, { user_id: olga.id }),
    () => deed("root", "DELETE", path),
  ];
  for (const one of all.slice(0, 8)) expect((await one()).status).toBeLessThan(300);
  const spent = await Promise.all(Array.from({ length: 300 }, () => deed("root", "POST", `${path}/join`)));
  expect(done(spent)).toBe(232);
  for (const one of all) expect((await one()).code).toBe("rate_limited");
  const compat = (method: string, at: string) =>
    fetch(server.url + at, {
      method,
      headers: { authorization: `Bearer ${tokens.root}`, "content-type": "application/json" },
      body: method === "PATCH" ? "{}" : null,
    });
  expect((await compat("PATCH", `/room/${id}`)).status).toBe(429);
  expect((await compat("DELETE", `/room/${id}`)).status).toBe(429);
  expect((await deed("olga", "POST", `${path}/join`)).status).toBe(200);
  clock.forward(1_000);
  expect(done(await Promise.all(Array.from({ length: 10 }, () => deed("root", "POST", `${path}/join`))))).toBe(4);
});

test("a person changes names thirty times a minute, their own by both doors and others' as an admin", async () => {
  await using server = await startTestServer({}, { clock });
  const [root, olga] = await people(server.url, "root", "olga");
  const rename = async (by: Person, name: string) =>
    askApi(server.url, "PATCH", `/users/${olga.id}`, { token: await by.token(), json: { username: name } });
  const compat = async (by: Person, name: string) =>
    fetch(`${server.url}/user/update/${olga.id}`, {
      method: "PUT",
      headers: { authorization: `Bearer ${await by.token()}`, "content-type": "application/json" },
      body: JSON.stringify({ username: name }),
    });
  for (let n = 0; n < 29; n++) expect((await rename(olga, `olga ${n}`)).status).toBe(200);
  expect((await compat(olga, "olga")).status).toBe(200);
  expect([(await rename(olga, "again")).status, (await compat(olga, "again")).status]).toEqual([429, 429]);
  expect((await rename(root, "by the admin")).status).toBe(200);
  const address = { token: await olga.token(), json: { email: "olga@example.org" } };
  expect((await askApi(server.url, "PATCH", `/users/${olga.id}`, address)).status).toBe(200);
});

test("of several who take one name at once exactly one gets it, be it a person's or a room's", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [olga, bob] = await people(server.url, "olga", "bob");
  const rooms = await Promise.all(
    [olga, bob, olga, bob, olga].map(async (by, n) =>
      askApi(server.url, "POST", "/rooms", {
        token: await by.token(),
        json: { name: n % 2 ? "One Name" : "one name" },
      }),
    ),
  );
  expect(rooms.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
  const persons = await Promise.all(
    ["carl", "CARL", "ｃarl", "carl "].map((username) =>
      askApi(server.url, "POST", "/signup", { json: { username, password: "long enough" } }),
    ),
  );
  expect(persons.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409]);
});

test("a person who logs in often sees all of their sessions, page by page, and a change of the password ends all", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [olga] = await people(server.url, "olga");
  const token = await olga.token();
  for (let n = 0; n < 120; n++) {
    const args = { userId: olga.id, sessionId: `session ${n}`, client: "many", proven: null, rehash: null };
    await server.store.write("start-session", { userId: 0 }, args);
  }
  const listed: Session[] = [];
  for (let query = "?limit=50", pages = 1; query !== ""; pages++) {
    const page = SessionList.parse((await askApi(server.url, "GET", `/me/sessions${query}`, { token })).body);
    expect(page.items.length).toBe(pages < 3 ? 50 : 21);
    listed.push(...page.items);
    query = page.next === null ? "" : `?limit=50&cursor=${encodeURIComponent(page.next)}`;
  }
  expect(new Set(listed.map(({ id }) => id)).size).toBe(121);
  const used = listed.map(({ last_used_at }) => last_used_at);
  expect(used).toEqual(used.toSorted().reverse());
  for (const cursor of ["x", "1", "-1.a", ".a", "1."]) {
    expect((await askApi(server.url, "GET", `/me/sessions?cursor=${cursor}`, { token })).status).toBe(400);
  }
  await olga.api.changePassword({ current_password: olga.password, new_password: "another long password" });
  const left = (await askApi(server.url, "GET", "/me/sessions", { token })).body as { items: { current: boolean }[] };
  expect(left.items.map((session) => session.current)).toEqual([true]);
});
