import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, BrowserContextOptions, Locator } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seeThat } from "./sight.ts";
import { watch } from "./watch.ts";

const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light" } as const;
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } as const;
const shots = join(import.meta.dir, "shots");

let browser: Browser;
let server: TestServer;
let admin: Person;
let mia: Person;
let noa: Person;
let rooms = 0;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, mia, noa] = await people(server.url, "admin", "mia", "noa");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function talk(...said: [Person, string][]): Promise<{ name: string; id: number; ids: number[] }> {
  rooms += 1;
  const name = `Mending ${rooms}`;
  const { id } = await mia.api.createRoom({ name });
  for (const by of [noa, admin]) await by.api.joinRoom(id);
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

test("arrow up edits what one said last, everybody reads the new words, and can read the old ones", async () => {
  const { name } = await talk([noa, "Where do we meet?"], [mia, "At the staton"]);
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  const faults = await watch(me);
  await me.composer.fill("a draft");
  await me.composer.press("ArrowUp");
  await see(me.composer);
  await me.composer.fill("");
  await me.composer.press("ArrowUp");
  const field = me.field("Edit your message");
  expect(await field.inputValue()).toBe("At the staton");
  await me.page.screenshot({ path: join(shots, "desk-edit.png") });
  await field.press("Escape");
  await see(me.composer);
  await me.composer.press("ArrowUp");
  await field.fill("At the station, at four");
  await field.press("Enter");
  await see(me.composer, saying(me, "At the station, at four"), saying(other, "At the station, at four"));
  await other.log.getByRole("button", { name: "edited" }).click();
  const dialog = other.page.getByRole("dialog", { name: "What this message said" });
  await see(dialog.getByText("At the staton", { exact: true }));
  await other.page.screenshot({ path: join(shots, "desk-former-texts.png") });
  expect(await barriersOn(other.page)).toEqual([]);
  expect(faults).toEqual([]);
});

test("a half-written edit is there again after another room was looked at, until it is given up", async () => {
  const { name } = await talk([mia, "At the staton"]);
  const elsewhere = await talk([mia, "Something else"]);
  await using me = await at("mia", name);
  await me.composer.press("ArrowUp");
  const field = me.field("Edit your message");
  await field.fill("At the station, at");
  await me.openRoom(elsewhere.name);
  await see(me.composer);
  await me.roomLink(name).click();
  await see(field);
  expect(await field.inputValue()).toBe("At the station, at");
  await field.press("Escape");
  await see(me.composer);
  await me.openRoom(elsewhere.name);
  await me.openRoom(name);
  await see(saying(me, "At the staton"));
});

test("a message that is still on its way can be edited, and arrives once with the new words", async () => {
  const { name, id } = await talk([noa, "Who brings the cake?"]);
  await using me = await at("mia", name);
  await me.context.setOffline(true);
  await me.page.evaluate(() => window.dispatchEvent(new Event("offline")));
  await me.say("I dont");
  await see(saying(me, "I dont"));
  await me.composer.press("ArrowUp");
  await me.field("Edit your message").fill("I do!");
  await me.field("Edit your message").press("Enter");
  await see(saying(me, "I do!"));
  await me.context.setOffline(false);
  await me.page.evaluate(() => window.dispatchEvent(new Event("online")));
  await seeThat(
    async () => (await noa.api.messages(id)).items.map(({ content }) => content),
    (said) => expect(said).toEqual(["Who brings the cake?", "I do!"]),
  );
  await seeThat(
    () => me.reads(),
    (read) => expect(read).toEqual(["noa: Who brings the cake?", "mia: I do!"]),
  );
});

test("one deletes one's own message, a room's admin anybody's, and what is left is a gravestone for all", async () => {
  const { name } = await talk([noa, "Buy my watches"], [noa, "sorry, wrong room"], [mia, "Hm"]);
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  await open(other, "sorry, wrong room");
  await seeNo(other.page.getByRole("button", { name: "Erase with a receipt" }));
  await other.button("Delete message").click();
  await other.page
    .getByRole("dialog", { name: "Delete this message?" })
    .getByRole("button", { name: "Delete message" })
    .click();
  await seeNo(saying(me, "sorry, wrong room"));
  await see(saying(me, "This message was deleted"));
  await open(other, "Hm");
  await seeNo(other.button("Delete message"), other.button("Edit message"));
  await other.page.keyboard.press("Escape");
  await open(me, "Buy my watches");
  await see(me.button("Delete message"));
  await me.page.screenshot({ path: join(shots, "desk-message-menu.png") });
  await me.button("Delete message").click();
  await see(me.page.getByRole("dialog", { name: "Delete this message?" }));
  await me.page.screenshot({ path: join(shots, "desk-delete.png") });
  await me.page
    .getByRole("dialog", { name: "Delete this message?" })
    .getByRole("button", { name: "Delete message" })
    .click();
  await seeThat(
    () => saying(other, "This message was deleted").count(),
    (count) => expect(count).toBe(2),
  );
  await me.page.reload();
  await me.isIn(name);
  await seeNo(saying(me, "watches"));
});

test("an admin of the server erases a message and is shown a receipt", async () => {
  const { name } = await talk([noa, "a phone number"]);
  await using boss = await at("admin", name);
  await open(boss, "a phone number");
  await boss.button("Erase with a receipt").click();
  await boss.page.getByRole("dialog").getByRole("button", { name: "Erase message" }).click();
  const receipt = boss.page.getByRole("dialog", { name: "Erased" });
  await see(receipt.getByText("1 text, 0 reactions"), receipt.getByRole("button", { name: "Copy" }));
  const kept = boss.page.waitForEvent("download");
  await receipt.getByRole("button", { name: "Save as a file" }).click();
  const file = await Bun.file((await (await kept).path()) ?? "").json();
  expect(file).toMatchObject({ removed: { texts: 1, reactions: 0 } });
  await boss.page.screenshot({ path: join(shots, "desk-receipt.png") });
  await receipt.getByRole("button", { name: "Done" }).click();
  await see(saying(boss, "This message was deleted"));
  await seeNo(saying(boss, "This message was deleted").getByRole("button"));
});

test("an admin of the server erases what its author had deleted, and nobody else has a menu there", async () => {
  const { name, ids } = await talk([noa, "an address"]);
  await noa.api.deleteMessage(ids[0] ?? 0);
  await using boss = await at("admin", name);
  await using other = await at("noa", name);
  await see(saying(other, "This message was deleted"));
  await seeNo(saying(other, "This message was deleted").getByRole("button"));
  await open(boss, "This message was deleted");
  await seeNo(boss.button("Save for later"), boss.button("👍"));
  await boss.button("Erase with a receipt").click();
  await boss.page.getByRole("dialog").getByRole("button", { name: "Erase message" }).click();
  await see(boss.page.getByRole("dialog", { name: "Erased" }).getByText("0 texts, 0 reactions"));
});

test("people react with an emoji of the short row or of their keyboard, take it off again, and see who did", async () => {
  const { name, ids } = await talk([noa, "The cake is ready"], [mia, "On my way"]);
  await admin.api.react(ids[0] ?? 0, "🎉", true);
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  const row = saying(me, "The cake is ready");
  await row.hover();
  await row.getByRole("button", { name: "React", exact: true }).click();
  await see(me.button("❤️ heart"));
  await me.page.screenshot({ path: join(shots, "desk-emojis.png") });
  await me.button("🎉 tada").first().click();
  await see(saying(other, "The cake is ready").getByRole("button", { name: "🎉 2" }));
  await row.getByRole("button", { name: "Add a reaction" }).click();
  await me.field("Find an emoji by its name, or give one from your keyboard").fill("🍰");
  const cake = saying(other, "The cake is ready").getByRole("button", { name: "🍰 1" });
  await cake.click();
  await see(row.getByRole("button", { name: "🍰 2" }));
  await row.getByRole("button", { name: "🍰 2" }).hover();
  await see(row.getByText("mia, noa"));
  await me.page.screenshot({ path: join(shots, "desk-reactions.png") });
  await cake.or(saying(other, "The cake is ready").getByRole("button", { name: "🍰 2" })).click();
  await see(row.getByRole("button", { name: /^🍰 1/ }));
  expect(await barriersOn(me.page)).toEqual([]);
});

test("any emoji is found by its name, for a reaction and in what one writes, with the keyboard alone", async () => {
  const { name } = await talk([noa, "The cake is ready"]);
  await using me = await at("mia", name);
  const row = saying(me, "The cake is ready");
  await row.hover();
  await row.getByRole("button", { name: "React", exact: true }).click();
  const finding = me.field("Find an emoji by its name, or give one from your keyboard");
  await see(me.button("🍕 pizza"));
  await me.page.screenshot({ path: join(shots, "desk-emoji-picker.png") });
  expect(await barriersOn(me.page)).toEqual([]);
  await finding.fill("birthday");
  await see(me.button("🎂 birthday"));
  await finding.press("Enter");
  await see(row.getByRole("button", { name: "🎂 1" }));
  await isFocused(me.button("React"));
  await me.composer.fill("Well done ");
  await me.composer.pressSequentially(":tad");
  await see(me.page.getByRole("option", { name: ":tada:" }));
  await me.page.screenshot({ path: join(shots, "desk-emoji-names.png") });
  await me.composer.press("Enter");
  await me.composer.pressSequentially("and :+1:");
  await me.button("Emoji").click();
  await finding.fill("rocket");
  await finding.press("Enter");
  await isFocused(me.composer);
  await me.composer.press("Enter");
  await see(saying(me, "Well done 🎉 and 👍🚀"));
});

test("one replies to a message, the reply shows what it answers as it reads now, and leads there", async () => {
  const { name, ids } = await talk([noa, "Who takes the early train?"], [mia, "Let me see"]);
  await using me = await at("mia", name);
  await using other = await at("noa", name);
  const row = saying(me, "Who takes the early train?");
  await row.hover();
  await row.getByRole("button", { name: "Reply", exact: true }).click();
  await see(me.page.getByText("Replying to noa"));
  await me.composer.press("Escape");
  await seeNo(me.page.getByText("Replying to noa"));
  await row.hover();
  await row.getByRole("button", { name: "Reply", exact: true }).click();
  await isFocused(me.composer);
  await me.page.screenshot({ path: join(shots, "desk-replying.png") });
  await me.say("I do");
  await seeNo(me.page.getByText("Replying to noa"));
  const answer = saying(other, "I do");
  await see(answer.getByRole("button", { name: "In answer to noa Who takes the early train?" }));
  await noa.api.editMessage(ids[0] ?? 0, "Who takes the late train?");
  const quote = answer.getByRole("button", { name: "In answer to noa Who takes the late train?" });
  await see(quote);
  await other.page.screenshot({ path: join(shots, "desk-reply.png") });
  await quote.click();
  await isFocused(other.log);
  expect(await barriersOn(other.page)).toEqual([]);
  await using phone = await at("noa", name, PHONE);
  await see(saying(phone, "I do"));
  await phone.page.screenshot({ path: join(shots, "phone-reply.png") });
  await noa.api.deleteMessage(ids[0] ?? 0);
  await see(answer.getByText("A message that is not here any more"));
});

test("a deleted message that was not read is not counted as unread any more", async () => {
  const { name, ids } = await talk([noa, "one"], [noa, "two"]);
  await talk();
  await using me = await at("mia", `Mending ${rooms}`);
  await see(me.roomLink(name).getByText("2 unread"));
  await noa.api.deleteMessage(ids[0] ?? 0);
  await see(me.roomLink(name).getByText("1 unread"));
  await me.page.reload();
  await see(me.roomLink(name).getByText("1 unread"));
});

test("by keyboard alone one walks from message to message, reacts, edits and deletes, and always sees where one is", async () => {
  const { name } = await talk([noa, "first"], [mia, "second"], [noa, "third"]);
  await using me = await at("mia", name);
  const keys = me.page.keyboard;
  const buttonOf = (text: string) => saying(me, text).getByRole("button", { name: /^Actions for the message/ });
  await see(saying(me, "third"));
  await me.composer.press("Shift+Tab");
  await isFocused(buttonOf("third"));
  await keys.press("ArrowUp");
  await isFocused(buttonOf("second"));
  await keys.press("Enter");
  await see(me.button("Edit message"));
  await isFocused(me.button("👍"));
  await keys.press("Enter");
  await see(saying(me, "second").getByRole("button", { name: /^👍 1/ }));
  await isFocused(buttonOf("second"));
  await keys.press("Enter");
  await me.button("Edit message").focus();
  await keys.press("Enter");
  await isFocused(me.field("Edit your message"));
  await keys.type(", mended");
  await keys.press("Enter");
  await see(saying(me, "second, mended"));
  await isFocused(me.composer);
});

test("on a phone each message has one quiet button that opens everything", async () => {
  const { name, ids } = await talk([noa, "Look at this, it is a longer message that takes two lines"], [mia, "Nice"]);
  for (const by of [noa, admin]) await by.api.react(ids[1] ?? 0, "🎉", true);
  await mia.api.editMessage(ids[1] ?? 0, "Nice!");
  for (const colorScheme of ["light", "dark"] as const) {
    await using me = await at("mia", name, { ...PHONE, colorScheme });
    await saying(me, "Nice!")
      .getByRole("button", { name: /^Actions for the message/ })
      .tap();
    await see(me.button("Edit message"));
    await me.page.screenshot({ path: join(shots, `phone-message-menu-${colorScheme}.png`) });
    expect(await barriersOn(me.page)).toEqual([]);
    await me.button("Edit message").tap();
    await see(me.field("Edit your message"));
    await me.page.screenshot({ path: join(shots, `phone-edit-${colorScheme}.png`) });
    expect(await me.page.evaluate(() => document.documentElement.scrollWidth)).toBe(PHONE.viewport.width);
  }
});

async function isFocused(thing: Locator): Promise<void> {
  await seeThat(
    () => thing.first().evaluate((element) => element === document.activeElement),
    (focused) => expect(focused).toBe(true),
  );
}
