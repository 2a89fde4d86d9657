import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seePath, seeThat } from "./sight.ts";

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  browser = await launchChromium({ hostResolverRules: "MAP chat.lan 127.0.0.1" });
  server = await startTestServer({ RATE_LIMITS: "off" });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

for (const { where, host, name } of [
  { where: "with Web Locks", host: "127.0.0.1", name: "ann" },
  { where: "over plain http on the house's own network", host: "chat.lan", name: "bo" },
]) {
  test(`two tabs write, one without a line: what it wrote goes once when it is closed, and once when not (${where})`, async () => {
    const [person] = await people(server.url, name);
    const room = `Trains of ${name}`;
    const { id } = await person.api.createRoom({ name: room });
    await using desk = await Guest.at(`http://${host}:${new URL(server.url).port}`, browser);
    await desk.logIn(name);
    await desk.goTo(`/chat/${id}`);
    await isLive(desk, room);
    const train = await desk.otherTab();
    await train.goTo(`/chat/${id}`);
    await isLive(train, room);
    const line = await lineOf(train);

    await line.cut();
    await train.say("from the train");
    await see(train.articles.getByText("Waiting to be sent"));
    await desk.say("at the desk");
    await saidTwice(desk, [`${name}: at the desk`]);
    await waits(desk, ["from the train"]);
    await line.mend();
    await saidTwice(desk, [`${name}: at the desk`, `${name}: from the train`]);

    await line.cut();
    await train.say("from the tunnel");
    await see(train.articles.getByText("Waiting to be sent"));
    await train.page.goto("about:blank");
    await saidTwice(desk, [`${name}: at the desk`, `${name}: from the train`, `${name}: from the tunnel`]);
    await waits(desk, []);
  });
}

test("who is logged out by the server finds what they had not sent, and it goes when they are back", async () => {
  const [cora] = await people(server.url, "cora");
  const { id } = await cora.api.createRoom({ name: "Interrupted" });
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("cora");
  await guest.goTo(`/chat/${id}`);
  await isLive(guest, "Interrupted");
  const line = await lineOf(guest);
  await line.cut();
  await guest.say("not yet said");
  await see(guest.articles.getByText("Waiting to be sent"));
  await guest.composer.fill("half a thou");
  const { items } = await cora.api.sessions();
  const other = items.find((session) => !session.current);
  await cora.api.endSession(other?.id ?? "");
  await line.mend();
  await seePath(guest.page, "/login");
  await guest.logIn("cora");
  await guest.goTo(`/chat/${id}`);
  await saidTwice(guest, ["cora: not yet said"]);
  expect(await guest.composer.inputValue()).toBe("half a thou");
});

async function isLive(guest: Guest, room: string): Promise<void> {
  await guest.isIn(room);
  await guest.isOnline();
}

/** The line of one tab alone: what one session of the tools cut, no other mends. */
async function lineOf(guest: Guest): Promise<{ cut(): Promise<void>; mend(): Promise<void> }> {
  const devtools = await guest.context.newCDPSession(guest.page);
  await devtools.send("Network.enable");
  const set = async (offline: boolean) => {
    const speed = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
    await devtools.send("Network.emulateNetworkConditions", { offline, ...speed });
  };
  return { cut: () => set(true), mend: () => set(false) };
}

/** In the tab, and once more from the server. */
async function saidTwice(guest: Guest, talk: string[]): Promise<void> {
  await seeThat(
    () => guest.reads(),
    (read) => expect(read).toEqual(talk),
  );
  await guest.page.reload();
  await seeThat(
    () => guest.reads(),
    (read) => expect(read).toEqual(talk),
  );
}

/** What the browser keeps unanswered, of all its tabs. */
async function waits(guest: Guest, contents: string[]): Promise<void> {
  await seeThat(
    () =>
      guest.page.evaluate(() =>
        Object.entries(localStorage)
          .filter(([key]) => key.startsWith("parlour.queue."))
          .map(([, text]) => JSON.parse(text).content as string),
      ),
    (kept) => expect(kept).toEqual(contents),
  );
}
