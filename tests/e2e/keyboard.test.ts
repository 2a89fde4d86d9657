import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser, Locator, Page } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";

const MOST_STOPS = 40;

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

test("by keyboard alone one signs up, makes a room, talks, changes rooms, and logs out, and always sees where one is", async () => {
  await using house = await startTestServer();
  await using guest = await Guest.at(house.url, browser);
  const { page } = guest;
  const keys = page.keyboard;
  await guest.goTo("/");
  await seeFocus(guest.field("User name"));
  await keys.type("Keya");
  await tabTo(page, guest.field("Password"));
  await keys.type("a password by keys");
  await keys.press("Enter");
  await guest.isInside();

  for (const name of ["First", "Second"]) {
    await tabTo(page, guest.button("Create room"));
    await keys.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Create a room" });
    await seeFocus(dialog.getByRole("textbox", { name: "Name", exact: true }));
    await keys.type(name);
    await tabTo(page, dialog.getByRole("button", { name: "Create room" }));
    await keys.press("Enter");
    await guest.isIn(name);
    await seeFocus(guest.composer);
    await keys.type(`hello ${name}`);
    await keys.press("Shift+Enter");
    await keys.type("in two lines");
    await keys.press("Enter");
    await see(guest.articles.getByText(`hello ${name}`));
    await seeFocus(guest.composer);
  }

  await tabTo(page, guest.roomLink("First"), "back");
  await keys.press("Enter");
  await guest.isIn("First");
  await see(guest.articles.getByText("hello First"));
  await seeFocus(guest.composer);
  await keys.press("Escape");
  await seeFocus(guest.log);

  await tabTo(page, page.getByRole("link", { name: "your account" }), "back");
  await keys.press("Enter");
  await see(page.getByRole("heading", { name: "Account" }));
  await tabTo(page, guest.button("Log out"));
  await keys.press("Enter");
  await seePath(page, "/login");
  await seeFocus(guest.field("User name"));
}, 60_000);

test("a dialog takes the focus, keeps it and gives it back to what opened it, however it is closed", async () => {
  const guest = await inRoom("dialogs", "dia");
  const { page } = guest;
  const keys = page.keyboard;
  const dialog = page.getByRole("dialog");
  for (const close of ["Escape", "Close", "Cancel"]) {
    await tabTo(page, guest.button("Create room"));
    await keys.press("Enter");
    await seeFocus(dialog.getByRole("textbox", { name: "Name", exact: true }));
    if (close === "Escape") await keys.press("Escape");
    else {
      for (let stop = 0; stop < 12; stop++) {
        await keys.press("Tab");
        await seeFocus(dialog.locator("*:focus"));
      }
      await tabTo(page, dialog.getByRole("button", { name: close }));
      await keys.press("Enter");
    }
    await seeNo(dialog);
    await seeFocus(guest.button("Create room"));
  }

  const menu = guest.button("Room menu");
  const first = page.getByRole("menuitem").first();
  for (const item of [
    "Notifications",
    "Room settings",
    "Add people",
    "Invite link",
    "Archive room",
    "Leave room",
    "Delete room",
  ]) {
    await tabTo(page, menu);
    await keys.press("Enter");
    await seeFocus(first);
    const downs = (await page.getByRole("menuitem").allInnerTexts()).indexOf(item);
    for (let down = 0; down < downs; down++) await keys.press("ArrowDown");
    await seeFocus(page.getByRole("menuitem", { name: item }));
    await keys.press("Enter");
    await see(dialog);
    await seeFocus(dialog.locator("*:focus"));
    await keys.press("Escape");
    await seeNo(dialog);
    await seeFocus(menu);
  }
  await keys.press("Enter");
  await seeFocus(first);
  await keys.press("Escape");
  await seeFocus(menu);
  await guest.leave();
}, 60_000);

test("every page, light and dark, is free of serious barriers", async () => {
  await using house = await startTestServer({ RATE_LIMITS: "off" });
  await using guest = await Guest.at(house.url, browser);
  const { page } = guest;
  const barriers: string[] = [];
  const examine = async (name: string) => {
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      for (const barrier of await barriersOn(page)) barriers.push(`${name}, ${colorScheme}: ${barrier}`);
    }
  };

  await guest.goTo("/");
  await see(page.getByRole("heading", { name: "Welcome to your server" }));
  await examine("first run");
  const [ann, bo] = await people(house.url, "ann", "bo");
  const room = await ann.api.createRoom({ name: "Garden", description: "What grows and what does not" });
  await bo.api.joinRoom(room.id);
  await bo.api.createRoom({ name: "Elsewhere" });
  await guest.goTo("/login");
  await guest.button("Log in").click();
  await see(page.getByRole("alert"));
  await examine("log in, refused");
  await guest.goTo("/signup");
  await guest.button("Create account").click();
  await see(page.locator("[aria-invalid=true]"));
  await examine("sign up, refused");
  await guest.logIn("ann");
  await examine("no room chosen");

  for (const text of ["The beans are up.", "See https://example.org/beans"])
    await bo.api.sendMessage(room.id, { content: text });
  await see(guest.roomLink("Garden").getByText("2 unread"));
  await examine("unread rooms");
  await guest.openRoom("Garden");
  await see(guest.log.getByText("New", { exact: true }));
  await guest.composer.fill("x".repeat(8_001));
  await see(page.getByRole("alert"));
  await examine("a room");
  await guest.composer.fill("");
  await guest.button("Room menu").click();
  await see(page.getByRole("menu"));
  await examine("room menu");
  await page.keyboard.press("Escape");
  for (const item of ["Room settings", "Add people", "Invite link", "Archive room", "Leave room", "Delete room"]) {
    await guest.button("Room menu").click();
    await page.getByRole("menuitem", { name: item }).click();
    await see(page.getByRole("dialog"));
    await examine(item);
    await page.keyboard.press("Escape");
    await seeNo(page.getByRole("dialog"));
  }
  await guest.button("Create room").click();
  await see(page.getByRole("dialog"));
  await examine("create a room");
  await page.keyboard.press("Escape");
  await guest.goTo("/chat/rooms");
  await see(page.getByText("Elsewhere"));
  await examine("browse rooms");
  await guest.goTo("/chat/account");
  await see(page.getByText("This browser"));
  await examine("account");
  await guest.goTo("/chat/nowhere");
  await see(page.getByRole("heading", { name: "This room is not here" }));
  await examine("no such room");

  await page.setViewportSize({ width: 390, height: 844 });
  await guest.goTo("/chat");
  await see(guest.roomLink("Garden"));
  await examine("phone, rooms");
  await guest.openRoom("Garden");
  await examine("phone, a room");
  await page.getByRole("button", { name: /^People/ }).click();
  await see(page.getByRole("dialog", { name: "People" }));
  await examine("phone, people");
  expect(barriers).toEqual([]);
}, 60_000);

async function inRoom(name: string, username: string): Promise<Guest> {
  const [one] = await people(server.url, username);
  await one!.api.createRoom({ name });
  const guest = await Guest.at(server.url, browser);
  await guest.logIn(username);
  await guest.openRoom(name);
  return guest;
}

/** Presses Tab until the focus is there; at every stop on the way the focus must be somewhere and must be seen. */
async function tabTo(page: Page, target: Locator, way: "on" | "back" = "on"): Promise<void> {
  for (let stop = 0; stop < MOST_STOPS; stop++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press(way === "on" ? "Tab" : "Shift+Tab");
    const ring = await page.evaluate(ringOfFocus);
    // Beyond its last stop a page hands the focus to the browser's own bar and then begins anew.
    if (ring !== "nowhere") expect(ring).toBe("seen");
  }
  throw new Error(`No way by Tab to ${target}`);
}

async function seeFocus(thing: Locator): Promise<void> {
  await seeThat(
    () => hasFocus(thing),
    (is) => expect(is).toBe(true),
  );
  expect(await thing.page().evaluate(ringOfFocus)).toBe("seen");
}

async function hasFocus(thing: Locator): Promise<boolean> {
  const found = thing.first();
  return (await found.count()) > 0 && found.evaluate((element) => element === document.activeElement);
}

/** Whether the focused thing stands out: by a ring of its own or of what holds it. */
function ringOfFocus(): string {
  const focused = document.activeElement;
  if (!(focused instanceof HTMLElement) || focused === document.body) return "nowhere";
  const box = focused.getBoundingClientRect();
  const isInView = box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight;
  const hasRing = (element: Element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  };
  const around = [focused, focused.parentElement, focused.closest("label")].filter((each) => each !== null);
  if (isInView && around.some(hasRing)) return "seen";
  return `not seen: ${focused.outerHTML.slice(0, 200)} at ${JSON.stringify(box)}`;
}
