import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let admin: Person;
let ann: Person;
let ben: Person;
let cat: Person;
let mallory: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [admin, ann, ben, cat, mallory] = await people(server.url, "admin", "ann", "ben", "cat", "mallory");
  await mallory.api.changeProfile({ display_name: "admin", status: { text: "🌴 on leave", until: null } });
  const room = await ann.api.createRoom({ name: "Hall" });
  await ann.api.addMembers(room.id, [ben.id, cat.id, mallory.id]);
  const { id } = await mallory.api.sendMessage(room.id, { content: "Tell me your password, please" });
  await ben.api.sendMessage(room.id, { content: "Are you, @mallory?", reply_to: id });
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

async function shot(guest: Guest, name: string): Promise<void> {
  await guest.page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled", caret: "hide" });
  expect(await guest.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  expect(await barriersOn(guest.page)).toEqual([]);
}

test("whoever calls themselves as somebody else is called has their user name beside it, wherever they speak or are chosen", async () => {
  for (const [look, options] of [
    ["light", {}],
    ["phone", PHONE],
  ] as const) {
    await using anns = await arrive(ann, options);
    const { page } = anns;
    await anns.openRoom("Hall");
    const said = anns.articles.filter({ hasText: "Tell me your password" }).first();
    await see(said.getByText("mallory"));
    const quote = anns.articles.filter({ hasText: "Are you" }).getByRole("button", { name: /Tell me your password/ });
    await see(quote.getByText("mallory"));
    if (look === "phone") await page.getByRole("button", { name: /^People/ }).click();
    const members = page.getByRole("region", { name: "Members" });
    await see(members.getByRole("link", { name: "admin mallory" }), members.getByText("🌴 on leave"));
    await shot(anns, `names-${look}`);
    if (look === "phone") await page.keyboard.press("Escape");
    if (look === "phone") await page.getByRole("link", { name: "Back to the rooms" }).click();
    await anns.button("New message").click();
    await page.getByRole("searchbox", { name: "Find people" }).fill("mall");
    await see(page.getByRole("checkbox", { name: "admin mallory" }));
    await shot(anns, `picker-${look}`);
  }
}, 60_000);

test("the name and the picture at a message, and a name that it calls, lead to the person's page", async () => {
  await using anns = await arrive(ann);
  const { page } = anns;
  for (const lead of [
    () => anns.articles.getByRole("link", { name: "admin mallory" }),
    () => anns.articles.filter({ hasText: "Tell me" }).first().locator('a[aria-hidden="true"]'),
    () => anns.articles.getByRole("link", { name: "@mallory" }),
  ]) {
    await anns.openRoom("Hall");
    await lead().first().click();
    await seePath(page, `/chat/people/${mallory.id}`);
    await see(page.getByRole("heading", { name: "admin" }), page.getByText("mallory").first());
  }
});

test("the header of a talk of two says who the other is and what they are up to", async () => {
  const talk = await ann.api.openDirect({ user_ids: [mallory.id] });
  await ann.api.sendMessage(talk.id, { content: "who are you?" });
  await using anns = await arrive(ann);
  await anns.goTo(`/chat/${talk.id}`);
  await anns.isIn("admin");
  await see(anns.page.getByText("mallory · 🌴 on leave"));
  await shot(anns, "talk-header");
});

test("a talk of several in which two are left is left, and the talk of two is not", async () => {
  const { id } = await ann.api.openDirect({ user_ids: [ben.id, cat.id] });
  await ann.api.sendMessage(id, { content: "the three of us" });
  await ben.api.leaveRoom(id);
  await using anns = await arrive(ann);
  await anns.goTo(`/chat/${id}`);
  await anns.isIn("cat");
  await anns.button("Room menu").click();
  await anns.page.getByRole("menuitem", { name: "Leave conversation" }).click();
  await anns.page.getByRole("dialog").getByRole("button", { name: "Leave conversation" }).click();
  await seePath(anns.page, "/chat");
  const pair = await ann.api.openDirect({ user_ids: [cat.id] });
  await anns.goTo(`/chat/${pair.id}`);
  await anns.isIn("cat");
  await anns.button("Room menu").click();
  await see(anns.page.getByRole("menuitem", { name: "Add people" }));
  await seeNo(anns.page.getByRole("menuitem", { name: "Leave conversation" }));
});

test("whose account is deactivated is marked among the members, and the talk with them says why nobody writes there", async () => {
  const [dora] = await people(server.url, "dora");
  const room = await ann.api.createRoom({ name: "Attic" });
  await ann.api.addMembers(room.id, [dora.id]);
  const talk = await ann.api.openDirect({ user_ids: [dora.id] });
  await ann.api.sendMessage(talk.id, { content: "see you" });
  await using anns = await arrive(ann, PHONE);
  await anns.goTo(`/chat/${talk.id}`);
  await anns.isIn("dora");
  await admin.api.changeUser(dora.id, { active: false });
  await see(anns.page.getByText("The account of dora is deactivated or erased."));
  await seeNo(anns.composer);
  await shot(anns, "gone-phone");
  await anns.goTo(`/chat/${room.id}`);
  await anns.page.getByRole("button", { name: /^People/ }).click();
  await see(anns.page.getByRole("region", { name: "Members" }).getByText("deactivated"));
  await admin.api.changeUser(dora.id, { active: true });
  await seeNo(anns.page.getByRole("region", { name: "Members" }).getByText("deactivated"));
  await anns.goTo(`/chat/${talk.id}`);
  await anns.isIn("dora");
});

test("what is refused to somebody about another member or the room is said to them, on a phone in the sheet", async () => {
  await cat.api.block(ben.id);
  await using bens = await arrive(ben, PHONE);
  const { page } = bens;
  await bens.openRoom("Hall");
  await page.getByRole("button", { name: /^People/ }).click();
  await bens.button("About cat").click();
  await page.getByRole("menuitem", { name: "Send a message" }).click();
  await see(page.getByRole("dialog", { name: "People" }).getByText("You cannot begin a talk with this person."));
  await shot(bens, "refused-phone");
  await page.keyboard.press("Escape");
  await bens.context.route("**/mine", (route) => route.abort());
  await bens.button("Room menu").click();
  await page.getByRole("menuitem", { name: "Add to favourites" }).click();
  await see(page.getByText("The server cannot be reached. Try again in a moment."));
  await cat.api.unblock(ben.id);
});

test("whoever may choose nobody more is told why", async () => {
  const others = await people(server.url, ...Array.from({ length: 16 }, (_, at) => `guest ${at}`));
  expect(others).toHaveLength(16);
  await using anns = await arrive(ann);
  await anns.button("New message").click();
  const { page } = anns;
  await page.getByRole("searchbox", { name: "Find people" }).fill("guest");
  for (let at = 0; at < 16; at++) await page.getByRole("checkbox", { name: `guest ${at}`, exact: true }).click();
  await see(page.getByText("At most 15 people can be chosen. Take somebody out first."));
  await page.getByRole("checkbox", { name: "guest 3", exact: true }).click();
  await seeNo(page.getByText("At most 15 people can be chosen."));
}, 60_000);

test("a status with an end shows it, keeps it when something else is saved, and loses it when that is chosen", async () => {
  await using bens = await arrive(ben);
  const { page } = bens;
  await bens.goTo("/chat/account");
  await bens.field("Status").fill("at lunch");
  await page.getByRole("combobox", { name: /^Until/ }).selectOption("hour");
  const save = async () => {
    await bens.button("Save profile").click();
    await see(page.getByText("Your profile is saved."));
    return (await ben.api.person(ben.id)).status;
  };
  const saved = await save();
  expect(saved).toMatchObject({ text: "at lunch", until: expect.any(String) });
  await seeThat(
    () => page.getByRole("combobox", { name: /^Until/ }).inputValue(),
    (value) => expect(value).toBe("kept"),
  );
  await bens.field("Display name").fill("Ben B.");
  expect(await save()).toEqual(saved);
  await shot(bens, "profile-status");
  await page.getByRole("combobox", { name: /^Until/ }).selectOption("none");
  expect(await save()).toEqual({ text: "at lunch", until: null });
});
