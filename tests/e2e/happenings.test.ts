import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } as const;

let browser: Browser;
let server: TestServer;
let operator: Person;
let ann: Person;
let ben: Person;
let others: Person[];

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [operator, ann, ben, ...others] = await people(server.url, "operator", "ann", "ben", "cat", "dan", "eve", "finn");
  await ben.api.changeProfile({ display_name: "Ben Beutlin" });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function arrive(who: Person, options = {}): Promise<Guest> {
  const guest = await Guest.at(server.url, browser, options);
  await guest.logIn(who.username);
  return guest;
}

/** What the timeline says, line by line, without the times. */
async function lines(guest: Guest): Promise<string[]> {
  const told = guest.log.locator("article, p:not(article p)");
  const texts = await told.evaluateAll((all) =>
    all.map((one) => {
      const said = one.tagName === "ARTICLE" ? one.querySelector("p") : one;
      const words = [...(said?.childNodes ?? [])].filter((node) => node.nodeName !== "TIME");
      return words.map((node) => node.textContent).join("");
    }),
  );
  return texts.map((text) => text.trim());
}

test("what happened in a room stands between its messages, live and after a reload, in few quiet lines [E14]", async () => {
  const { id } = await ann.api.createRoom({ name: "Garden" });
  await ann.api.sendMessage(id, { content: "who is coming?" });
  for (const one of [ben, ...others]) await one.api.joinRoom(id);
  await ben.api.sendMessage(id, { content: "we are" });
  await using anns = await arrive(ann);
  await anns.openRoom("Garden");
  await ann.api.giveRole(id, ben.id, "moderator");
  await ann.api.changeRoom(id, { name: "Vegetable garden", posting: "moderators" });
  await others[0]?.api.leaveRoom(id);
  await ann.api.sendMessage(id, { content: "only beans from here on" });
  await ann.api.removeMember(id, others[1]?.id ?? 0);
  const whole = [
    "ann made this room",
    "who is coming?",
    "Ben Beutlin ben, cat and 3 others joined",
    "we are",
    "ann made Ben Beutlin ben a moderator",
    "ann renamed the room and let only moderators and admins write",
    "cat left",
    "only beans from here on",
    "ann removed dan",
  ];
  const seen = async () => (await lines(anns)).slice(-whole.length);
  await seeThat(seen, (said) => expect(said).toEqual(whole));
  await anns.page.reload();
  await seeThat(seen, (said) => expect(said).toEqual(whole));
  expect(await anns.page.getByRole("alert").count()).toBe(0);
  for (const colorScheme of ["light", "dark"] as const) {
    await anns.page.emulateMedia({ colorScheme });
    await anns.page.screenshot({ path: join(shots, `happenings-${colorScheme}.png`), animations: "disabled" });
    expect(await barriersOn(anns.page)).toEqual([]);
  }
  await using phone = await arrive(ben, PHONE);
  await phone.openRoom("Vegetable garden");
  await see(phone.log.getByText("joined"));
  await phone.page.screenshot({ path: join(shots, "happenings-phone.png"), animations: "disabled" });
  const [content, screen] = await phone.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
});

test("an admin of the house who is brought into a private room is seen there by everyone, and nothing is unread by it", async () => {
  const { id } = await ann.api.createRoom({ name: "Cellar", kind: "private" });
  await ann.api.addMembers(id, [ben.id]);
  const { seq } = await ann.api.sendMessage(id, { content: "between us" });
  await ben.api.markRead(id, seq);
  await using bens = await arrive(ben);
  await see(bens.roomLink("Cellar"));
  await ann.api.addMembers(id, [operator.id], "all");
  await bens.openRoom("Cellar");
  await see(bens.log.getByText("added operator"));
  await operator.api.leaveRoom(id);
  await see(bens.log.getByText("operator left"));
  await bens.page.reload();
  await see(bens.log.getByText("added operator"), bens.log.getByText("operator left"));
  expect(await bens.log.getByText("New", { exact: true }).count()).toBe(0);
});

test("reading back over happenings moves nothing that is being read", async () => {
  const { id } = await ann.api.createRoom({ name: "Station" });
  const [cat] = others;
  for (let at = 0; at < 160; at++) {
    await ann.api.sendMessage(id, { content: `train ${at}` });
    if (at % 4 === 0) await cat?.api.joinRoom(id);
    if (at % 4 === 2) await cat?.api.leaveRoom(id);
  }
  await using anns = await arrive(ann);
  await anns.openRoom("Station");
  await see(anns.log.getByText("train 159", { exact: true }));
  const place = (text: string) =>
    anns.log.getByText(text, { exact: true }).evaluate((words) => words.getBoundingClientRect().top);
  for (const mark of ["train 118", "train 70"]) {
    while ((await anns.log.getByText(mark, { exact: true }).count()) === 0) {
      await anns.log.evaluate((log) => log.scrollBy({ top: -150, behavior: "instant" }));
      await Bun.sleep(30);
    }
    const before = await place(mark);
    await Bun.sleep(600); // for a page that is on its way
    expect(Math.abs((await place(mark)) - before)).toBeLessThanOrEqual(2);
  }
});
