import { afterAll, beforeAll, expect, test } from "bun:test";
import type { UserList } from "#shared/contract/accounts.ts";
import type { Person as Profile } from "#shared/contract/people.ts";
import { type Answer, askApi } from "#tests/api/ask.ts";
import { movedClock } from "#tests/api/moved-clock.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

const clock = movedClock();
let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  [, ann, ben] = await people(server.url, "root", "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

const ask = async (by: Person, method: string, path: string, json?: unknown): Promise<Answer> =>
  askApi(server.url, method, path, { token: await by.token(), ...(json === undefined ? {} : { json }) });
const profile = async (json: unknown) => ask(ann, "PATCH", "/me/profile", json);
const seen = async () => (await ask(ben, "GET", `/users/${ann.id}`)).body as Profile;

test("what one says of oneself is seen by others, and what is left out stays", async () => {
  expect(await seen()).toMatchObject({ username: "ann", display_name: "", hue: null, time_zone: null, status: null });
  await profile({ display_name: "  Ann  of the Garden ", hue: 200, time_zone: "Europe/Paris" });
  await profile({ status: { text: "planting" } });
  expect(await seen()).toMatchObject({
    display_name: "Ann of the Garden",
    hue: 200,
    time_zone: "Europe/Paris",
    status: { text: "planting", until: null },
  });
  const found = (await ask(ben, "GET", "/users?name=garden")).body as UserList;
  expect(found.items.map(({ username }) => username)).toEqual(["ann"]);
  await profile({ display_name: "", hue: null, time_zone: null, status: null });
  expect(await seen()).toMatchObject({ display_name: "", hue: null, time_zone: null, status: null });
});

test("a status with an end is gone by itself at its end", async () => {
  const until = new Date(clock.now() + 300_000).toISOString();
  expect((await profile({ status: { text: "lunch", until } })).body).toMatchObject({
    status: { text: "lunch", until },
  });
  clock.forward(299_000);
  expect((await seen()).status?.text).toBe("lunch");
  clock.forward(2_000);
  expect((await seen()).status).toBeNull();
  expect(((await ask(ben, "GET", "/users")).body as UserList).items.every(({ status }) => status === null)).toBe(true);
});

test("what cannot be meant is refused and names its field", async () => {
  for (const [json, field] of [
    [{ display_name: "x".repeat(41) }, "display_name"],
    [{ display_name: "a\u202eb" }, "display_name"],
    [{ time_zone: "Moon/Crater" }, "time_zone"],
    [{ status: { text: "y".repeat(81) } }, "status"],
    [{ status: { text: "past", until: "2001-01-01T00:00:00.000Z" } }, "status"],
    [{ hue: 360 }, "hue"],
    [{ username: "eve" }, "username"],
  ] as const) {
    const answer = await profile(json);
    expect({ json, status: answer.status, field: (answer.body as { field?: string }).field }).toEqual({
      json,
      status: 400,
      field,
    });
  }
});
