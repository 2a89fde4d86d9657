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
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 } as const;

let browser: Browser;
let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, ann, ben, cat] = await people(server.url, "operator", "ann", "ben", "cat");
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

/** A picture to look at, and nothing in it that is hard to use. */
async function shot(guest: Guest, name: string): Promise<void> {
  await guest.page.screenshot({ path: join(shots, `${name}.png`), animations: "disabled", caret: "hide" });
  const [content, screen] = await guest.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen ?? 0);
  expect(await barriersOn(guest.page)).toEqual([]);
}

const about = (guest: Guest, name: string) => guest.button(`About ${name}`);

async function choose(guest: Guest, name: string, item: string): Promise<void> {
  await about(guest, name).focus();
  await guest.page.keyboard.press("Enter");
  await guest.page.getByRole("menuitem", { name: item }).click();
}

test("a private room is made, people come by their name, are put out and let in again, and leave, by keyboard alone", async () => {
  await using anns = await arrive(ann);
  await using bens = await arrive(ben);
  await using cats = await arrive(cat);
  const { page } = anns;
  const keys = page.keyboard;
  const dialog = page.getByRole("dialog");

  await anns.button("Create room").focus();
  await keys.press("Enter");
  await see(dialog);
  await keys.type("Pond");
  await dialog.getByRole("radio", { name: /^Private/ }).focus();
  await keys.press("Space");
  await dialog.getByRole("textbox", { name: "Name", exact: true }).focus();
  await keys.press("Enter");
  await anns.isIn("Pond");
  await keys.type("before anybody came");
  await keys.press("Enter");

  await anns.button("Room menu").focus();
  await keys.press("Enter");
  await page.getByRole("menuitem", { name: "Add people" }).press("Enter");
  await see(dialog.getByRole("searchbox", { name: "Find people" }));
  await keys.type("be");
  await see(dialog.getByRole("checkbox", { name: "ben" }));
  await seeNo(dialog.getByRole("checkbox", { name: "cat" }));
  await keys.press("Tab");
  await keys.press("Space");
  await dialog.getByRole("radio", { name: /All that you can read/ }).focus();
  await keys.press("Space");
  await shot(anns, "add-people");
  await keys.press("Enter");
  await seeNo(dialog);

  await bens.openRoom("Pond");
  await see(bens.articles.getByText("before anybody came"));
  await seeNo(cats.roomLink("Pond"));
  // Who is no admin there is shown nothing that only an admin may do.
  await bens.button("Room menu").click();
  await see(bens.page.getByRole("menuitem", { name: "Leave room" }));
  const offered = await bens.page.getByRole("menuitem").allTextContents();
  for (const deed of ["Room settings", "Add people", "Invite link", "Archive room", "Delete room"])
    expect(offered).not.toContain(deed);
  await bens.page.keyboard.press("Escape");

  await about(anns, "ben").focus();
  await keys.press("Enter");
  await keys.press("End");
  await keys.press("Enter");
  await see(page.getByRole("dialog", { name: "Remove ben?" }));
  await dialog.getByRole("radio", { name: /^Send out/ }).focus();
  await keys.press("ArrowDown");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("knocked the pond over");
  await shot(anns, "ban");
  await dialog.getByRole("button", { name: "Ban" }).focus();
  await keys.press("Enter");
  await see(anns.page.getByRole("region", { name: "Kept out" }).getByText(/knocked the pond over/));
  await see(bens.page.getByRole("heading", { name: "This room is not here" }));
  await seeNo(bens.roomLink("Pond"));
  await shot(anns, "removed");

  await anns.button("Undo: let ben come back").focus();
  await keys.press("Enter");
  await seeNo(page.getByRole("region", { name: "Kept out" }));
  await ann.api.addMembers(Number(page.url().split("/").at(-1)), [ben.id]);
  await bens.openRoom("Pond");
  await bens.button("Room menu").focus();
  await bens.page.keyboard.press("Enter");
  await bens.page.getByRole("menuitem", { name: "Leave room" }).press("Enter");
  await bens.page.getByRole("dialog").getByRole("button", { name: "Leave room" }).focus();
  await bens.page.keyboard.press("Enter");
  await seeNo(bens.roomLink("Pond"));
  await seeNo(about(anns, "ben"));
}, 60_000);

test("two people have one conversation whoever begins it, and a third comes in with the history that they are given", async () => {
  await using anns = await arrive(ann);
  await using bens = await arrive(ben);
  await using cats = await arrive(cat, PHONE);
  const keys = anns.page.keyboard;
  await anns.button("New message").focus();
  await keys.press("Enter");
  await see(anns.page.getByRole("dialog", { name: "New message" }));
  await keys.type("ben");
  const box = anns.page.getByRole("checkbox", { name: "ben" });
  await see(box);
  await box.focus();
  await keys.press("Space");
  await shot(anns, "new-message");
  await keys.press("Enter");
  await anns.isIn("ben");
  await seeNo(bens.roomLink("ann"));
  await anns.say("only you and me");
  await see(bens.roomLink("ann").getByText("1 unread"));
  await bens.openRoom("ann");
  await see(bens.articles.getByText("only you and me"));
  await bens.say("nobody else");
  await see(anns.articles.getByText("nobody else"));
  await shot(anns, "direct");
  // There is nothing to rename, delete or leave in a talk of two.
  await anns.button("Room menu").click();
  const offered = await anns.page.getByRole("menuitem").allTextContents();
  expect(offered).toContain("Add people");
  for (const deed of ["Room settings", "Leave conversation", "Delete room"]) expect(offered).not.toContain(deed);
  await anns.page.getByRole("menuitem", { name: "Add people" }).click();
  await anns.page.getByRole("checkbox", { name: "cat" }).check();
  await anns.page.getByRole("dialog").getByRole("button", { name: "Add", exact: true }).click();
  await anns.isIn("ben, cat");
  await anns.say("welcome");
  await see(cats.roomLink("ann, ben").getByText("1 unread"));
  await shot(cats, "phone-talks");
  await cats.openRoom("ann, ben");
  await seeThat(
    () => cats.reads(),
    (read) => expect(read).toEqual(["ann: welcome"]),
  );
  await shot(cats, "phone-direct");
  await bens.page.emulateMedia({ colorScheme: "dark" });
  await shot(bens, "direct-dark");
}, 60_000);

test("an admin gives roles, lets moderators alone write, hands the room over and archives it, and each sees what they may", async () => {
  const { id } = await ann.api.createRoom({ name: "Notices", kind: "private" });
  await ann.api.addMembers(id, [ben.id, cat.id]);
  await using anns = await arrive(ann);
  await using bens = await arrive(ben);
  await using cats = await arrive(cat, PHONE);
  for (const guest of [anns, bens, cats]) await guest.openRoom("Notices");

  await anns.button("Room menu").click();
  await anns.page.getByRole("menuitem", { name: "Room settings" }).click();
  await anns.page.getByRole("radio", { name: /Moderators and admins/ }).check();
  await shot(anns, "room-settings");
  await anns.button("Save").click();
  for (const guest of [bens, cats]) await see(guest.page.getByText("Only moderators and admins write in this room."));
  await shot(cats, "phone-announcement");

  await choose(anns, "ben", "Change role");
  await anns.page.getByRole("radio", { name: /^Moderator/ }).check();
  await shot(anns, "role");
  await anns.button("Save").click();
  await see(bens.composer);
  await bens.say("by a moderator");
  await see(cats.articles.getByText("by a moderator"));
  await see(bens.page.getByRole("region", { name: "Members" }).getByText("moderator"));

  // The only admin cannot go and leave the room to nobody.
  await anns.button("Room menu").click();
  await anns.page.getByRole("menuitem", { name: "Leave room" }).click();
  await anns.page.getByRole("dialog").getByRole("button", { name: "Leave room" }).click();
  await see(anns.page.getByText("The room needs an admin. Make somebody else one first."));
  await anns.page.keyboard.press("Escape");
  await choose(anns, "ben", "Hand the room over");
  await anns.page.getByRole("dialog").getByRole("button", { name: "Hand over" }).click();
  await see(anns.page.getByText("Only moderators and admins write in this room."));

  await bens.button("Room menu").click();
  await bens.page.getByRole("menuitem", { name: "Archive room" }).click();
  await bens.page.getByRole("dialog").getByRole("button", { name: "Archive room" }).click();
  for (const guest of [anns, bens]) await see(guest.page.getByText("This room is archived."));
  await see(cats.articles.getByText("by a moderator"));
  await shot(bens, "archived");
  await bens.button("Room menu").click();
  await bens.page.getByRole("menuitem", { name: "Bring back from the archive" }).click();
  await see(bens.composer);
}, 60_000);

test("a link brings in who has an account and who makes one by it, and nobody once it is taken back", async () => {
  await using house = await startTestServer({ RATE_LIMITS: "off", SIGNUP: "invite" });
  const [dora] = await people(house.url, "dora");
  await dora.api.createRoom({ name: "Attic", kind: "private" });
  await using doras = await Guest.at(house.url, browser);
  await doras.logIn("dora");
  await doras.openRoom("Attic");
  await using stranger = await Guest.at(house.url, browser, PHONE);
  await stranger.goTo("/signup");
  await see(stranger.page.getByText("On this server an account is made by invite."));

  await doras.button("Room menu").click();
  await doras.page.getByRole("menuitem", { name: "Invite link" }).click();
  await doras.button("Make a link").click();
  const link = await doras.page.getByLabel("The link").inputValue();
  await see(doras.page.getByText("used 0 of 10 times"));
  await shot(doras, "invite");
  const path = link.slice(new URL(link).origin.length);
  await stranger.goTo(path);
  await see(stranger.page.getByRole("heading", { name: "dora invites you" }), stranger.page.getByText("To Attic."));
  await shot(stranger, "phone-invite");
  await stranger.field("User name").fill("emil");
  await stranger.field("Password").fill("long enough for emil");
  await stranger.button("Create account").click();
  await stranger.isIn("Attic");
  await stranger.say("thank you");
  await doras.page.getByRole("dialog").getByRole("button", { name: "Close", exact: true }).last().click();
  await doras.button("Room menu").click();
  await doras.page.getByRole("menuitem", { name: "Invite link" }).click();
  await see(doras.page.getByText("used 1 of 10 times"), doras.articles.getByText("thank you"));

  await house.store.write("leave-room", { userId: 2 }, { roomId: 1 });
  await seeNo(stranger.roomLink("Attic"));
  await using again = await Guest.at(house.url, browser);
  await again.goTo(path);
  await again.page.getByRole("link", { name: "Log in" }).click();
  await again.field("User name").fill("emil");
  await again.field("Password").fill("long enough for emil");
  await again.button("Log in").click();
  await again.button("Come in as emil").click();
  await again.isIn("Attic");

  await doras.button("Take back link 1").click();
  await seeNo(doras.page.getByText("of 10 times"));
  await stranger.goTo("/login");
  await stranger.goTo(path);
  await see(stranger.page.getByText("This invite was taken back, is used up or too old."));
  expect(house.logged.join("\n")).not.toContain(link.split("#")[1] ?? "");
}, 60_000);
