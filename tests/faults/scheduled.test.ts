import { expect, test } from "bun:test";
import { eventually } from "#tests/support/eventually.ts";
import { person } from "#tests/support/people.ts";
import { KillableServer } from "./killable-server.ts";

const MESSAGES = 60;

test("a server that is killed while it sends what is due sends the rest when it is back, and nothing twice", async () => {
  await using server = await KillableServer.start();
  const ann = await person(server.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  const at = new Date(Date.now() + 1_500).toISOString();
  const all = Array.from({ length: MESSAGES }, (_, number) => `message ${number}`);
  for (const content of all) await ann.api.schedule(room, { content, at });
  const said = async () => (await ann.api.messages(room, { limit: 100 })).items.map(({ content }) => content);
  await eventually(async () => expect(await said()).not.toEqual([]), 5_000);
  await server.kill();
  await server.start();
  await eventually(async () => expect((await ann.api.scheduled()).items).toEqual([]), 10_000);
  expect((await said()).sort()).toEqual(all.sort());
}, 20_000);
