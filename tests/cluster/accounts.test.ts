import { afterAll, beforeAll, expect, test } from "bun:test";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster, type TestCluster } from "./start-cluster.ts";

let cluster: TestCluster;
let a: TestServer;
let b: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  cluster = await startCluster(2, {}, { RATE_LIMITS: "on" });
  [a, b] = cluster.nodes as [TestServer, TestServer];
  [ann, ben] = await people(a.url, "ann", "ben");
});
afterAll(() => cluster[Symbol.asyncDispose]());

test("a ticket of one node opens a socket on another, once, whichever node is asked again", async () => {
  const { ticket } = await ann.api.ticket();
  const socket = await RawSocket.open(b.url, `/ws?ticket=${ticket}`, null);
  socket.say({ type: "hello" });
  expect((await socket.hears("welcome")).user.username).toBe("ann");
  for (const node of [a, b]) {
    const again = await RawSocket.open(node.url, `/ws?ticket=${ticket}`, null);
    expect((await again.closes()).code).toBe(4401);
  }
  socket.close();
});

test("a ticket that is redeemed on both nodes at once, thirty times, opens one socket each time", async () => {
  for (let trial = 0; trial < 30; trial++) {
    const { ticket } = await ann.api.ticket();
    const sockets = await Promise.all(
      cluster.nodes.map((node) => RawSocket.open(node.url, `/ws?ticket=${ticket}`, null)),
    );
    for (const socket of sockets) socket.say({ type: "hello" });
    for (const socket of sockets) await socket.until(() => socket.closed !== null || socket.all("welcome").length > 0);
    expect(sockets.filter((socket) => socket.closed === null)).toHaveLength(1);
    for (const socket of sockets) socket.close();
  }
});

test("the session that is ended on one node ends its sockets on another", async () => {
  const socket = await RawSocket.ready(b.url, await ben.token());
  await ben.api.logOut();
  expect((await socket.closes()).code).toBe(4401);
});

test("guesses at an account are counted over all nodes: ten, and not ten on each", async () => {
  const guess = (at: number) =>
    fetch(`${cluster.nodes[at % 2]?.url}/api/v1/token`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ username: "nobody of that name", password: `guess number ${at}` }),
    });
  const answers: number[] = [];
  for (let at = 0; at < 14; at++) answers.push((await guess(at)).status);
  expect(answers).toEqual([...Array(10).fill(401), ...Array(4).fill(429)]);
  expect(Number((await guess(14)).headers.get("retry-after"))).toBeGreaterThan(30);
});
