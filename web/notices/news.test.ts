import { afterAll, beforeAll, expect, test } from "bun:test";
import { deviceOf } from "#tests/support/device.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { watchNews } from "./news.ts";

let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  server = await startTestServer({ RATE_LIMITS: "off" });
  [ann, ben] = await people(server.url, "ann", "ben");
});
afterAll(() => server[Symbol.asyncDispose]());

test("a page tells once of what calls its person, of keywords in open rooms, and of all where they chose so", async () => {
  const { id: open } = await ann.api.createRoom({ name: "open" });
  const { id: listed } = await ann.api.createRoom({ name: "listed" });
  for (const room of [open, listed]) await ann.api.addMembers(room, [ben.id]);
  await ben.api.changePreferences({ keywords: ["cake"] });
  await ann.api.sendMessage(open, { content: "@ben, before the page was there" });
  const { chat } = deviceOf(ben, server.url);
  const told: string[] = [];
  chat.start();
  await chat.openRoom(open);
  await eventually(() => expect(chat.line.state).toBe("live"));
  const stop = watchNews(chat, Date.now, ({ message, decision }) =>
    told.push(`${decision.reason}: ${message.content}`),
  );
  const say = (room: number, content: string) => ann.api.sendMessage(room, { content });
  await say(open, "nothing of interest");
  await say(open, "there is cake");
  await say(listed, "nothing of interest either");
  await say(listed, "@ben, look");
  const { seq } = await say(listed, "@room, all of you");
  await eventually(() =>
    expect(told.toSorted()).toEqual(["keyword: there is cake", "named: @ben, look", "room: @room, all of you"]),
  );
  // A place that is heard only after the choice is told by it.
  await eventually(() => expect(chat.replica.heads.get(listed)?.seq).toBe(seq));
  await ben.api.setLevel(listed, "all");
  await eventually(() => expect(chat.rooms().find(({ room }) => room.id === listed)?.notify).toBe("all"));
  await say(listed, "now everything");
  await eventually(() => expect(told).toContain("everything: now everything"));
  await ben.api.setLevel(listed, "nothing");
  await eventually(() => expect(chat.rooms().find(({ room }) => room.id === listed)?.notify).toBe("nothing"));
  await say(listed, "@ben, unheard");
  await say(open, "@ben, heard");
  await eventually(() => expect(told).toContain("named: @ben, heard"));
  expect(told.toSorted()).toEqual([...new Set(told)].toSorted());
  expect(told).toHaveLength(5);
  stop();
  chat.stop();
});

test("a page tells once of a reply in a thread that its person follows, whether the room is open or not, and of no other", async () => {
  const { id: open } = await ann.api.createRoom({ name: "open threads" });
  const { id: listed } = await ann.api.createRoom({ name: "listed threads" });
  for (const room of [open, listed]) await ann.api.addMembers(room, [ben.id]);
  const { chat } = deviceOf(ben, server.url);
  const told: string[] = [];
  chat.start();
  await chat.openRoom(open);
  await eventually(() => expect(chat.line.state).toBe("live"));
  const stop = watchNews(chat, Date.now, ({ message, decision }) =>
    told.push(`${decision.reason}: ${message.content}`),
  );
  for (const room of [open, listed]) {
    const { id: followed } = await ben.api.sendMessage(room, { content: "what do we think?" });
    const { id: other } = await ann.api.sendMessage(room, { content: "something else" });
    await ann.api.sendMessage(room, { content: `first in ${room}`, thread: followed });
    await eventually(() => expect(chat.replica.threads.has(followed)).toBe(true));
    await ann.api.sendMessage(room, { content: "in another thread", thread: other });
    await ann.api.sendMessage(room, { content: `@ben in ${room}`, thread: followed });
    await eventually(() => expect(told).toContain(`named: @ben in ${room}`));
    await ann.api.sendMessage(room, { content: `last in ${room}`, thread: followed });
    await eventually(() => expect(told).toContain(`thread: last in ${room}`));
  }
  expect(new Set(told).size).toBe(told.length);
  expect(told.filter((text) => text.includes("another thread") || text.startsWith("thread: @"))).toEqual([]);
  stop();
  chat.stop();
});
