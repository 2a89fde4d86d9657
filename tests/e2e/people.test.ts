import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { people } from "#tests/support/people.ts";
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

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  const [, , cat] = await people(server.url, "Root", "Ann", "Cat");
  await cat.api.changeProfile({ display_name: "Cat of the Roofs", hue: 20, status: { text: "asleep", until: null } });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

test("somebody says by keyboard who they are, and another finds them and talks to them", async () => {
  await using ann = await Guest.at(server.url, browser);
  const faults = await watch(ann);
  await ann.logIn("Ann", "Ann's long password");
  const { page } = ann;
  const keys = page.keyboard;
  await ann.goTo("/chat/account");
  await tabTo(page, ann.field("Display name"));
  await keys.type("Ann of the Garden");
  await tabTo(page, ann.field("Time zone"));
  await keys.type("Asia/Tokyo");
  await tabTo(page, ann.field("Status"));
  await keys.type("planting beans");
  await tabTo(page, ann.button("Save profile"));
  await keys.press("Enter");
  await see(page.getByText("Your profile is saved."));
  expect(await barriersOn(page)).toEqual([]);

  const kept = page.waitForEvent("download");
  await ann.button("Export my data").click();
  const file = JSON.parse(await Bun.file(await (await kept).path()).text()) as { profile: object };
  expect(file.profile).toMatchObject({ display_name: "Ann of the Garden", time_zone: "Asia/Tokyo" });

  await using root = await Guest.at(server.url, browser);
  await root.logIn("Root", "Root's long password");
  await root.page.getByRole("link", { name: "People", exact: true }).click();
  await root.page.getByRole("searchbox", { name: "Find a person" }).fill("garden");
  const list = root.page.getByRole("list", { name: "People" });
  await seeNo(list.getByText("Cat of the Roofs"));
  await list.getByRole("link", { name: "Ann of the Garden" }).click();
  await see(root.page.getByText("planting beans"), root.page.getByText(/Asia\/Tokyo/));
  await root.button("Message").click();
  await seePath(root.page, /^\/chat\/\d+$/);
  await see(root.composer);
  expect(faults).toEqual([]);
}, 60_000);

test("the list, a person's page and one's own can be read by everybody, light, dark and on a phone", async () => {
  for (const [look, options] of [
    ["light", { colorScheme: "light" }],
    ["dark", { colorScheme: "dark" }],
    ["phone", { ...PHONE, colorScheme: "light" }],
  ] as const) {
    await using root = await Guest.at(server.url, browser, options);
    await root.logIn("Root", "Root's long password");
    for (const [name, path, sign] of [
      ["people", "/chat/people", "Cat of the Roofs"],
      ["person", "/chat/people/3", "Here since"],
      ["profile", "/chat/account", "Display name"],
    ] as const) {
      await root.goTo(path);
      const main = root.page.getByRole("main");
      await see(main.getByText(sign));
      expect({ look, name, barriers: await barriersOn(root.page) }).toEqual({ look, name, barriers: [] });
      expect(await root.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
      if (look !== "dark") await root.page.screenshot({ path: join(shots, `${name}-${look}.png`) });
    }
  }
}, 60_000);

async function tabTo(page: Page, to: Locator): Promise<void> {
  await see(to);
  for (let stop = 0; stop < 40; stop++) {
    if (await to.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`${to} is not met by Tab`);
}
