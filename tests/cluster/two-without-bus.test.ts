import { afterAll, beforeAll, expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

/** A second server that was started by mistake, or with NATS_URL left out. */

const HEALED = 2_500;
let a: TestServer;
let b: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  const env = {
    DATABASE_URL: await (await testPostgres()).createDatabase(),
    SECRET_KEY: "of the tests alone, and long enough",
    RATE_LIMITS: "off",
  };
  a = await startTestServer(env);
  [ann, ben] = await people(a.url, "ann", "ben");
  await Bun.sleep(4_000);
  // One that is alone is told nothing.
  expect(a.logged.filter((line) => line.includes("Another server"))).toEqual([]);
  b = await startTestServer(env);
}, 30_000);
afterAll(async () => {
  for (const server of [a, b]) await server[Symbol.asyncDispose]();
});

test("two servers on one database without a bus both say so, once", async () => {
  for (const { logged } of [a, b]) {
    const said = () => logged.filter((line) => line.includes("Another server runs on this database"));
    await eventually(() => expect(said()).toHaveLength(1), 12_000);
  }
}, 20_000);

test("what is said on one comes to the other within two seconds, and nothing past a removal", async () => {
  const room = (await ann.api.createRoom({ name: "room", kind: "private" })).id;
  await ann.api.addMembers(room, [ben.id]);
  const hello = { epoch: a.store.epoch, rooms: { [room]: 2 }, open: [room] };
  const bens = await RawSocket.ready(b.url, await ben.token(), hello);
  const speaker = await RawSocket.ready(a.url, await ann.token());
  const began = performance.now();
  const last = await sayMany(speaker, room, 20, "before");
  await bens.hears("message", (message) => message.seq === last);
  expect(performance.now() - began).toBeLessThan(HEALED);
  await ann.api.removeMember(room, ben.id);
  await sayMany(speaker, room, 5, "behind");
  await bens.hears("closed", (closed) => closed.room_id === room);
  expect(bens.all("message").filter(({ content }) => content.startsWith("behind"))).toEqual([]);
  for (const socket of [bens, speaker]) socket.close();
});

test("a session that is ended on one is refused on the other within two seconds, and a ticket of one is good on it", async () => {
  const token = await ben.token();
  const me = () =>
    fetch(`${b.url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } }).then((answer) => answer.status);
  const bens = await RawSocket.ready(b.url, token);
  expect(await me()).toBe(200);
  const { ticket } = await ann.api.ticket();
  const anns = await RawSocket.open(b.url, `/ws?ticket=${ticket}`, null);
  anns.say({ type: "hello" });
  await anns.hears("ready", () => true);
  await ben.api.logOut();
  const began = performance.now();
  expect((await bens.closes()).code).toBe(4401);
  await eventually(async () => expect(await me()).toBe(401));
  expect(performance.now() - began).toBeLessThan(HEALED);
  anns.close();
});
