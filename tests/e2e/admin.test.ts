import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { type Person, people, person } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let ann: Person;
let operator: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [operator, ann] = await people(server.url, "Root", "Ann", "Ben");
  const garden = await ann.api.createRoom({ name: "Garden", kind: "private" });
  await ann.api.addMembers(garden.id, [3]);
  await ann.api.createRoom({ name: "Plans" });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("an admin finds a person, deactivates them, lets them in again and makes them a link, by keyboard", async () => {
  await using root = await Guest.at(server.url, browser);
  const faults = await watch(root);
  await using home = await Guest.at(server.url, browser);
  await home.logIn("Ben", "Ben's long password");
  await root.logIn("Root", "Root's long password");
  const { page } = root;
  const keys = page.keyboard;
  await tabTo(page, page.getByRole("link", { name: "Administration" }));
  await keys.press("Enter");
  await tabTo(page, page.getByRole("searchbox", { name: "Find a person" }));
  await keys.type("be");
  await seeNo(accounts(page).getByText("Ann"));

  await choose(page, "Actions for Ben", "Deactivate");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Deactivate" }));
  await keys.press("Enter");
  await see(accounts(page).getByText("deactivated"));
  await seePath(home.page, "/login");

  await choose(page, "Actions for Ben", "Let in again");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Let in again" }));
  await keys.press("Enter");
  await seeNo(accounts(page).getByText("deactivated"));

  await choose(page, "Actions for Ben", "Make a password link");
  await tabTo(page, page.getByRole("dialog").getByRole("button", { name: "Make the link" }));
  await keys.press("Enter");
  const link = await page.getByRole("textbox", { name: "Password link" }).inputValue();
  expect(await barriersOn(page)).toEqual([]);
  await keys.press("Escape");
  await home.page.goto(link);
  await see(home.page.getByRole("heading", { name: "Hello, Ben" }));
  await home.page.keyboard.type("Ben's next long password");
  await home.page.keyboard.press("Enter");
  await home.isInside();

  await tabTo(page, page.getByRole("link", { name: "Audit log" }), "back");
  await keys.press("Enter");
  await see(page.getByText("Root made a password link for Ben"), page.getByText("Root deactivated Ben"));
  const kept = page.waitForEvent("download");
  await tabTo(page, root.button("Export as CSV"));
  await keys.press("Enter");
  expect((await kept).suggestedFilename()).toBe("audit.csv");
  expect(await Bun.file(await (await kept).path()).text()).toContain("account.deactivated,3,Ben");
  expect(faults).toEqual([]);
}, 60_000);

test("an admin invites into several rooms or none, sees whose invites there are and what is left of them, and takes them back", async () => {
  const { token: anns } = await ann.api.makeInvite({ room_ids: [(await ann.api.createRoom({ name: "Annex" })).id] });
  expect(anns).toHaveLength(32);
  await ann.api.createRoom({ name: "Lobby" });
  await using root = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin/invites");
  const { page } = root;
  for (const name of ["Lobby", "Annex"]) {
    await root.field("Rooms that it leads into").fill(name.toLowerCase());
    await page
      .getByRole("list", { name: /found$/ })
      .getByRole("button", { name })
      .click();
  }
  // A private room that the admin is not in is not theirs to invite into.
  await root.field("Rooms that it leads into").fill("Garden");
  await see(page.getByText("Nothing has that in its name."));
  await root.field("For how many people").fill("0");
  await root.button("Make an invite").click();
  await see(page.getByText(/uses/));
  await root.field("For how many people").fill("2");
  await root.button("Make an invite").click();
  const link = await page.getByLabel("The link").inputValue();
  const rows = page.getByRole("list", { name: "Invites" }).getByRole("listitem");
  await see(rows.filter({ hasText: "Lobby" }).getByText("By Root, used 0 of 2 times"));
  await see(rows.filter({ hasText: "By Ann" }));
  await root.button("Take out Lobby").click();
  await root.button("Take out Annex").click();
  await root.button("Make an invite").click();
  await see(rows.getByText("An account, and no room"));
  expect(await barriersOn(page)).toEqual([]);

  await using guest = await Guest.at(server.url, browser);
  await guest.page.goto(link);
  await guest.field("User name").fill("invited");
  await guest.field("Password").fill("long enough for them");
  await guest.button("Create account").click();
  await see(guest.roomLink("Lobby"), guest.roomLink("Annex"));

  await rows.filter({ hasText: "By Ann" }).getByRole("button").click();
  await seeNo(rows.filter({ hasText: "By Ann" }));
  expect(await ann.api.lookAtInvite(anns).catch((error: { code: string }) => error.code)).toBe("not_found");
}, 60_000);

test("a choice of the settings holds at once, says where it comes from, and is undone", async () => {
  await using root = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin/settings");
  const { page } = root;
  await see(page.getByText("The default: SIGNUP is not set."));
  await page.getByRole("radio", { name: /^Nobody/ }).click();
  await see(page.getByText(/An admin chose this here/));
  expect(await person(server.url, "late").catch(() => "refused")).toBe("refused");
  await root.button("Undo the choice: Who may make an account").click();
  await seeNo(page.getByText(/An admin chose this here/));
});

test("an admin deletes a public room, and sees of a private one no more than its name and size", async () => {
  await using root = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin/rooms");
  const rows = root.page.getByRole("list", { name: "Rooms by size" }).getByRole("listitem");
  await see(rows.first());
  expect(await rows.first().innerText()).toMatch(/Garden\s*private\s+2 members/);
  await seeNo(root.button("Delete Garden"));
  await root.button("Delete Plans").click();
  await root.button("Delete room").click();
  await seeNo(rows.getByText("Plans"));
});

test("while sign-up is closed an admin makes an account, and its person comes in by the link", async () => {
  await using root = await Guest.at(server.url, browser);
  await using home = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin/people");
  await operator.api.changeSetting("signup", "closed");
  await root.button("Make an account").click();
  const dialog = root.page.getByRole("dialog", { name: "Make an account" });
  await dialog.getByLabel("User name").fill("Ann");
  await dialog.getByRole("button", { name: "Make account" }).click();
  await see(dialog.getByText("taken"));
  await dialog.getByLabel("User name").fill("Dee");
  expect(await barriersOn(root.page)).toEqual([]);
  await dialog.getByRole("button", { name: "Make account" }).click();
  const link = await root.page.getByRole("textbox", { name: "Password link" }).inputValue();
  await root.button("Done").click();
  await see(accounts(root.page).getByText("Dee"));
  await home.page.goto(link);
  await see(home.page.getByRole("heading", { name: "Hello, Dee" }));
  await home.page.keyboard.type("Dee's own long password");
  await home.page.keyboard.press("Enter");
  await home.isInside();
  await root.goTo("/chat/admin/audit");
  await see(root.page.getByText("Root made the account of Dee"));
  await root.field("Act").selectOption("setting.changed");
  await seeNo(root.page.getByText("Root made the account of Dee"));
  await see(root.page.getByRole("listitem").getByText("changed a setting"));
  await root.field("Person").fill("De");
  await root.page.getByRole("list", { name: "Person: found" }).getByRole("button", { name: "Dee" }).click();
  await see(root.page.getByText("No such act was found."));
  expect(await barriersOn(root.page)).toEqual([]);
  await root.button("Show all").click();
  await see(root.page.getByText("Root made the account of Dee"));
  await operator.api.changeSetting("signup", null);
}, 60_000);

test("an admin erases somebody with their words, by keyboard, and they are in no list any more", async () => {
  await person(server.url, "Zed");
  await using root = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin");
  const { page } = root;
  await choose(page, "Actions for Zed", "Erase");
  const dialog = page.getByRole("dialog");
  await tabTo(page, dialog.getByRole("radio", { name: /^Stays/ }));
  await page.keyboard.press("ArrowDown");
  expect(await barriersOn(page)).toEqual([]);
  await page.screenshot({ path: join(shots, "admin-erase-light.png") });
  await tabTo(page, dialog.getByRole("button", { name: "Erase for good" }));
  await page.keyboard.press("Enter");
  await seeNo(accounts(page).getByText("Zed"));
  await page.getByRole("link", { name: "Audit log" }).click();
  await see(page.getByText("Root erased former member"), page.getByText(/words: erased/));
});

test("who is no admin finds neither the way to the page nor the page", async () => {
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("Ann", "Ann's long password");
  await seeNo(guest.page.getByRole("link", { name: "Administration" }));
  await guest.goTo("/chat/admin");
  await see(guest.page.getByText("Only an admin of this server can look at this page."));
});

test("every part of the page can be read by everybody, light, dark and on a phone", async () => {
  for (const [look, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { ...PHONE, colorScheme: "light" }],
  ] as const) {
    await using root = await Guest.at(server.url, browser, options);
    await root.logIn("Root", "Root's long password");
    for (const [part, sign] of [
      ["people", "Actions for Ann"],
      ["rooms", "Garden"],
      ["invites", "Make an invite"],
      ["settings", "Who may make rooms"],
      ["health", "Disk left"],
      ["audit", "Export as CSV"],
    ] as const) {
      await root.goTo(`/chat/admin/${part}`);
      const main = root.page.getByRole("main");
      await see(main.getByText(sign).or(main.getByLabel(sign)));
      expect({ look, part, barriers: await barriersOn(root.page) }).toEqual({ look, part, barriers: [] });
      expect(await root.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      if (look !== "dark") await root.page.screenshot({ path: join(shots, `admin-${part}-${look}.png`) });
    }
  }
}, 60_000);

function accounts(page: Page): Locator {
  return page.getByRole("list", { name: "Accounts" });
}

async function choose(page: Page, menu: string, item: string): Promise<void> {
  await see(page.getByRole("button", { name: menu }));
  await page.getByRole("button", { name: menu }).focus();
  await page.keyboard.press("Enter");
  const wanted = page.getByRole("menuitem", { name: item });
  for (let at = 0; at < 6 && !(await isFocused(wanted)); at++) await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await see(page.getByRole("dialog"));
}

async function tabTo(page: Page, to: Locator, way: "on" | "back" = "on"): Promise<void> {
  await see(to);
  for (let stop = 0; stop < 40; stop++) {
    if (await isFocused(to)) return;
    await page.keyboard.press(way === "on" ? "Tab" : "Shift+Tab");
  }
  throw new Error(`${to} is not met by Tab`);
}

function isFocused(thing: Locator): Promise<boolean> {
  return thing.evaluate((element) => element === document.activeElement).catch(() => false);
}
