import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContextOptions } from "playwright-core";
import { Chat } from "#client/chat.ts";
import { systemClock } from "#client/clock.ts";
import { systemRandom } from "#client/nonce.ts";
import { tokenSession } from "#client/session.ts";
import { browserSocket } from "#client/socket.ts";
import { memoryQueue } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { heldClock } from "../../bin/demo/held-clock.ts";
import { PASSWORD, seedDemo } from "../../bin/demo/seed.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

// The time stands still, so that a picture changes only when what it shows does.
const NOW = new Date(2026, 4, 14, 16, 52).getTime();
const DESK = { viewport: { width: 1280, height: 800 }, colorScheme: "light" } as const;
const PHONE = {
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  deviceScaleFactor: 2,
  colorScheme: "light",
} as const;

const ROOM = "Kitchen";

const root = join(import.meta.dir, "../..");
const shots = join(root, "tests/e2e/shots");
const pictures = process.env.UPDATE_PICTURES === "1" ? join(root, "docs/pictures") : shots;
const dataDir = mkdtempSync(join(tmpdir(), "parlour-pictures-"));
const clock = heldClock(NOW);

let browser: Browser;
let server: TestServer;
const present: Chat[] = [];

beforeAll(async () => {
  for (const folder of [shots, pictures]) mkdirSync(folder, { recursive: true });
  await seedDemo({ dataDir, now: NOW });
  browser = await launchChromium();
  server = await startTestServer({ DATA_DIR: dataDir, DATABASE_URL: "", RATE_LIMITS: "off" }, { clock });
}, 60_000);

afterAll(async () => {
  for (const chat of present) chat.stop();
  await browser.close();
  await server[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true, force: true });
});

test("the pictures in the docs show a lively room, light, dark and on a phone", async () => {
  for (const username of ["bob", "carol", "dan"]) present.push(await sitDown(username, ROOM));
  await using desk = await alice(DESK);
  await using phone = await alice(PHONE);
  for (const guest of [desk, phone]) {
    await guest.openRoom(ROOM);
    await see(guest.page.getByRole("button", { name: "People, 4 here now" }));
  }
  await see(desk.log.getByText("New", { exact: true }));
  await picture(desk, join(pictures, "light.png"));
  await desk.page.emulateMedia({ colorScheme: "dark" });
  await picture(desk, join(pictures, "dark.png"));
  await picture(phone, join(pictures, "phone.png"));
}, 60_000);

test("no page is wider than its screen, on a desk or on a phone", async () => {
  for (const [device, options] of [
    ["desk", DESK],
    ["phone", { ...PHONE, colorScheme: "dark" }],
  ] as const) {
    const shot = (guest: Guest, name: string) => picture(guest, join(shots, `${device}-${name}.png`));
    await doors(options, shot);
    await using guest = await alice(options);
    const { page } = guest;
    await see(guest.roomLink("General"));
    await shot(guest, "rooms");
    await guest.openRoom("Book club");
    await shot(guest, "room");
    await guest.button("Room menu").click();
    await shot(guest, "menu");
    await page.getByRole("menuitem", { name: "Add people" }).click();
    await seeThat(
      () => page.getByRole("dialog").getByRole("listitem").allTextContents(),
      (names) => expect(names).toEqual(["Bbob"]),
    );
    await shot(guest, "add-people");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: /^People/ }).click();
    if (device === "phone") await see(page.getByRole("dialog", { name: "People" }).getByText("carol"));
    await shot(guest, "people");
    await guest.goTo("/chat/rooms");
    await see(page.getByText("Joined"));
    await shot(guest, "browse");
    await guest.goTo("/chat/account");
    await see(page.getByText("This browser"));
    await shot(guest, "account");
    await guest.goTo("/chat");
    await guest.button("Create room").click();
    const dialog = page.getByRole("dialog");
    await see(dialog);
    await shot(guest, "create");
    await dialog.getByLabel("Name", { exact: true }).fill(`Empty (${device})`);
    await dialog.getByRole("button", { name: "Create room" }).click();
    await see(page.getByRole("heading", { name: "Nothing said yet" }));
    await shot(guest, "empty");
    await guest.goTo("/chat/nowhere");
    await see(page.getByRole("heading", { name: "This room is not here" }));
    await shot(guest, "no-room");
  }
}, 60_000);

/** The pages before the login, of this server and of an empty one. */
async function doors(options: BrowserContextOptions, shot: (guest: Guest, name: string) => Promise<void>) {
  await using empty = await startTestServer();
  await using first = await Guest.at(empty.url, browser, options);
  await first.goTo("/");
  await see(first.page.getByRole("heading", { name: "Welcome to your server" }));
  await shot(first, "first-run");
  await using guest = await Guest.at(server.url, browser, options);
  await guest.goTo("/login");
  await see(guest.button("Log in"));
  await shot(guest, "login");
  await guest.goTo("/signup");
  await guest.field("User name").fill("alice");
  await guest.field("Password").fill("short");
  await guest.button("Create account").click();
  await see(guest.page.locator("[aria-invalid=true]"));
  await shot(guest, "signup");
}

async function alice(options: BrowserContextOptions): Promise<Guest> {
  const guest = await Guest.at(server.url, browser, options);
  await guest.context.clock.setFixedTime(NOW);
  await guest.logIn("alice", PASSWORD);
  return guest;
}

/** Somebody who has the room open and says nothing. */
async function sitDown(username: string, roomName: string): Promise<Chat> {
  const caller = { base: server.url, fetch, clock: systemClock };
  const session = tokenSession({ ...caller, random: systemRandom, from: { username, password: PASSWORD } });
  const chat = new Chat({ ...caller, session, openSocket: browserSocket, random: systemRandom, queue: memoryQueue() });
  chat.start();
  const find = () => chat.rooms().find(({ room }) => room.name === roomName)?.room.id;
  await seeThat(
    async () => find(),
    (id) => expect(id).toBeNumber(),
  );
  await chat.openRoom(find() ?? 0);
  return chat;
}

async function picture(guest: Guest, path: string): Promise<void> {
  await guest.page.evaluate(() => document.fonts.ready);
  await guest.page.screenshot({ path, animations: "disabled", caret: "hide" });
  const [content, screen] = await guest.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  expect(content).toBeLessThanOrEqual(screen!);
}
