import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let ann: Person;
let ben: Person;
let garden: number;
let shed: number;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  const [, first, second, cat] = await people(server.url, "Root", "Ann", "Ben", "Cat of the Roofs");
  [ann, ben] = [first, second];
  ({ id: garden } = await ann.api.createRoom({ name: "Garden" }));
  ({ id: shed } = await ann.api.createRoom({ name: "Shed" }));
  for (const room of [garden, shed]) await ann.api.addMembers(room, [ben.id, cat.id]);
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("somebody calls another by keyboard, who sees it marked, finds it among their mentions and learns why", async () => {
  await using anns = await Guest.at(server.url, browser);
  await using bens = await Guest.at(server.url, browser);
  await using cats = await Guest.at(server.url, browser, PHONE);
  const faults = [await watch(anns), await watch(bens), await watch(cats)];
  await anns.logIn("Ann");
  await bens.logIn("Ben");
  await cats.logIn("Cat of the Roofs");
  await anns.openRoom("Garden");
  await bens.openRoom("Shed");
  const keys = anns.page.keyboard;
  await anns.composer.focus();
  await keys.type("Hello @be");
  const list = anns.page.getByRole("listbox", { name: "Whom to call" });
  await see(list.getByRole("option", { name: "Ben" }));
  expect(await barriersOn(anns.page)).toEqual([]);
  await keys.press("Enter");
  await keys.type("and @ro");
  await see(list.getByRole("option", { name: /Cat of the Roofs/ }), list.getByRole("option", { name: /room/ }));
  await anns.page.screenshot({ path: join(shots, "mentions-choice.png") });
  await keys.press("Escape");
  await seeNo(list);
  for (let letter = 0; letter < 2; letter++) await keys.press("Backspace");
  await keys.type("cat");
  await keys.press("Tab");
  await keys.type("look");
  await keys.press("Enter");
  await see(anns.articles.getByText('Hello @Ben and @"Cat of the Roofs" look'));

  await keys.press("ArrowUp");
  const edit = anns.field("Edit your message");
  await edit.press("End");
  await keys.type(" @ca");
  await keys.press("Enter");
  expect(await edit.inputValue()).toEndWith('look @"Cat of the Roofs" ');
  await keys.press("Escape");
  await see(bens.roomLink("Garden").getByText("calling you"), cats.roomLink("Garden").getByText("calling you"));
  await eventually(async () => expect(await bens.page.title()).toStartWith("(@1)"), 5_000);
  await bens.page.screenshot({ path: join(shots, "mentions-badge.png") });
  await cats.page.screenshot({ path: join(shots, "mentions-badge-phone.png") });
  await bens.page.getByRole("link", { name: "Mentions" }).click();
  await see(bens.page.getByRole("list", { name: "Mentions" }).getByText("look"));
  expect(await barriersOn(bens.page)).toEqual([]);
  await bens.page.screenshot({ path: join(shots, "mentions-page.png") });
  await bens.page.getByRole("list", { name: "Mentions" }).getByRole("link").first().click();
  await bens.isIn("Garden");
  await seeNo(bens.roomLink("Garden").getByText("calling you"));
  await bens.articles.last().hover();
  await bens.page.screenshot({ path: join(shots, "mentions-message.png") });
  await bens.articles
    .last()
    .getByRole("button", { name: /^Actions for/ })
    .click();
  await bens.button("Why was I told, or not?").click();
  await see(bens.page.getByText("It calls you by name."));
  expect(await barriersOn(bens.page)).toEqual([]);
  await bens.page.screenshot({ path: join(shots, "mentions-why.png") });
  await bens.page.keyboard.press("Escape");

  await cats.openRoom("Garden");
  await cats.page.screenshot({ path: join(shots, "mentions-message-phone.png") });
  await cats.composer.fill("@");
  await cats.composer.press("End");
  await cats.page.keyboard.type("an");
  await cats.page.getByRole("option", { name: "Ann" }).tap();
  expect(await cats.composer.inputValue()).toBe("@Ann ");
  expect(faults.flat()).toEqual([]);
}, 60_000);

test("a room that tells nothing is quiet in the list, and a name in it is still found", async () => {
  await using bens = await Guest.at(server.url, browser);
  await bens.logIn("Ben");
  await bens.openRoom("Shed");
  await bens.button("Room menu").click();
  await bens.page.getByRole("menuitem", { name: "Notifications" }).click();
  await bens.page.getByRole("radio", { name: /^Nothing/ }).check();
  expect(await barriersOn(bens.page)).toEqual([]);
  await bens.page.screenshot({ path: join(shots, "mentions-level.png") });
  await bens.button("Save").click();
  await see(bens.roomLink("Shed").getByText("muted"));
  await bens.openRoom("Garden");
  await ann.api.sendMessage(shed, { content: "nobody hears this" });
  await ann.api.sendMessage(shed, { content: "@Ben does not hear it and finds it" });
  await see(bens.roomLink("Shed").getByText("calling you"));
  await seeNo(bens.roomLink("Shed").getByText("unread"));
  await ben.api.setLevel(shed, null);
  await seeNo(bens.roomLink("Shed").getByText("muted"));
  await see(bens.roomLink("Shed").getByText("unread"));
}, 60_000);

test("what one is told of is chosen on the account page, at every width", async () => {
  for (const [name, options] of [
    ["desk", {}],
    ["dark", { colorScheme: "dark" }],
    ["phone", PHONE],
  ] as const) {
    await using bens = await Guest.at(server.url, browser, options);
    await bens.logIn("Ben");
    await bens.goTo("/chat/account");
    await see(bens.field("Keywords"));
    await bens.field("Keywords").fill(`cake, ${name}`);
    await bens.field("Quiet hours, every day").check();
    await bens.field("Keywords").scrollIntoViewIfNeeded();
    await bens.page.screenshot({ path: join(shots, `mentions-settings-${name}.png`), fullPage: false });
    expect(await barriersOn(bens.page)).toEqual([]);
    await bens.button("Save notifications").click();
    await eventually(async () => expect((await ben.api.preferences()).keywords).toEqual(["cake", name]), 5_000);
    expect((await ben.api.preferences()).quiet).toMatchObject({ from: "22:00", to: "07:00" });
    await ben.api.changePreferences({ quiet: null, keywords: [] });
  }
}, 60_000);

test("an admin makes a group and puts people into it, and one of them is called by it", async () => {
  await using root = await Guest.at(server.url, browser);
  await using bens = await Guest.at(server.url, browser);
  const faults = await watch(root);
  await root.logIn("Root");
  await bens.logIn("Ben");
  await root.goTo("/chat/admin/groups");
  await root.field("New group").fill("kitchen");
  await root.button("Make group").click();
  await root.field("Add to kitchen").fill("be");
  await root.page.getByRole("list", { name: "Add to kitchen: found" }).getByRole("button", { name: "Ben" }).click();
  await see(root.page.getByRole("list", { name: "In kitchen" }).getByText("Ben"));
  expect(await barriersOn(root.page)).toEqual([]);
  await root.page.screenshot({ path: join(shots, "mentions-groups.png") });
  await ann.api.sendMessage(garden, { content: "@kitchen, soup" });
  await see(bens.roomLink("Garden").getByText("calling you"));
  await bens.openRoom("Garden");
  await see(bens.articles.last().getByText("@kitchen"));
  await root.button("Delete group").click();
  await root.page.getByRole("dialog", { name: "Delete @kitchen?" }).getByRole("button", { name: "Cancel" }).click();
  await see(root.page.getByRole("list", { name: "In kitchen" }).getByText("Ben"));
  await root.button("Delete group").click();
  await root.page.getByRole("dialog").getByRole("button", { name: "Delete group" }).click();
  await see(root.page.getByText("There is no group yet."));
  await root.goTo("/chat/admin/audit");
  const acts = root.page.getByRole("list", { name: "Administrative acts" });
  await see(acts.getByText("made a group"), acts.getByText("deleted a group"));
  expect(faults).toEqual([]);
}, 60_000);

test("desktop notifications are asked for by a button, and told while the person looks elsewhere", async () => {
  await using bens = await Guest.at(server.url, browser);
  await bens.page.addInitScript(() => {
    const told: string[] = [];
    const made = class {
      static permission = "default";
      static asked = 0;
      onclick: (() => void) | null = null;
      static async requestPermission() {
        made.asked += 1;
        made.permission = "granted";
        return "granted";
      }
      constructor(title: string, { body }: { body: string }) {
        told.push(`${title}: ${body}`);
      }
      close() {}
    };
    Object.assign(window, { Notification: made, told });
    document.hasFocus = () => false;
  });
  await bens.logIn("Ben");
  const inPage = (what: string) => bens.page.evaluate(`${what}`);
  expect(await inPage("Notification.asked")).toBe(0);
  await bens.page.getByRole("link", { name: "your account" }).click();
  await bens.button("Turn on desktop notifications").click();
  await see(bens.button("Turn off desktop notifications"));
  await ann.api.sendMessage(shed, { content: "@Ben, the kettle is on" });
  await eventually(async () => expect(await inPage("told")).toEqual(["Ann in Shed: @Ben, the kettle is on"]), 5_000);
  await ben.api.changePreferences({ words: false });
  await ann.api.sendMessage(shed, { content: "@Ben, again" });
  await eventually(async () => expect(await inPage("told.at(-1)")).toBe("Ann in Shed: Calls you"), 5_000);
  await ben.api.changePreferences({ words: true });
  await ann.api.sendMessage(shed, { content: "nothing for anybody" });
  await ann.api.sendMessage(shed, { content: "@Ben, last" });
  await eventually(async () => expect(await inPage("told.length")).toBe(3), 5_000);
}, 60_000);
