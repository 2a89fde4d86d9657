import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { ServerProcess } from "./server-process.ts";
import { see, seeThat } from "./sight.ts";

const EACH = 12;

let browser: Browser;

beforeAll(async () => {
  browser = await launchChromium();
});

afterAll(() => browser.close());

test("a server that is killed while two people talk comes back, and both see every message once and in one order", async () => {
  await using house = await ServerProcess.start();
  const [kai, kit] = await people(house.url, "kai", "kit");
  const room = await kai.api.createRoom({ name: "Killed" });
  await kit.api.joinRoom(room.id);
  const tall = { viewport: { width: 1280, height: 2_000 } };
  await using his = await Guest.at(house.url, browser, tall);
  await using hers = await Guest.at(house.url, browser, tall);
  await Promise.all([his.logIn("kai"), hers.logIn("kit")]);
  await Promise.all([his.openRoom("Killed"), hers.openRoom("Killed")]);

  const talk = Promise.all([speak(his, "kai"), speak(hers, "kit")]);
  await see(hers.articles.getByText("kai says 4"), his.articles.getByText("kit says 4"));
  await house.kill();
  await talk;
  await see(his.page.getByText(/Next try in|cannot be reached/), hers.page.getByText(/Next try in|cannot be reached/));
  await house.start();

  const all = [...linesOf("kai"), ...linesOf("kit")].sort();
  await seeThat(
    () => his.reads(),
    (read) => expect(read.toSorted()).toEqual(all),
  );
  await seeThat(
    () => hers.reads(),
    (read) => expect(read.toSorted()).toEqual(all),
  );
  await Promise.all([his.isOnline(), hers.isOnline()]);
  const stored = (await kai.api.messages(room.id, { limit: 100 })).items.map(
    (one) => `${one.username}: ${one.content}`,
  );
  expect(stored.filter((line) => line.startsWith("kai"))).toEqual(linesOf("kai"));
  expect(stored.filter((line) => line.startsWith("kit"))).toEqual(linesOf("kit"));
  await seeThat(
    () => his.reads(),
    (read) => expect(read).toEqual(stored),
  );
  await seeThat(
    () => hers.reads(),
    (read) => expect(read).toEqual(stored),
  );
});

async function speak(guest: Guest, name: string): Promise<void> {
  for (let at = 0; at < EACH; at++) await guest.say(`${name} says ${at}`);
}

function linesOf(name: string): string[] {
  return Array.from({ length: EACH }, (_, at) => `${name}: ${name} says ${at}`);
}
