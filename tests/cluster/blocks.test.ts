import { expect, test } from "bun:test";
import { logIn } from "#tests/api/ask.ts";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster } from "./start-cluster.ts";
import { WorseBus } from "./worse-bus.ts";

test("[E20] who is blocked on one node sees on another no more of whoever blocks them, even if no hint tells of it", async () => {
  const buses: WorseBus[] = [];
  await using cluster = await startCluster(2, {
    bus: (bus) => {
      const worse = new WorseBus(bus);
      buses.push(worse);
      return worse;
    },
  });
  const [a, b] = cluster.nodes as [TestServer, TestServer];
  const [, ann, ben] = await people(a.url, "root", "ann", "ben");
  const { id } = await ann.api.openDirect({ user_ids: [ben.id] });
  const { seq } = await ann.api.messages(id);
  const hello = { epoch: a.store.epoch, rooms: { [id]: seq }, open: [id] };
  const bens = await RawSocket.ready(b.url, (await logIn(b.url, ben)).access_token, hello);
  const anns = await RawSocket.ready(a.url, await ann.token(), hello);
  await bens.hears("join", ({ user_id }) => user_id === ann.id);
  for (const bus of buses) bus.isMute = true;
  await ann.api.block(ben.id);
  await bens.hears("active_users", ({ count }) => count === 0);
  for (const bus of buses) bus.isMute = false;
  anns.close();
  await anns.closes();
  const again = await RawSocket.ready(a.url, await ann.token(), hello);
  expect(await again.hears("active_users")).toMatchObject({ users: [], count: 0 });
  await bens.settled();
  expect(bens.all("leave")).toEqual([]);
  expect(bens.all("join")).toHaveLength(1);
  again.close();
  bens.close();
}, 20_000);
