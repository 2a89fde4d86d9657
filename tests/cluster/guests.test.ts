import { expect, test } from "bun:test";
import { logIn } from "#tests/api/ask.ts";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster } from "./start-cluster.ts";
import { WorseBus } from "./worse-bus.ts";

test("a guest who is sent out of a public room hears nothing more on another node, even if no hint tells of it", async () => {
  const buses: WorseBus[] = [];
  await using cluster = await startCluster(2, {
    bus: (bus) => {
      const worse = new WorseBus(bus);
      buses.push(worse);
      return worse;
    },
  });
  const [a, b] = cluster.nodes as [TestServer, TestServer];
  const [root, ann, gus] = await people(a.url, "root", "ann", "gus");
  await root.api.changeUser(gus.id, { role: "guest" });
  const { id: room } = await ann.api.createRoom({ name: "reception" });
  await ann.api.addMembers(room, [gus.id]);
  const { seq } = await ann.api.sendMessage(room, { content: "welcome" });
  const socket = await RawSocket.ready(b.url, (await logIn(b.url, gus)).access_token, {
    epoch: a.store.epoch,
    rooms: { [room]: seq },
    open: [room],
  });
  for (const bus of buses) bus.isMute = true;
  await ann.api.sendOut(room, gus.id);
  await ann.api.sendMessage(room, { content: "now that the guest is gone" });
  await socket.hears("closed", (closed) => closed.room_id === room);
  for (const bus of buses) bus.isMute = false;
  await ann.api.sendMessage(room, { content: "among ourselves" });
  await socket.settled();
  expect(socket.all("message").filter((message) => message.seq > seq)).toEqual([]);
  socket.close();
}, 20_000);
