import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { eventually } from "#tests/support/eventually.ts";
import { MailServer } from "#tests/support/mail-server.ts";
import { person } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");

let browser: Browser;
let mail: MailServer;
let server: TestServer;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  mail = new MailServer();
  browser = await launchChromium();
  server = await startTestServer({
    SMTP_URL: mail.url,
    SMTP_FROM: "parlour@example.org",
    PUBLIC_URL: "http://chat.example.org",
    RATE_LIMITS: "off",
  });
  await person(server.url, "Root");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await mail[Symbol.asyncDispose]();
});

test.each([
  ["desktop", {}],
  ["phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
] as const)(
  "somebody gives their address, shows that it is theirs, and asks for letters: on a %s",
  async (where, options) => {
    await using ann = await Guest.at(server.url, browser, options);
    const { page } = ann;
    const faults = await watch(ann);
    const email = `ann.${where}@example.org`;
    await ann.signUp(`Ann on a ${where}`);
    await ann.goTo("/chat/account");
    await ann.field("E-mail address").fill(email);
    await ann.button("Save address").click();
    await ann.button("Send me a link").click();
    await see(page.getByText(`A link is on its way to ${email}.`));
    await page.getByRole("heading", { name: "E-mail" }).scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(shots, `letters-${where}-asked.png`) });
    await eventually(() => expect(mail.to(email)).toHaveLength(1));
    const link = /http:\/\/chat\.example\.org(\/chat\/mail#\S+)/.exec(mail.to(email)[0]?.text ?? "")?.[1] ?? "";

    await ann.goTo(link);
    await see(page.getByRole("heading", { name: "Is this your address?" }));
    expect(await barriersOn(page)).toEqual([]);
    await page.screenshot({ path: join(shots, `letters-${where}-link.png`) });
    await ann.button("It is mine").click();
    await see(page.getByText("Your address is confirmed."));
    await page.getByRole("link", { name: "To your account" }).click();
    const wish = page.getByLabel("Write to me about what I did not read");
    await see(wish);
    await wish.click();
    await eventually(async () => expect(await wish.isChecked()).toBeTrue());
    await page.reload();
    await see(wish);
    expect(await wish.isChecked()).toBeTrue();
    expect(await barriersOn(page)).toEqual([]);
    await wish.scrollIntoViewIfNeeded();
    await page.screenshot({ path: join(shots, `letters-${where}-on.png`) });
    await ann.goTo("/chat/mail#stop.cut");
    await ann.goTo("/chat/mail");
    await see(page.getByText("This link is not whole"));
    expect(faults).toEqual([]);
  },
  60_000,
);
