import { expect, test } from "bun:test";
import { startTestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seePath, seeThat } from "./sight.ts";

test("over plain http on a name of the house's own network two people sign up, talk, reload and log out", async () => {
  await using server = await startTestServer();
  const url = `http://chat.lan:${new URL(server.url).port}`;
  await using browser = await launchChromium({ hostResolverRules: "MAP chat.lan 127.0.0.1" });
  await using ann = await Guest.at(url, browser);
  await using bo = await Guest.at(url, browser);
  await ann.signUp("Ann");
  expect(await ann.page.evaluate(() => [isSecureContext, "randomUUID" in crypto, "locks" in navigator])).toEqual([
    false,
    false,
    false,
  ]);
  await bo.signUp("Bo");
  await ann.createRoom("At home");
  await bo.findAndJoin("At home");
  await ann.say("Dinner?");
  await see(bo.articles.getByText("Dinner?"));
  await bo.say("Coming.");
  const talk = ["Ann: Dinner?", "Bo: Coming."];
  await seeThat(
    () => ann.reads(),
    (read) => expect(read).toEqual(talk),
  );

  // Both tabs go on with one cookie, which is good for one of them: the other must get its own in turn.
  const other = await ann.otherTab();
  await other.goTo(new URL(ann.page.url()).pathname);
  await Promise.all([ann.page.reload(), other.page.reload()]);
  for (const tab of [ann, other])
    await seeThat(
      () => tab.reads(),
      (read) => expect(read).toEqual(talk),
    );
  await ann.logOut();
  await seePath(other.page, "/login");
});
