import { afterAll, beforeAll, expect, test } from "bun:test";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

test("a device that seeks an old message has what happened around it, and all of it once where it meets the newest [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "chronicle" });
  const said: number[] = [];
  for (let year = 0; year < 150; year++) {
    said.push((await ann.api.sendMessage(id, { content: `year ${year}` })).id);
    if (year % 5 === 1) await ben.api.joinRoom(id);
    if (year % 5 === 3) await ben.api.leaveRoom(id);
  }
  const { chat } = deviceOf(ann, server.url);
  chat.start();
  await chat.openRoom(id);
  const seqs = () => chat.room(id).log?.happenings.map(({ seq }) => seq) ?? [];
  const newest = seqs();
  expect(await chat.seek(id, said[30] ?? 0)).toBe("shown");
  const past = () => chat.room(id).log?.past ?? null;
  const [first, last] = [past()?.messages[0]?.seq ?? 0, past()?.messages.at(-1)?.seq ?? 0];
  const around = seqs().filter((seq) => seq > first && seq < last);
  expect(around.length).toBeGreaterThan(10);
  expect(seqs()).toEqual([...around, ...newest]);
  await ben.api.joinRoom(id);
  await eventually(() => expect(seqs()).toHaveLength(around.length + newest.length + 1));
  await ben.api.changeProfile({ display_name: "Ben" });
  for (let pages = 0; past() !== null && pages < 9; pages++) await chat.loadNewer(id);
  expect(past()).toBeNull();
  for (let pages = 0; chat.room(id).log?.before !== null && pages < 9; pages++) await chat.loadOlder(id);
  const pages = [];
  for (let after: number | null = 0; after !== null; ) {
    const page = await ann.api.messages(id, { after });
    pages.push(...(page.happenings ?? []));
    after = page.after;
  }
  expect(chat.room(id).log?.happenings).toEqual(pages);
  chat.stop();
});
