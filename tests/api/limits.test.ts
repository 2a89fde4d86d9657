import { expect, test } from "bun:test";
import { limits } from "#shared/limits.ts";
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

test("a person who logs in often sees a hundred of their sessions, and a change of the password ends all", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [olga] = await people(server.url, "olga");
  const token = await olga.token();
  for (let n = 0; n < 120; n++) {
    const args = { userId: olga.id, sessionId: `session ${n}`, client: "many", proven: null, rehash: null };
    await server.store.write("start-session", { userId: 0 }, args);
  }
  const listed = (await askApi(server.url, "GET", "/me/sessions", { token })).body as { items: unknown[] };
  expect(listed.items).toHaveLength(100);
  await olga.api.changePassword({ current_password: olga.password, new_password: "another long password" });
  const left = (await askApi(server.url, "GET", "/me/sessions", { token })).body as { items: { current: boolean }[] };
  expect(left.items.map((session) => session.current)).toEqual([true]);
});
