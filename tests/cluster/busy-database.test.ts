import { expect, test } from "bun:test";
import { SQL } from "bun";
import { eventually } from "#tests/support/eventually.ts";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster } from "./start-cluster.ts";

const LOCKED_FOR = 8_000;

test("people who wait for pages that the database does not give cost nobody their socket, nor what is said meanwhile", async () => {
  await using cluster = await startCluster(2);
  const [a, b] = cluster.nodes as [TestServer, TestServer];
  const [ann, ben] = await people(a.url, "ann", "ben");
  const room = (await ann.api.createRoom({ name: "room", kind: "private" })).id;
  await ann.api.addMembers(room, [ben.id]);
  const hello = { epoch: a.store.epoch, rooms: { [room]: 2 }, open: [room] };
  const bens = await RawSocket.ready(b.url, await ben.token(), hello);
  const speaker = await RawSocket.ready(a.url, await ann.token(), hello);
  const token = await ben.token();
  const other = new SQL(cluster.databaseUrl, { max: 1 });
  const holder = await other.reserve();
  await holder.unsafe("BEGIN; LOCK TABLE parlour.messages");
  // Twice as many as a node reads at once.
  const pages = Array.from({ length: 6 }, () =>
    fetch(`${b.url}/api/v1/rooms/${room}/messages`, { headers: { authorization: `Bearer ${token}` } }),
  );
  const until = performance.now() + LOCKED_FOR;
  for (let at = 0; performance.now() < until; at++) {
    speaker.say({ type: "typing", room_id: room });
    await eventually(() => expect(bens.all("typing").length).toBeGreaterThan(at));
    await Bun.sleep(3_000);
  }
  expect(bens.closed).toBeNull();
  await holder.unsafe("COMMIT");
  holder.release();
  await other.close();
  expect((await Promise.all(pages)).map(({ status }) => status)).toEqual(Array(6).fill(200));
  // Nobody had to come back for it.
  const last = await sayMany(speaker, room, 1);
  await bens.hears("message", (message) => message.seq === last);
  for (const socket of [bens, speaker]) socket.close();
}, 60_000);
