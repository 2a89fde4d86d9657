import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, ann, ben] = await people(server.url, "Root", "Ann", "Ben");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("an admin asks what Ben may do in a room and is told why he cannot write there, by keyboard", async () => {
  const { id } = await ann.api.createRoom({ name: "Garden" });
  await ann.api.addMembers(id, [ben.id]);
  await ann.api.giveRole(id, ben.id, "reader");
  await using root = await Guest.at(server.url, browser);
  const faults = await watch(root);
  await root.logIn("Root", "Root's long password");
  await root.goTo("/chat/admin/may");
  const { page } = root;
  await page.getByRole("searchbox", { name: "Person" }).focus();
  await page.keyboard.type("be");
  await see(page.getByRole("list", { name: "Person: found" }).getByText("Ben"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("searchbox", { name: "Room" }).focus();
  await page.keyboard.type("gard");
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await see(page.getByText("Readers cannot write. An admin of the room can make Ben a member.").first());
  expect(await barriersOn(page)).toEqual([]);
  await page.screenshot({ path: join(shots, "may-light.png"), fullPage: true });
  await page.setViewportSize(PHONE.viewport);
  await page.screenshot({ path: join(shots, "may-phone.png"), fullPage: true });
  expect(faults).toEqual([]);
}, 60_000);

test("a new display name and colour are seen at once by who has the room open, in messages, members and talks", async () => {
  const { id } = await ann.api.createRoom({ name: "Kitchen" });
  await ann.api.addMembers(id, [ben.id]);
  await ben.api.sendMessage(id, { content: "bread is in the oven" });
  const talk = await ben.api.openDirect({ user_ids: [ann.id] });
  await ben.api.sendMessage(talk.id, { content: "hello Ann" });
  await using guest = await Guest.at(server.url, browser);
  const faults = await watch(guest);
  await guest.logIn("Ann", "Ann's long password");
  await guest.goTo(`/chat/${id}`);
  const { page } = guest;
  await see(page.getByText("bread is in the oven"));
  await ben.api.changeProfile({ display_name: "Benedict Baker", hue: 20 });
  const row = page.getByRole("article").filter({ hasText: "bread is in the oven" });
  await see(row.getByText("Benedict Baker"), page.getByRole("link", { name: /Benedict Baker/ }).first());
  expect(await row.getByText("Benedict Baker").getAttribute("title")).toBe("Ben");
  await page.reload();
  await see(row.getByText("Benedict Baker"));
  expect(await barriersOn(page)).toEqual([]);
  await page.screenshot({ path: join(shots, "names-light.png") });
  await page.setViewportSize(PHONE.viewport);
  await see(row.getByText("Benedict Baker"));
  await page.screenshot({ path: join(shots, "names-phone.png") });
  await ben.api.changeProfile({ display_name: "", hue: null });
  await see(row.getByText("Ben", { exact: true }));
  expect(faults).toEqual([]);
}, 60_000);
