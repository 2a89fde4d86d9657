import { expect, test } from "bun:test";
import { copyFileSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { Message } from "#shared/models.ts";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { KillableServer } from "./killable-server.ts";
import { readStored } from "./read-file.ts";

test("after an older copy of the data is put back, a device that was ahead ends with that history and what came after", async () => {
  await using server = await KillableServer.start();
  const { ann, ben, room } = await furnish(server.url);
  for (const content of ["old 1", "old 2", "old 3"]) await ann.api.sendMessage(room, { content });
  const { epoch } = await ann.api.messages(room);
  await copyAway(server);

  const { chat } = deviceOf(ben, server.url);
  const mixed: string[][] = [];
  chat.subscribe(() => {
    const shown = textsOf(chat.room(room).log?.messages);
    if (/lost.*new|new.*lost/.test(shown.join())) mixed.push(shown);
  });
  chat.start();
  try {
    await chat.openRoom(room);
    for (const content of ["lost 1", "lost 2"]) await ann.api.sendMessage(room, { content });
    chat.send(room, "lost 3, by ben");
    await eventually(() => expect(textsOf(chat.room(room).log?.messages)).toContain("lost 3, by ben"));
    await putBack(server);

    await eventually(() => expect(chat.replica.epoch).not.toBe(epoch), 15_000);
    // As many as were lost, and one more: nothing may be taken for what stood at the same numbers before.
    for (const content of ["new 1", "new 2", "new 3"]) await ann.api.sendMessage(room, { content });
    chat.send(room, "new 4, by ben");
    const wanted = ["old 1", "old 2", "old 3", "new 1", "new 2", "new 3", "new 4, by ben"];
    await eventually(() => {
      expect(textsOf(chat.room(room).log?.messages)).toEqual(wanted);
      expect(chat.room(room).pending).toEqual([]);
    });
    const page = await ann.api.messages(room);
    expect(page.epoch).toBe(chat.replica.epoch ?? "");
    expect(chat.room(room).log?.messages).toEqual(page.items);
    expect(page.items.map(({ n }) => n)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(mixed).toEqual([]);
  } finally {
    chat.stop();
  }
  await server.stop();
  expect(readStored(server.file).complaints).toEqual([]);
});

test("[H4, R3] a cursor of the lost time is answered `resync`, and never with what stands at its place now", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server.url);
  await ann.api.sendMessage(room, { content: "old" });
  await copyAway(server);
  for (let at = 1; at <= 5; at++) await ann.api.sendMessage(room, { content: `lost ${at}` });
  const before = await ann.api.messages(room);
  await putBack(server);
  for (let at = 1; at <= 9; at++) await ann.api.sendMessage(room, { content: `new ${at}` });

  const hello = { epoch: before.epoch, me: 1, house: 1, rooms: { [room]: before.seq }, open: [room] };
  const socket = await RawSocket.ready(server.url, await ann.token(), hello);
  expect((await socket.hears("welcome")).epoch).not.toBe(before.epoch);
  expect(socket.all("resync")).toMatchObject([{ room_id: room }]);
  expect([socket.all("message"), socket.all("opened")]).toEqual([[], []]);
  expect(socket.all("me")[0]?.reset).toBe(true);
  expect(socket.all("house")[0]?.reset).toBe(true);
  socket.say({ type: "open", room_id: room, epoch: before.epoch, seq: before.seq });
  await socket.until(() => socket.all("resync").length === 2);
  expect(socket.all("message")).toEqual([]);
});

test("[S2] nonces of the lost time may be sent again, and those before it still give their first acknowledgement", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server.url);
  const first = await ann.api.sendMessage(room, { content: "old", nonce: "n-old" });
  await copyAway(server);
  await ann.api.sendMessage(room, { content: "lost", nonce: "n-lost" });
  await putBack(server);

  expect(await ann.api.sendMessage(room, { content: "old", nonce: "n-old" })).toMatchObject({ id: first.id, n: 1 });
  expect(await ann.api.sendMessage(room, { content: "lost", nonce: "n-lost" })).toMatchObject({ n: 2 });
  expect(await ann.api.sendMessage(room, { content: "lost", nonce: "n-lost" })).toMatchObject({ n: 2 });
  expect(textsOf((await ann.api.messages(room)).items)).toEqual(["old", "lost"]);
});

test("a copy of the file and its WAL, made after a kill and put back after another, is known for an older one", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server.url);
  await ann.api.sendMessage(room, { content: "old" });
  const { epoch } = await ann.api.messages(room);
  await server.kill();
  for (const ending of ["", "-wal"]) copyFileSync(server.file + ending, join(server.dataDir, `copy${ending}`));
  await server.start();
  await ann.api.sendMessage(room, { content: "lost" });
  await server.kill();
  for (const ending of ["", "-wal"]) copyFileSync(join(server.dataDir, `copy${ending}`), server.file + ending);
  await server.start();

  const page = await ann.api.messages(room);
  expect(textsOf(page.items)).toEqual(["old"]);
  expect(page.epoch).not.toBe(epoch);
});

test("a start on the same data, after a stop or a kill, goes on with the same history", async () => {
  await using server = await KillableServer.start();
  const { ann, room } = await furnish(server.url);
  const { epoch } = await ann.api.messages(room);
  for (const end of ["stop", "kill", "stop", "kill"] as const) {
    await ann.api.sendMessage(room, { content: `before a ${end}` });
    await server[end]();
    await server.start();
    expect((await ann.api.messages(room)).epoch).toBe(epoch);
  }
});

async function furnish(url: string): Promise<{ ann: Person; ben: Person; room: number }> {
  const [ann, ben] = await people(url, "ann", "ben");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  await ben.api.joinRoom(room);
  return { ann, ben, room };
}

/** As an operator copies it who knows no better: the file alone, of a server that is stopped. */
async function copyAway(server: KillableServer): Promise<void> {
  await server.stop();
  copyFileSync(server.file, join(server.dataDir, "copy"));
  await server.start();
}

async function putBack(server: KillableServer): Promise<void> {
  await server.stop();
  expect(existsSync(`${server.file}-wal`)).toBe(false);
  copyFileSync(join(server.dataDir, "copy"), server.file);
  await server.start();
}

function textsOf(messages: readonly Message[] | undefined): string[] {
  return (messages ?? []).map(({ content }) => content);
}
