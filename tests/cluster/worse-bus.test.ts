import { expect, test } from "bun:test";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import type { TestServer } from "#tests/support/start-server.ts";
import { startCluster } from "./start-cluster.ts";
import { WorseBus } from "./worse-bus.ts";

test("over a bus that loses, repeats, delays and reorders, three nodes tell everything once and in order", async () => {
  const buses: WorseBus[] = [];
  await using cluster = await startCluster(3, {
    bus: (bus) => {
      const worse = new WorseBus(bus, { loses: 0.1, repeats: 0.1, delays: 0.2, delayMost: 150 });
      buses.push(worse);
      return worse;
    },
  });
  const [a] = cluster.nodes as [TestServer];
  const three = await people(a.url, "ann", "ben", "cat");
  const [ann, ben, cat] = three;
  const { id: room } = await ann.api.createRoom({ name: "in order", kind: "private" });
  await ann.api.addMembers(room, [ben.id, cat.id]);
  const hello = { epoch: a.store.epoch, rooms: { [room]: 2 }, open: [room] };
  const sockets: RawSocket[] = [];
  for (const [at, one] of three.entries()) {
    sockets.push(await RawSocket.ready(cluster.nodes[at]?.url ?? "", await one.token(), hello));
  }
  for (let round = 0; round < 40; round++) {
    await Promise.all(sockets.map((socket, at) => sayMany(socket, room, 10, `${round} of ${at}`)));
  }
  for (const socket of sockets) await socket.hears("message", (message) => message.seq === 1_202);
  const all = sockets.map((socket) => socket.all("message").map(({ seq, content }) => `${seq} ${content}`));
  expect(all[0]?.map((line) => Number(line.split(" ")[0]))).toEqual(Array.from({ length: 1_200 }, (_, at) => at + 3));
  expect(all[1]).toEqual(all[0] ?? []);
  expect(all[2]).toEqual(all[0] ?? []);
  // It was as bad as it was meant to be.
  for (const { did } of buses) expect(Math.min(did.lost, did.repeated, did.delayed, did.passed)).toBeGreaterThan(20);
  for (const socket of sockets) socket.close();
}, 30_000);

test("who is removed and let in again, over and over on other nodes, never hears what was said meanwhile", async () => {
  await using cluster = await startCluster(3, {
    bus: (bus) => new WorseBus(bus, { loses: 0.2, repeats: 0.2, delays: 0.4, delayMost: 120 }),
  });
  const [a, b, c] = cluster.nodes as [TestServer, TestServer, TestServer];
  const [ann, ben, cat] = await people(a.url, "ann", "ben", "cat");
  const { id: room } = await ann.api.createRoom({ name: "in and out", kind: "private" });
  await ann.api.addMembers(room, [ben.id, cat.id]);
  const speaker = await RawSocket.ready(b.url, await cat.token());
  const heard: string[] = [];
  const device = deviceOf(ben, c.url, {
    heard: (text) => {
      heard.push(text);
      return true;
    },
  });
  device.chat.start();
  await device.chat.openRoom(room);
  for (let round = 0; round < 15; round++) {
    await sayMany(speaker, room, 2, `heard ${round}`);
    await ann.api.removeMember(room, ben.id);
    await sayMany(speaker, room, 2, "hidden");
    await ann.api.addMembers(room, [ben.id]);
  }
  await sayMany(speaker, room, 1, "the end");
  await eventually(() => expect(device.chat.room(room).log?.messages.at(-1)?.content).toBe("the end 1"), 8_000);
  expect(heard.filter((text) => text.includes('"content":"hidden')).length).toBe(0);
  device.chat.stop();
  speaker.close();
}, 60_000);

test("who is present is counted over all nodes; those of a node that falls silent are gone after a while", async () => {
  const buses: WorseBus[] = [];
  await using cluster = await startCluster(2, {
    bus: (bus) => {
      const worse = new WorseBus(bus);
      buses.push(worse);
      return worse;
    },
  });
  const [a, b] = cluster.nodes as [TestServer, TestServer];
  const [ann, ben] = await people(a.url, "ann", "ben");
  const { id: room } = await ann.api.createRoom({ name: "present" });
  await ben.api.joinRoom(room);
  const hello = { epoch: a.store.epoch, rooms: { [room]: 1 }, open: [room] };
  const anns = await RawSocket.ready(a.url, await ann.token(), hello);
  const bens = await RawSocket.ready(b.url, await ben.token(), hello);
  expect((await bens.hears("active_users")).users.map((user) => user.username).sort()).toEqual(["ann", "ben"]);
  expect(await anns.hears("join")).toMatchObject({ user_id: ben.id });
  // A second node for a person who is there already, and the first one left: nobody came and nobody went.
  const annAgain = await RawSocket.ready(b.url, await ann.token(), hello);
  anns.close();
  await bens.settled();
  const watch = await RawSocket.ready(a.url, await ben.token(), hello);
  expect(bens.all("join").concat(bens.all("leave" as "join"))).toEqual([]);
  for (const bus of buses) bus.isMute = true;
  await watch.until(() => watch.heard.some((frame) => frame.type === "leave" && frame.user_id === ann.id), 12_000);
  for (const bus of buses) bus.isMute = false;
  await watch.until(() => watch.heard.some((frame) => frame.type === "join" && frame.user_id === ann.id), 12_000);
  for (const socket of [bens, annAgain, watch]) socket.close();
}, 40_000);
