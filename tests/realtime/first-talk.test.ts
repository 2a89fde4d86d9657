import { expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import { people } from "#tests/support/people.ts";
import { startTestServer } from "#tests/support/start-server.ts";

test("two people in one room hear each other, once and in order, over a restart of the server", async () => {
  await using server = await startTestServer();
  const [alice, bob] = await people(server.url, "alice", "bob");
  const room = await alice.api.createRoom({ name: "General" });
  await bob.api.joinRoom(room.id);
  const [hers, his] = [alice.device(), bob.device()];
  hers.start();
  his.start();
  await hers.openRoom(room.id);
  await his.openRoom(room.id);
  hers.send(room.id, "hello");
  await eventually(() => expect(his.room(room.id).log?.messages.map((m) => m.content)).toEqual(["hello"]));
  his.send(room.id, "hello yourself");
  await eventually(() => expect(hers.room(room.id).log?.messages).toHaveLength(2));
  await server.restart();
  hers.send(room.id, "are you still there?");
  await eventually(() => expect(his.room(room.id).log?.messages).toHaveLength(3), 10_000);
  expect(hers.room(room.id).log?.messages).toEqual(his.room(room.id).log?.messages ?? []);
  expect(hers.room(room.id).pending).toEqual([]);
  hers.stop();
  his.stop();
}, 20_000);
