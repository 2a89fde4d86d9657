import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";

const MESSAGES = 1_050;
const AT_ONCE = 50;
const DEEP = 2_300;
const TALL = { viewport: { width: 1280, height: 1_400 } };
const WHEEL = 550;
const LONG_WHEEL = 1_100;
const MOST_JUMP = 2;

let browser: Browser;
let server: TestServer;

beforeAll(async () => {
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("scrolling up reaches each of a thousand messages, and older ones that load move nothing on the screen", async () => {
  const [ada] = await people(server.url, "ada");
  const room = await ada.api.createRoom({ name: "Long" });
  const texts: string[] = [];
  for (let from = 0; from < MESSAGES; from += AT_ONCE) {
    const page = Array.from({ length: AT_ONCE }, (_, at) =>
      ada.api.sendMessage(room.id, { content: textOf(from + at) }),
    );
    const sent = await Promise.all(page);
    texts.push(...sent.sort((a, b) => a.seq - b.seq).map((message) => message.content));
  }

  await using guest = await Guest.at(server.url, browser, TALL);
  await guest.logIn("ada");
  await ada.api.markRead(room.id, MESSAGES + 10);
  const pages = new HeldPages();
  await guest.page.route(/\/messages\?.*before=/, (route) => pages.hold(() => route.continue()));
  await guest.openRoom("Long");
  await see(guest.articles.getByText(texts.at(-1)!.slice(0, 40)));

  const seen = new Set<string>(await still(guest.page));
  const jumps: number[] = [];
  const begin = guest.page.getByText("This is where the room begins.");
  await guest.log.hover();
  while (!(await begin.isVisible()) || !(await isAtTop(guest.page))) {
    await guest.page.mouse.wheel(0, -LONG_WHEEL);
    for (const text of await still(guest.page)) seen.add(text);
    // A third of the pages arrive at somebody who is at the very top already and has nowhere to go.
    if (pages.isHolding && (jumps.length % 3 > 0 || (await isAtTop(guest.page)))) {
      const before = await topmost(guest.page);
      const rows = await height(guest.page);
      await pages.letGo();
      await seeThat(
        () => height(guest.page),
        (now) => expect(now).toBeGreaterThan(rows),
      );
      for (const text of await still(guest.page)) seen.add(text);
      jumps.push(Math.abs((await topOf(guest.page, before.text)) - before.top));
    }
  }

  expect(texts.filter((text) => !seen.has(text))).toEqual([]);
  expect(jumps.length).toBeGreaterThanOrEqual(Math.floor(MESSAGES / 100) - 1);
  expect(jumps.filter((jump) => jump >= MOST_JUMP)).toEqual([]);
}, 60_000);

test("who scrolled up stays there while others talk, is told how many spoke, and one click leads to the newest", async () => {
  const [eva, eli] = await people(server.url, "eva", "eli");
  const room = await eva.api.createRoom({ name: "Busy" });
  await eli.api.joinRoom(room.id);
  for (let at = 0; at < 40; at++) await eva.api.sendMessage(room.id, { content: textOf(at) });
  await eli.api.markRead(room.id, 100);
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("eli");
  await guest.openRoom("Busy");
  await see(guest.page.locator("[role=log][aria-live=polite]"), guest.articles.getByText("#39 "));
  await guest.log.hover();
  await guest.page.mouse.wheel(0, -WHEEL);
  await still(guest.page);
  const before = await topmost(guest.page);
  for (const text of ["a word", "another\nof two lines"]) await eva.api.sendMessage(room.id, { content: text });
  await see(guest.button("2 new messages"));
  expect(Math.abs((await topOf(guest.page, before.text)) - before.top)).toBeLessThan(MOST_JUMP);
  await guest.button("2 new messages").click();
  await see(guest.articles.getByText("of two lines"));
  await eva.api.sendMessage(room.id, { content: "seen as it comes" });
  await see(guest.articles.getByText("seen as it comes"));
  await seeThat(
    () => guest.log.evaluate((log) => log.scrollHeight - log.clientHeight - log.scrollTop),
    (below) => expect(below).toBeLessThan(MOST_JUMP),
  );
});

test("a link leads to any message at any depth by one page, from there one reads on to both sides without a jump, and one click leads back", async () => {
  const [ida, ivo] = await people(server.url, "ida", "ivo");
  const room = await ida.api.createRoom({ name: "Deep" });
  await ivo.api.joinRoom(room.id);
  const socket = await RawSocket.ready(server.url, await ida.token());
  const head = await sayMany(socket, room.id, DEEP, "word");
  socket.close();
  await ivo.api.markRead(room.id, head);
  const { items } = await ida.api.messages(room.id, { around: 200, limit: 1 });
  const wanted = items[0]!;
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("ivo");
  const pages = new HeldPages();
  let asked = 0;
  await guest.page.route(/\/messages\?/, (route) => {
    asked += 1;
    if (/after=/.test(route.request().url())) return pages.hold(() => route.continue());
    return route.continue();
  });
  await guest.goTo(`/chat/${room.id}/${wanted.id}`);
  await see(guest.articles.getByText(wanted.content, { exact: true }), guest.button("Newest messages"));
  await seePath(guest.page, `/chat/${room.id}`);
  expect(asked).toBeLessThan(5);

  await guest.log.hover();
  const jumps: number[] = [];
  while (jumps.length < 3) {
    await guest.page.mouse.wheel(0, WHEEL);
    await still(guest.page);
    if (!pages.isHolding) continue;
    const before = await topmost(guest.page);
    const rows = await height(guest.page);
    await pages.letGo();
    await seeThat(
      () => height(guest.page),
      (now) => expect(now).toBeGreaterThan(rows),
    );
    await still(guest.page);
    jumps.push(Math.abs((await topOf(guest.page, before.text)) - before.top));
  }
  expect(jumps.filter((jump) => jump >= MOST_JUMP)).toEqual([]);

  const before = await topmost(guest.page);
  await ida.api.sendMessage(room.id, { content: "far from there" });
  await see(guest.button("1 new message"), guest.roomLink("Deep").getByText("1 unread"));
  expect(Math.abs((await topOf(guest.page, before.text)) - before.top)).toBeLessThan(MOST_JUMP);
  await guest.button("1 new message").click();
  await see(guest.articles.getByText("far from there"));
  await seeNo(guest.roomLink("Deep").getByText("unread"));
  await guest.say("and I am back");
  await see(guest.articles.getByText("and I am back"));
}, 60_000);

test("who reads on from a link to the newest message stays there, hears what comes, and no message is missing between", async () => {
  const [oda, olf] = await people(server.url, "oda", "olf");
  const room = await oda.api.createRoom({ name: "Joined" });
  await olf.api.joinRoom(room.id);
  const socket = await RawSocket.ready(server.url, await oda.token());
  const head = await sayMany(socket, room.id, 160, "word");
  socket.close();
  await olf.api.markRead(room.id, head);
  const { items } = await oda.api.messages(room.id, { around: 12, limit: 1 });
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("olf");
  await guest.goTo(`/chat/${room.id}/${items[0]?.id}`);
  await see(guest.articles.getByText(items[0]!.content, { exact: true }));
  const seen = new Set(await still(guest.page));
  await guest.log.hover();
  while (!seen.has("word 160")) {
    await guest.page.mouse.wheel(0, WHEEL / 2);
    for (const text of await still(guest.page)) seen.add(text);
  }
  const first = Number(items[0]?.content.split(" ")[1]);
  const between = Array.from({ length: 160 - first }, (_, at) => `word ${first + at}`);
  expect(between.filter((text) => !seen.has(text))).toEqual([]);
  await see(guest.page.locator("[role=log][aria-live=polite]"));
  await oda.api.sendMessage(room.id, { content: "heard at the end" });
  await see(guest.articles.getByText("heard at the end"));
}, 60_000);

/** Some are a word, some a paragraph, some have lines: nobody can guess how high they will stand. */
function textOf(at: number): string {
  const words = "and so the talk went on and on until somebody put the kettle on ";
  return `#${at} ${words.repeat((at * 7) % 5)}${"\n· a line".repeat(at % 11 === 0 ? (at % 4) + 1 : 0)}`.trimEnd();
}

/** Pages that were asked for and are kept back, so that what stood before and after one arrived can be measured. */
class HeldPages {
  #held: (() => Promise<void>)[] = [];

  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  hold(go: () => Promise<void>): void {
    this.#held.push(go);
  }

  async letGo(): Promise<void> {
    const held = this.#held;
    this.#held = [];
    for (const go of held) await go();
  }
}

/** Waits until nothing in the timeline has moved for three frames; answers the messages that can be seen then. */
function still(page: Page): Promise<string[]> {
  return page.getByRole("log").evaluate(async (log) => {
    const look = () => {
      const view = log.getBoundingClientRect();
      const rows = [...log.querySelectorAll("article")].map((row) => ({ row, rect: row.getBoundingClientRect() }));
      const seen = rows.filter(({ rect }) => rect.bottom > view.top && rect.top < view.bottom);
      return {
        place: seen.map(({ rect }) => rect.top.toFixed(1)).join(),
        texts: seen.map(({ row }) => row.querySelector("p")?.textContent ?? ""),
      };
    };
    let before = look();
    for (let frames = 0; frames < 3; ) {
      await new Promise((frame) => requestAnimationFrame(frame));
      const now = look();
      frames = now.place === before.place ? frames + 1 : 0;
      before = now;
    }
    return before.texts;
  });
}

function topmost(page: Page): Promise<{ text: string; top: number }> {
  return page.getByRole("log").evaluate((log) => {
    const { top } = log.getBoundingClientRect();
    const row = [...log.querySelectorAll("article")].find((each) => each.getBoundingClientRect().bottom > top + 1);
    if (!row) throw new Error("No message is to be seen");
    return { text: row.querySelector("p")?.textContent ?? "", top: row.getBoundingClientRect().top };
  });
}

function topOf(page: Page, text: string): Promise<number> {
  return page.getByRole("log").evaluate((log, wanted) => {
    const row = [...log.querySelectorAll("article")].find((each) => each.querySelector("p")?.textContent === wanted);
    if (!row) throw new Error(`"${wanted}" is not to be seen any more`);
    return row.getBoundingClientRect().top;
  }, text);
}

function height(page: Page): Promise<number> {
  return page.getByRole("log").evaluate((log) => log.scrollHeight);
}

function isAtTop(page: Page): Promise<boolean> {
  return page.getByRole("log").evaluate((log) => log.scrollTop <= 0);
}
