import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

const MESSAGES = 1_050;
const AT_ONCE = 50;
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
