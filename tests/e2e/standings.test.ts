import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
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
  await see(row.getByText("Ben", { exact: true }));
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

test("what somebody writes whom one blocked is folded, their talk is closed for both, and it ends with the block", async () => {
  const { id } = await ann.api.createRoom({ name: "Cellar" });
  await ann.api.addMembers(id, [ben.id]);
  await ben.api.sendMessage(id, { content: "I go on and on" });
  const talk = await ben.api.openDirect({ user_ids: [ann.id] });
  await ben.api.sendMessage(talk.id, { content: "and here too" });
  await using one = await Guest.at(server.url, browser);
  await using two = await Guest.at(server.url, browser, PHONE);
  await one.logIn("Ann", "Ann's long password");
  await two.logIn("Ben", "Ben's long password");
  await one.goTo(`/chat/people/${ben.id}`);
  await one.button("Block").click();
  await see(one.page.getByText(/You blocked this person/));
  await seeNo(one.button("Message"));
  expect(await barriersOn(one.page)).toEqual([]);
  await one.goTo(`/chat/${id}`);
  const folded = one.button("A message by somebody you blocked. Show it");
  await see(folded);
  await one.page.screenshot({ path: join(shots, "blocked-light.png") });
  await folded.click();
  await see(one.page.getByText("I go on and on"));
  await one.goTo(`/chat/${talk.id}`);
  await see(one.page.getByText(/Unblock them on their page/));
  await two.goTo(`/chat/${talk.id}`);
  await see(two.page.getByText("You may read in this room and not write."));
  expect(await barriersOn(two.page)).toEqual([]);
  await two.page.screenshot({ path: join(shots, "blocked-phone.png") });
  await ann.api.unblock(ben.id);
  await see(two.composer, one.composer);
}, 60_000);

test("favourites stand on top, and what is hidden comes back by itself with something unread, by keyboard", async () => {
  const loved = await ann.api.createRoom({ name: "Zoo" });
  const quiet = await ann.api.createRoom({ name: "Attic" });
  await ann.api.addMembers(quiet.id, [ben.id]);
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("Ann", "Ann's long password");
  await guest.goTo(`/chat/${loved.id}`);
  const { page } = guest;
  const choose = async (label: string) => {
    await page.getByRole("button", { name: "Room menu" }).focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menuitem", { name: label }).press("Enter");
  };
  await choose("Add to favourites");
  await see(page.getByRole("list", { name: "Favourites" }).getByText("Zoo"));
  await guest.openRoom("Attic");
  await choose("Hide while quiet");
  await guest.openRoom("Zoo");
  await see(guest.button("Show 1 hidden"));
  await seeNo(page.getByRole("navigation").getByText("Attic"));
  expect(await barriersOn(page)).toEqual([]);
  await page.screenshot({ path: join(shots, "favourites-light.png") });
  await guest.button("Show 1 hidden").press("Enter");
  await see(page.getByRole("navigation").getByText("Attic"));
  await guest.button("Hide the hidden again").press("Enter");
  await seeNo(page.getByRole("navigation").getByText("Attic"));
  await ben.api.sendMessage(quiet.id, { content: "a noise upstairs" });
  await see(page.getByRole("navigation").getByText("Attic"));
  await page.setViewportSize(PHONE.viewport);
  await guest.goTo("/chat");
  await see(page.getByRole("list", { name: "Favourites" }).getByText("Zoo"));
  await page.screenshot({ path: join(shots, "favourites-phone.png") });
}, 60_000);

test("a guest comes in by a link, sees one room and its people, and nothing that is not theirs, at a desk and on a phone", async () => {
  const { id } = await ann.api.createRoom({ name: "Veranda" });
  await ann.api.sendMessage(id, { content: "come in and sit down" });
  const { token } = await ann.api.makeInvite({ room_ids: [id], guest: true });
  await using guest = await Guest.at(server.url, browser);
  const faults = await watch(guest);
  const { page } = guest;
  await guest.goTo(`/chat/invite#${token}`);
  await see(page.getByText(/A new account is a guest's/));
  await guest.field("User name").fill("Gwen");
  await guest.field("Password").fill("Gwen's long password");
  await guest.button("Create account").click();
  await guest.isIn("Veranda");
  await see(page.getByText("come in and sit down"));
  await page.getByRole("link", { name: "Parlour" }).click();
  await see(page.getByText("Choose one of your rooms on the left."));
  await seeNo(guest.button("Browse rooms"), guest.button("Create a room"));
  await guest.openRoom("Veranda");
  await seeNo(page.getByRole("link", { name: "Browse rooms" }));
  await seeNo(guest.button("Create room"));
  await seeNo(page.getByRole("navigation").getByText("Kitchen"));
  await page.getByRole("link", { name: "People" }).click();
  await see(
    page.getByText("Those who are in your rooms."),
    page.getByRole("list", { name: "People" }).getByText("Ann"),
  );
  await seeNo(page.getByRole("list", { name: "People" }).getByText("Ben"));
  expect(await barriersOn(page)).toEqual([]);
  await page.screenshot({ path: join(shots, "guest-light.png") });
  await page.setViewportSize(PHONE.viewport);
  await guest.goTo("/chat");
  await see(page.getByRole("navigation").getByText("Veranda"));
  await page.screenshot({ path: join(shots, "guest-phone.png") });
  await using host = await Guest.at(server.url, browser);
  await host.logIn("Ann", "Ann's long password");
  await host.goTo(`/chat/${id}`);
  await see(host.page.getByRole("region", { name: "Members" }).getByText("guest", { exact: true }));
  await host.button("Room menu").click();
  await host.page.getByRole("menuitem", { name: "Invite link" }).click();
  await see(host.page.getByRole("radio", { name: /^Guests/ }));
  await host.page.screenshot({ path: join(shots, "guest-invite.png") });
  await host.page.keyboard.press("Escape");
  await guest.openRoom("Veranda");
  await host.button("About Gwen").click();
  await host.page.getByRole("menuitem", { name: "Remove from room" }).click();
  await see(host.page.getByText("They see it no more until somebody adds or invites them."));
  await host.page.getByRole("dialog").getByRole("button", { name: "Send out" }).click();
  await see(page.getByText(/Somebody who leads it can add you/));
  await seeNo(page.getByRole("link", { name: "Browse the public rooms" }));
  expect(faults).toEqual([]);
}, 60_000);
