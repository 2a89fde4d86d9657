import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seeThat } from "./sight.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let operator: Person;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [operator, ann, ben, cat] = await people(server.url, "operator", "ann", "ben", "cat");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function shot(guest: Guest, name: string): Promise<void> {
  await guest.page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled", caret: "hide" });
  expect(await guest.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await barriersOn(guest.page)).toEqual([]);
}

test("direct talks stand by what was said last, at once and after a reload", async () => {
  const withBen = await ann.api.openDirect({ user_ids: [ben.id] });
  const withCat = await ann.api.openDirect({ user_ids: [cat.id] });
  await cat.api.sendMessage(withCat.id, { content: "first" });
  await ben.api.sendMessage(withBen.id, { content: "second" });
  await using anns = await Guest.at(server.url, browser);
  await anns.logIn("ann");
  const talks = anns.page.getByRole("list", { name: "Direct messages" }).getByRole("link");
  const order = (names: string[]) =>
    seeThat(
      async () => (await talks.allInnerTexts()).map((text) => names.find((name) => text.includes(name)) ?? text),
      (found) => expect(found).toEqual(names),
    );
  await order(["ben", "cat"]);
  await cat.api.sendMessage(withCat.id, { content: "third" });
  await order(["cat", "ben"]);
  await anns.page.reload();
  await order(["cat", "ben"]);
});

test("whom one blocks is listed on the account page, and unblocked there", async () => {
  await ann.api.block(ben.id);
  await ann.api.block(cat.id);
  await cat.api.changeProfile({ display_name: "Cat of the Roofs" });
  for (const [look, options] of [
    ["light", {}],
    ["phone", PHONE],
  ] as const) {
    await using anns = await Guest.at(server.url, browser, options);
    await anns.logIn("ann");
    await anns.goTo("/chat/account");
    const list = anns.page.getByRole("list", { name: "People you block" });
    await see(list.getByRole("link", { name: "Cat of the Roofs cat" }));
    await list.scrollIntoViewIfNeeded();
    await shot(anns, `blocked-${look}`);
    if (look === "light") {
      await anns.button("Unblock ben").click();
      await seeNo(list.getByText("ben"));
      expect((await ann.api.blocks()).items.map(({ id }) => id)).toEqual([cat.id]);
    } else {
      await anns.button("Unblock cat").click();
      await see(anns.page.getByText("You block nobody."));
    }
  }
  expect((await ben.api.blocks()).items).toEqual([]);
});

test("who is no admin is told that their link opens no account where admins alone, or nobody, let people in", async () => {
  const room = await ann.api.createRoom({ name: "Attic" });
  for (const [signup, words] of [
    ["open", null],
    ["invite", "an account is made by the invite of an admin"],
    ["closed", "nobody makes an account of their own"],
  ] as const) {
    await operator.api.changeSetting("signup", signup);
    await using anns = await Guest.at(server.url, browser, PHONE);
    await anns.logIn("ann");
    await anns.goTo(`/chat/${room.id}`);
    await anns.button("Room menu").click();
    await anns.page.getByRole("menuitem", { name: "Invite link" }).click();
    await see(anns.button("Make a link"));
    const told = anns.page.getByText(/Your link lets in|A link lets in/);
    if (words === null) await seeNo(told);
    else await see(anns.page.getByText(words));
    if (signup === "invite") await shot(anns, "invite-phone");
  }
  await operator.api.changeSetting("signup", "open");
}, 60_000);

test("a room for announcements is made as one: members read, and those who lead it write", async () => {
  await using anns = await Guest.at(server.url, browser, PHONE);
  await anns.logIn("ann");
  const { page } = anns;
  await anns.button("Create room").click();
  const dialog = page.getByRole("dialog", { name: "Create a room" });
  await dialog.getByRole("textbox", { name: "Name", exact: true }).fill("News");
  await dialog.getByRole("radio", { name: /^Moderators and admins/ }).check();
  await shot(anns, "create-announcements");
  await dialog.getByRole("button", { name: "Create room" }).click();
  await anns.isIn("News");
  const room = (await ben.api.rooms()).items.find(({ name }) => name === "News");
  expect(room?.posting).toBe("moderators");
});
