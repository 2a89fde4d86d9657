import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";
import { watch } from "./watch.ts";

const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light" } as const;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } as const;
const shots = join(import.meta.dir, "shots");

let browser: Browser;
let server: TestServer;
let mia: Person;
let noa: Person;
let pia: Person;
let rooms = 0;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, mia, noa, pia] = await people(server.url, "admin", "mia", "noa", "pia");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

/** A room that mia made, with noa and pia in it. */
async function talk(...said: [Person, string][]): Promise<{ name: string; id: number; ids: number[] }> {
  rooms += 1;
  const name = `Garden ${rooms}`;
  const { id } = await mia.api.createRoom({ name });
  for (const by of [noa, pia]) await by.api.joinRoom(id);
  const ids: number[] = [];
  for (const [by, content] of said) ids.push((await by.api.sendMessage(id, { content })).id);
  return { name, id, ids };
}

async function at(username: string, room: string, options: BrowserContextOptions = DESK): Promise<Guest> {
  const guest = await Guest.at(server.url, browser, options);
  await guest.logIn(username);
  await guest.openRoom(room);
  return guest;
}

function saying(guest: Guest, text: string): Locator {
  return guest.articles.filter({ hasText: text });
}

async function open(guest: Guest, text: string): Promise<void> {
  const row = saying(guest, text);
  await row.hover();
  await row.getByRole("button", { name: /^Actions for the message/ }).click();
}

const many = (count: number): [Person, string][] =>
  Array.from({ length: count }, (_, at) => [at % 2 ? noa : pia, `Line ${at + 1}, about the beds and the paths`]);

test("whoever leads the room pins a message, the others find it by the room's header and go to its place", async () => {
  const { name, ids } = await talk([noa, "The gate's code is on the board"], ...many(60));
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  await using third = await at("pia", name, PHONE);
  const faults = await watch(me);
  await open(me, "Line 60");
  await me.button("Pin to the room").click();
  await see(saying(other, "Line 60").getByText("Pinned", { exact: true }), other.button("Pinned messages, 1"));
  await open(other, "Line 60");
  await see(other.button("Copy link"));
  await seeNo(other.button("Unpin message"));
  await other.page.keyboard.press("Escape");
  await mia.api.pin(ids[0] ?? 0, true);
  await other.button("Pinned messages, 2").click();
  const pins = other.page.getByRole("dialog", { name: "Pinned messages" });
  await see(pins.getByText("The gate's code is on the board"));
  await other.page.screenshot({ path: join(shots, "desk-pins.png") });
  expect(await barriersOn(other.page)).toEqual([]);
  await pins.getByRole("button", { name: "Show in the room" }).first().click();
  await see(saying(other, "The gate's code is on the board"));
  await other.page.screenshot({ path: join(shots, "desk-pin-sought.png") });
  await third.button("Pinned messages, 2").tap();
  await see(third.page.getByRole("dialog", { name: "Pinned messages" }).getByText("Line 60"));
  await third.page.screenshot({ path: join(shots, "phone-pins.png") });
  expect(await third.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
  await third.page.keyboard.press("Escape");
  await open(me, "Line 60");
  await me.button("Unpin message").click();
  await see(other.button("Pinned messages, 1"), third.button("Pinned messages, 1"));
  expect(faults).toEqual([]);
});

test("what is marked unread stands under a line and stays unread while it is looked at, on every device, until one comes back", async () => {
  const { name, id } = await talk([noa, "one"], [pia, "two"], [noa, "three"]);
  const elsewhere = await talk();
  await using me = await at("mia", name);
  await using phone = await Guest.at(server.url, browser, PHONE);
  await phone.logIn("mia");
  await seeNo(phone.roomLink(name).getByText(/unread/));
  await open(me, "two");
  await me.button("Mark unread from here").click();
  await see(phone.roomLink(name).getByText("2 unread"), me.log.getByText("New", { exact: true }));
  await noa.api.sendMessage(id, { content: "four" });
  await see(saying(me, "four"), phone.roomLink(name).getByText("3 unread"));
  await me.page.screenshot({ path: join(shots, "desk-marked-unread.png") });
  await me.openRoom(elsewhere.name);
  await see(me.roomLink(name).getByText("3 unread"));
  await me.openRoom(name);
  await seeNo(me.roomLink(name).getByText(/unread/), phone.roomLink(name).getByText(/unread/));
  await me.composer.press("Shift+Tab");
  await me.page.keyboard.press("u");
  await see(phone.roomLink(name).getByText("1 unread"));
  await me.say("five, my own");
  await see(saying(me, "five, my own"));
  await open(me, "five, my own");
  await see(me.button("Copy link"));
  await seeNo(me.button("Mark unread from here"));
});

test("a list of which one opened more stays open while something changes on another device", async () => {
  const { id, ids } = await talk(...many(70));
  for (const message of ids) await noa.api.saveMessage(message);
  await using me = await Guest.at(server.url, browser, DESK);
  await me.logIn("noa");
  await me.goTo("/chat/saved");
  const items = me.page.getByRole("list", { name: "Saved messages" }).getByRole("listitem");
  const counts = (wanted: number) =>
    seeThat(
      () => items.count(),
      (count) => expect(count).toBe(wanted),
    );
  await counts(50);
  await me.button("Show more").click();
  await counts(70);
  const asked: string[] = [];
  me.page.on("request", (request) => request.url().includes("/me/saved") && asked.push(request.url()));
  await noa.api.markRead(id, 3);
  await noa.api.unsaveMessage(ids[69] ?? 0);
  await counts(69);
  expect(asked).toHaveLength(2);
  for (const message of ids) await noa.api.unsaveMessage(message);
});

test("the link to a message leads to it in its room, whoever follows it, and tells others nothing", async () => {
  const { name, id, ids } = await talk([noa, "Plant the garlic in October"], ...many(80));
  await using me = await at("mia", name, { ...DESK, permissions: ["clipboard-read", "clipboard-write"] });
  await me.goTo(`/chat/${id}/${ids[0]}`);
  await see(saying(me, "Plant the garlic in October"));
  await seePath(me.page, `/chat/${id}`);
  await open(me, "Plant the garlic in October");
  await me.button("Copy link").click();
  const link = `${server.url}/chat/${id}/${ids[0]}`;
  await seeThat(
    () => me.page.evaluate(() => navigator.clipboard.readText()),
    (copied) => expect(copied).toBe(link),
  );
  await noa.api.sendMessage(id, { content: `As said: ${link}` });
  await me.button("1 new message").click();
  await see(saying(me, "As said:"));
  await saying(me, "As said:").getByRole("link").click();
  await see(saying(me, "Plant the garlic in October"));
  const { id: hidden } = await noa.api.createRoom({ name: "hidden", kind: "private" });
  const secret = await noa.api.sendMessage(hidden, { content: "a secret" });
  await me.goTo(`/chat/${hidden}/${secret.id}`);
  await see(me.page.getByText("This room is not here"));
  await seeNo(me.page.getByText("a secret"));
});

test("what is begun on one device goes on on another, and is gone from both when it is sent", async () => {
  const { name } = await talk([noa, "Shall we?"]);
  await using desk = await at("mia", name);
  await using phone = await at("mia", name, PHONE);
  await desk.composer.fill("I would rather");
  await seeThat(
    () => phone.composer.inputValue(),
    (text) => expect(text).toBe("I would rather"),
  );
  await phone.page.screenshot({ path: join(shots, "phone-draft.png") });
  await phone.composer.fill("I would rather not");
  await seeThat(
    () => desk.composer.inputValue(),
    (text) => expect(text).toBe("I would rather not"),
  );
  await desk.composer.press("Enter");
  await see(saying(phone, "I would rather not"));
  await seeThat(
    () => phone.composer.inputValue(),
    (text) => expect(text).toBe(""),
  );
  await desk.composer.fill("And then");
  await desk.page.reload();
  await desk.isIn(name);
  await seeThat(
    () => desk.composer.inputValue(),
    (text) => expect(text).toBe("And then"),
  );
  await desk.logOut();
  expect(await desk.page.evaluate(() => JSON.stringify(localStorage))).not.toContain("And then");
});

test("what one saves stands on a page of its own, on every device, and says nothing more once it is hidden", async () => {
  const { name, id, ids } = await talk([noa, "The recipe: flour, water, salt"], [pia, "Thanks"]);
  await using me = await at("pia", name);
  await using phone = await at("pia", name, PHONE);
  const faults = await watch(me);
  await open(me, "The recipe");
  await me.button("Save for later").click();
  await me.page.getByRole("link", { name: "Saved" }).click();
  const list = me.page.getByRole("list", { name: "Saved messages" });
  await see(list.getByText("The recipe: flour, water, salt"));
  await me.page.screenshot({ path: join(shots, "desk-saved.png") });
  expect(await barriersOn(me.page)).toEqual([]);
  await phone.goTo("/chat/saved");
  await see(phone.page.getByText("The recipe: flour, water, salt"));
  await phone.page.screenshot({ path: join(shots, "phone-saved.png") });
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
  await list.getByRole("link").click();
  await see(saying(me, "The recipe"));
  await mia.api.removeMember(id, pia.id);
  await me.goTo("/chat/saved");
  await see(me.page.getByText("This message is not open to you any more."));
  await seeNo(me.page.getByText("flour"));
  await me.button("Remove").click();
  await see(me.page.getByText("Nothing saved yet"), phone.page.getByText("Nothing saved yet"));
  expect(ids).toHaveLength(2);
  expect(faults).toEqual([]);
});

test("a message is sent later at the time that was chosen, and until then it can be changed and taken back", async () => {
  const { name } = await talk([noa, "When do you tell them?"]);
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  await me.composer.fill("On Monday the shop is clossed");
  await me.button("Send later").click();
  const dialog = me.page.getByRole("dialog", { name: "Send later" });
  await see(dialog.getByText("Tomorrow at nine"));
  await me.page.screenshot({ path: join(shots, "desk-send-later.png") });
  expect(await barriersOn(me.page)).toEqual([]);
  await dialog.getByRole("button", { name: /^Tomorrow at nine/ }).click();
  await see(me.page.getByText(/^It will be sent/));
  expect(await me.composer.inputValue()).toBe("");
  await me.page.screenshot({ path: join(shots, "desk-planned.png") });
  await me.page.getByRole("navigation").getByRole("link", { name: "To be sent later" }).click();
  const list = me.page.getByRole("list", { name: "Messages to be sent later" });
  await see(list.getByText("On Monday the shop is clossed"));
  await me.page.screenshot({ path: join(shots, "desk-scheduled.png") });
  await list.getByRole("button", { name: "Change" }).click();
  await me.field("Message").fill("On Monday the shop is closed");
  await me.button("Save").click();
  await see(list.getByText("On Monday the shop is closed"));
  await using phone = await Guest.at(server.url, browser, { ...PHONE, colorScheme: "dark" });
  await phone.logIn("mia");
  await phone.goTo("/chat/scheduled");
  await see(phone.page.getByText("On Monday the shop is closed"));
  await phone.page.screenshot({ path: join(shots, "phone-scheduled.png") });
  expect(await phone.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
  expect(await barriersOn(phone.page)).toEqual([]);
  await seeNo(saying(other, "On Monday"));
  await list.getByRole("button", { name: "Send now" }).click();
  await see(saying(other, "On Monday the shop is closed"));
  await see(phone.page.getByText("Nothing waits to be sent"));
});

test("what is begun in a thread is there on another device and has its sign, and is sent later into the thread", async () => {
  const { name, id, ids } = await talk([noa, "Who waters the beds in July?"]);
  const elsewhere = await talk();
  await using desk = await at("mia", name);
  await desk.goTo(`/chat/${id}/thread/${ids[0]}`);
  const field = ({ page }: Guest) => page.getByRole("textbox", { name: "Reply in thread" });
  await field(desk).fill("I could in the");
  await using phone = await Guest.at(server.url, browser, PHONE);
  await phone.logIn("mia");
  await phone.goTo(`/chat/${id}/thread/${ids[0]}`);
  await seeThat(
    () => field(phone).inputValue(),
    (text) => expect(text).toBe("I could in the"),
  );
  await desk.composer.fill("and to all");
  await desk.openRoom(elsewhere.name);
  await see(desk.roomLink(name).getByText("draft", { exact: true }));
  await desk.page.screenshot({ path: join(shots, "desk-draft-sign.png") });
  await desk.openRoom(name);
  await seeNo(desk.roomLink(name).getByText("draft", { exact: true }));
  await field(phone).fill("I could in the first half");
  await phone.page
    .getByRole("region", { name: "Thread", exact: true })
    .getByRole("button", { name: "Send later" })
    .tap();
  await phone.page.getByRole("button", { name: /^Tomorrow at nine/ }).tap();
  await see(phone.page.getByText(/^It will be sent/));
  await phone.goTo("/chat/scheduled");
  await see(phone.page.getByText(/in a thread of/), phone.page.getByText("I could in the first half"));
  await phone.button("Send now").tap();
  await see(desk.log.getByRole("button", { name: /^1 reply/ }));
});

test("a message is forwarded as a quote with a link, which only those follow who may read it there", async () => {
  const { name, id, ids } = await talk([noa, "The bulbs have come"]);
  const target = await talk();
  await using me = await at("mia", name);
  await using other = await at("pia", target.name);
  await open(me, "The bulbs have come");
  await me.button("Forward").click();
  const dialog = me.page.getByRole("dialog", { name: "Forward this message" });
  await dialog.getByLabel("What you say to it").fill("Good news:");
  await dialog.getByLabel("Find a room or talk").fill(target.name);
  await me.page.screenshot({ path: join(shots, "desk-forward.png") });
  expect(await barriersOn(me.page)).toEqual([]);
  await dialog.getByRole("button", { name: target.name, exact: true }).click();
  await me.isIn(target.name);
  await see(saying(other, "Good news:").getByText("> The bulbs have come"));
  await other.page.screenshot({ path: join(shots, "desk-forwarded.png") });
  await saying(other, "Good news:")
    .getByRole("link", { name: `${server.url}/chat/${id}/${ids[0]}` })
    .click();
  await other.isIn(name);
  await see(saying(other, "The bulbs have come"));
});
