import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { manyPeople, SECRET } from "#tests/support/many-people.ts";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seeThat } from "./sight.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const CROWD = 1_150;

let browser: Browser;
let server: TestServer;
let root: Person;
let ann: Person;
let roomId: number;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off", SECRET_KEY: SECRET });
  [root, ann] = await people(server.url, "root", "ann");
  const crowd = await manyPeople(server.store, CROWD, "walker ");
  roomId = (await ann.api.createRoom({ name: "Square", kind: "private" })).id;
  for (let from = 0; from < CROWD; from += 100) {
    const part = crowd.slice(from, from + 100).map(({ id }) => id);
    await ann.api.addMembers(roomId, part);
  }
  for (let made = 0; made < 101; made++) {
    const room = { name: `Hall ${made}`, kind: "private" } as const;
    await ann.api.addMembers((await ann.api.createRoom(room)).id, [root.id]);
  }
}, 60_000);

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("in a room of very many their true number is shown, anybody is found by name and put out, and all are in the list", async () => {
  await using anns = await Guest.at(server.url, browser);
  await anns.logIn("ann");
  await anns.openRoom("Square");
  const members = anns.page.getByRole("region", { name: "Members" });
  await see(members.getByRole("heading", { name: `Members ${CROWD + 1}` }));
  const rows = members.getByRole("listitem");
  expect(await rows.count()).toBe(100);

  await members.getByRole("searchbox", { name: "Find a member" }).fill("Walker 1149");
  await see(anns.button("About walker 1149"));
  await seeThat(
    () => rows.count(),
    (count) => expect(count).toBe(1),
  );
  await anns.page.screenshot({ path: join(shots, "large-room.png") });
  expect(await barriersOn(anns.page)).toEqual([]);
  await anns.button("About walker 1149").click();
  await anns.page.getByRole("menuitem", { name: "Remove from room" }).click();
  const dialog = anns.page.getByRole("dialog");
  await dialog.getByRole("radio", { name: /^Ban/ }).check();
  await dialog.getByRole("button", { name: "Ban" }).click();
  await see(members.getByText("Nobody in this room has that in their name."));
  await see(members.getByRole("heading", { name: `Members ${CROWD}` }));
  await see(anns.page.getByRole("region", { name: "Kept out" }).getByText("walker 1149"));

  await members.getByRole("searchbox", { name: "Find a member" }).fill("");
  for (let shown = 200; shown <= 1_000; shown += 100) {
    await members.getByRole("button", { name: "Show more" }).click();
    await seeThat(
      () => rows.count(),
      (count) => expect(count).toBe(shown),
    );
  }
  await members.getByRole("button", { name: "Show more" }).click();
  await seeThat(
    () => rows.count(),
    (count) => expect(count).toBe(1_100),
  );
  await members.getByRole("button", { name: "Show more" }).click();
  await seeThat(
    () => rows.count(),
    (count) => expect(count).toBe(CROWD),
  );
  await seeNo(members.getByRole("button", { name: "Show more" }));
}, 120_000);

test("on a phone the members of a large room are found in the sheet of people", async () => {
  await using anns = await Guest.at(server.url, browser, PHONE);
  await anns.logIn("ann");
  await anns.openRoom("Square");
  await anns.page.getByRole("button", { name: /^People/ }).click();
  const sheet = anns.page.getByRole("dialog", { name: "People" });
  await sheet.getByRole("searchbox", { name: "Find a member" }).fill("walker 1100");
  await see(sheet.getByText("walker 1100"));
  await anns.page.screenshot({ path: join(shots, "large-room-phone.png") });
  expect(await barriersOn(anns.page)).toEqual([]);
}, 60_000);

test("an admin asks who may do what in any room by its name, however many larger ones there are", async () => {
  await ann.api.createRoom({ name: "Сад", kind: "public" });
  await using roots = await Guest.at(server.url, browser);
  await roots.logIn("root");
  await roots.goTo("/chat/admin/may");
  await roots.field("Person").fill("walker 777");
  await roots.button("walker 777").click();
  await roots.field("Room").fill("сад");
  await roots.button("Сад").click();
  await see(roots.page.getByRole("heading", { name: "walker 777 in Сад: not in the room" }));
  await roots.goTo("/chat/admin/rooms");
  await roots.page.getByRole("searchbox", { name: "Find a room" }).fill("САД");
  const rows = roots.page.getByRole("list", { name: "Rooms by size" }).getByRole("listitem");
  await seeThat(
    () => rows.allInnerTexts(),
    (texts) => expect(texts.map((text) => text.split("\n")[0])).toEqual(["Сад"]),
  );
  await roots.page.screenshot({ path: join(shots, "admin-rooms-found.png") });
}, 60_000);
