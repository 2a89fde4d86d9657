import { expect, test } from "bun:test";
import { person } from "#tests/support/people.ts";
import { KillableServer } from "./killable-server.ts";

test("a second server on the same data says who holds it, ends, and leaves the first unharmed", async () => {
  await using first = await KillableServer.start();
  const ann = await person(first.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  await ann.api.sendMessage(room, { content: "before" });

  const second = new KillableServer({ dataDir: first.dataDir });
  const refusal = await second.start().catch((error: unknown) => error);
  expect(String(refusal)).toContain(`in use by a Parlour server on port`);
  expect(String(refusal)).toContain(`process ${first.pid},`);
  expect(String(refusal)).toContain(first.dataDir);

  await ann.api.sendMessage(room, { content: "after" });
  expect((await ann.api.messages(room)).items.map(({ content }) => content)).toEqual(["before", "after"]);
});

test("of several servers that are started at once on the same data exactly one runs", async () => {
  await using one = new KillableServer();
  await using two = new KillableServer({ dataDir: one.dataDir });
  await using three = new KillableServer({ dataDir: one.dataDir });
  const all = [one, two, three];
  const starts = await Promise.allSettled(all.map((server) => server.start()));
  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  for (const start of starts) if (start.status === "rejected") expect(String(start.reason)).toContain("is in use by");
  const running = all.find((_, at) => starts[at]?.status === "fulfilled");
  expect((await person(running?.url ?? "", "ann")).id).toBe(1);
});

test("the data of a server that was killed can be taken at once", async () => {
  await using first = await KillableServer.start();
  const ann = await person(first.url, "ann");
  const { id: room } = await ann.api.createRoom({ name: "hall" });
  await ann.api.sendMessage(room, { content: "kept" });
  await first.kill();

  await using second = await KillableServer.start({ dataDir: first.dataDir, env: { PORT: new URL(first.url).port } });
  expect(second.url).toBe(first.url);
  expect((await ann.api.messages(room)).items.map(({ content }) => content)).toEqual(["kept"]);
});
