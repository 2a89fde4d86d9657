import { expect, test } from "bun:test";
import { person } from "#tests/support/people.ts";
import { parlourSays } from "#tests/support/run-parlour.ts";
import { startTestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seePath } from "./sight.ts";

test("an operator's link lets somebody set a password by keyboard, logs them in there and out everywhere else", async () => {
  await using server = await startTestServer();
  await person(server.url, "operator");
  await person(server.url, "Ann");
  await using browser = await launchChromium();
  await using home = await Guest.at(server.url, browser);
  await home.logIn("Ann", "Ann's long password");

  const { out } = await parlourSays(server.dataDir, "admin", "ann");
  const link = /^http\S+$/m.exec(out)?.[0] ?? "";
  for (const colorScheme of ["light", "dark"] as const) {
    await using guest = await Guest.at(server.url, browser, { colorScheme });
    await guest.page.goto(link);
    await see(guest.page.getByRole("heading", { name: "Hello, Ann" }));
    expect(await barriersOn(guest.page)).toEqual([]);
    if (colorScheme === "light") continue;

    const keys = guest.page.keyboard;
    await keys.type("short");
    await keys.press("Enter");
    await see(guest.page.getByText("A password needs 8 characters or more."));
    await keys.type(" and then a longer one");
    await keys.press("Enter");
    await guest.isInside();
    await seePath(guest.page, "/chat");
    await seePath(home.page, "/login");
    await home.logIn("Ann", "short and then a longer one");

    await guest.page.goto("about:blank");
    await guest.page.goto(link);
    await see(guest.page.getByText("This link was used or is too old."));
    expect(await barriersOn(guest.page)).toEqual([]);
  }
});
