import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { ServerProcess } from "./server-process.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";

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

test("two people sign up on an empty server, meet in a room and talk, each message once and in order", async () => {
  await using house = await startTestServer();
  await using ann = await Guest.at(house.url, browser);
  await using bo = await Guest.at(house.url, browser);

  await ann.goTo("/");
  await see(ann.page.getByRole("heading", { name: "Welcome to your server" }));
  await ann.signUp("Ann");
  await bo.goTo("/");
  await see(bo.page.getByRole("heading", { name: "Log in" }));
  await bo.page.getByRole("link", { name: "Create an account" }).click();
  await see(bo.page.getByRole("heading", { name: "Create an account" }));
  await bo.signUp("Bo");
  await ann.createRoom("Tea at four");
  await bo.findAndJoin("Tea at four");

  const talk: string[] = [];
  for (const [who, name, text] of [
    [ann, "Ann", "Is anybody here?"],
    [bo, "Bo", "I am."],
    [bo, "Bo", "With cake,\nin two pieces."],
    [ann, "Ann", "Good. 🍰"],
    [bo, "Bo", "And https://example.org/tea for the rest"],
  ] as const) {
    await who.say(text);
    talk.push(`${name}: ${text}`);
    await seeThat(
      () => ann.reads(),
      (read) => expect(read).toEqual(talk),
    );
    await seeThat(
      () => bo.reads(),
      (read) => expect(read).toEqual(talk),
    );
  }
  await see(bo.log.getByRole("link", { name: "https://example.org/tea" }));

  await see(bo.page.getByRole("button", { name: "People, 2 here now" }));
  for (const who of [ann, bo]) {
    await seeThat(
      async () => (await who.hereNow.allTextContents()).map((text) => /(Ann|Bo)( \(you\))?$/.exec(text)?.[1]).sort(),
      (names) => expect(names).toEqual(["Ann", "Bo"]),
    );
  }

  await ann.goTo("/chat/account");
  await see(ann.page.getByText("Admin of this server"));
  await bo.goTo("/chat/account");
  await see(bo.page.getByText("Member of this server"));
});

test("what is typed into the sign-up before the server has said that it is empty stays there", async () => {
  await using house = await startTestServer();
  await using ann = await Guest.at(house.url, browser);
  const asked = Promise.withResolvers<void>();
  await ann.page.route("**/api/v1/info", async (route) => {
    await asked.promise;
    await route.continue();
  });
  await ann.goTo("/signup");
  await ann.field("User name").fill("Ann");
  asked.resolve();
  await see(ann.page.getByRole("heading", { name: "Welcome to your server" }));
  expect(await ann.field("User name").inputValue()).toBe("Ann");
});

test("who types is seen typing until the message is there, and who leaves is not here any more", async () => {
  const { room, guests } = await roomWith("typing", "tara", "tom");
  const [tara, tom] = guests;
  const typing = tom.page.getByText("tara is typing");
  await tara.composer.pressSequentially("Well, I");
  await see(typing);
  await seeNo(tara.page.getByText("tara is typing"));
  await tara.composer.press("Enter");
  await see(tom.articles.getByText("Well, I"));
  await seeNo(typing);

  await see(tom.page.getByRole("button", { name: "People, 2 here now" }));
  await tara.leave();
  await see(tom.page.getByRole("button", { name: "People, 1 here now" }));
  await tom.isIn(room);
  await tom.leave();
});

test("what is said in another room is counted beside its name, and no more once it is opened", async () => {
  const { room, guests } = await roomWith("loud", "lou", "uma");
  const [lou, uma] = guests;
  await uma.createRoom("Umas quiet room");
  for (const text of ["one", "two", "three"]) await lou.say(text);
  const link = uma.roomLink(room);
  await see(link.getByText("3 unread"));
  await seeThat(
    () => uma.page.title(),
    (title) => expect(title).toStartWith("(3) "),
  );
  await uma.openRoom(room);
  await see(uma.articles.getByText("three"));
  await seeNo(link.getByText("unread"));
  await seeThat(
    () => uma.page.title(),
    (title) => expect(title).toBe("loud · Parlour"),
  );
  await uma.page.reload();
  await uma.isIn(room);
  await seeNo(uma.roomLink(room).getByText("unread"));
  await lou.leave();
  await uma.leave();
});

test("a line parts the days, another what was not read from what was, and the second goes with an answer", async () => {
  const day = 24 * 3_600_000;
  let ahead = -2 * day;
  const clock = {
    now: () => Date.now() + ahead,
    after: (ms: number, run: () => void) => stoppable(setTimeout(run, ms)),
  };
  await using house = await startTestServer({ RATE_LIMITS: "off" }, { clock });
  const [dora, dick] = await people(house.url, "dora", "dick");
  const { id, name } = await dora.api.createRoom({ name: "Diary" });
  await dick.api.joinRoom(id);
  const say = (text: string) => dora.api.sendMessage(id, { content: text });
  await say("the day before yesterday");
  ahead = -day;
  const read = await say("yesterday");
  await dick.api.markRead(id, read.seq);
  ahead = 0;
  await say("today");
  await say("and still today");

  await using guest = await Guest.at(house.url, browser);
  await guest.logIn("dick");
  await guest.openRoom(name);
  const before = new Intl.DateTimeFormat("en-GB", { weekday: "long", day: "numeric", month: "long" });
  const lines = ["This is where the room begins.", before.format(Date.now() - 2 * day), "the day before yesterday"];
  await seeInOrder(guest, [...lines, "Yesterday", "yesterday", "Today", "New", "today", "and still today"]);
  await guest.say("an answer");
  await see(guest.articles.getByText("an answer"));
  await seeNo(guest.log.getByText("New", { exact: true }));
});

test("a reload keeps the room and what was being written", async () => {
  const { room, guests } = await roomWith("kept", "kim");
  const [kim] = guests;
  await kim.say("said");
  await see(kim.articles.getByText("said"));
  await kim.composer.fill("not yet said,\nand long");
  const path = new URL(kim.page.url()).pathname;
  await kim.page.reload();
  await kim.isIn(room);
  expect(new URL(kim.page.url()).pathname).toBe(path);
  expect(await kim.composer.inputValue()).toBe("not yet said,\nand long");
  await seeThat(
    () => kim.reads(),
    (read) => expect(read).toEqual(["kim: said"]),
  );
  await kim.leave();
});

test("what is sent while the server is away waits, survives a reload of the page, and goes exactly once", async () => {
  await using house = await ServerProcess.start();
  const [pia] = await people(house.url, "pia");
  await pia.api.createRoom({ name: "Patience" });
  await using guest = await Guest.at(house.url, browser);
  await guest.logIn("pia");
  await guest.openRoom("Patience");
  await guest.say("before");
  await seeThat(
    () => guest.reads(),
    (read) => expect(read).toEqual(["pia: before"]),
  );
  // Shown at once, but not yet said: the server may only go when the browser keeps nothing unanswered.
  await seeThat(
    () => guest.page.evaluate(() => Object.entries(localStorage).filter(([key]) => key.startsWith("parlour.queue."))),
    (kept) => expect(kept).toEqual([]),
  );
  await house.stop();
  await guest.say("meanwhile");
  await guest.say("and more");
  await see(guest.page.getByText(/Next try in|cannot be reached/));
  await seeThat(
    () => guest.articles.getByText("Waiting to be sent").count(),
    (count) => expect(count).toBe(2),
  );
  await house.start();
  const all = ["pia: before", "pia: meanwhile", "pia: and more"];
  await seeNo(guest.page.getByText("Waiting to be sent"));
  await guest.isOnline();
  await seeThat(
    () => guest.reads(),
    (read) => expect(read).toEqual(all),
  );
  await guest.page.reload();
  await guest.isIn("Patience");
  await seeThat(
    () => guest.reads(),
    (read) => expect(read).toEqual(all),
  );
});

test("logging out ends every tab and leaves nothing of the person in the browser, nor behind the back button", async () => {
  const { room, guests } = await roomWith("private words", "zoe");
  const [zoe] = guests;
  await zoe.say("only for us");
  await see(zoe.articles.getByText("only for us"));
  await zoe.composer.fill("a draft");
  const other = await zoe.otherTab();
  await other.goTo(new URL(zoe.page.url()).pathname);
  await other.isIn(room);
  await zoe.logOut();
  await seePath(other.page, "/login");
  for (const tab of [zoe, other]) {
    await see(tab.page.getByRole("heading", { name: "Log in" }));
    const kept = await tab.page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }));
    expect(kept).toBe("{}");
  }
  expect((await zoe.context.cookies()).map((cookie) => cookie.name)).not.toContain("parlour_refresh");

  for (const tab of [zoe, other]) {
    for (;;) {
      await tab.page.goBack();
      if (tab.page.url() === "about:blank") break;
      await see(tab.page.getByRole("heading", { name: "Log in" }));
      await seeNo(tab.page.getByText("only for us"), tab.page.getByText(room), tab.page.getByText("zoe"));
    }
  }
  await zoe.goTo("/chat");
  await seePath(zoe.page, "/login");
  await seeNo(zoe.page.getByText("zoe"));
  await zoe.leave();
});

/** Guests who are all in one room, with the room open. */
async function roomWith<const Names extends readonly string[]>(
  name: string,
  ...names: Names
): Promise<{ room: string; guests: { [Index in keyof Names]: Guest } }> {
  const accounts = await people(server.url, ...names);
  const [first, ...others] = accounts as readonly (typeof accounts)[number][];
  const room = await first!.api.createRoom({ name });
  for (const other of others) await other.api.joinRoom(room.id);
  const guests = await Promise.all(
    names.map(async (username) => {
      const guest = await Guest.at(server.url, browser);
      await guest.logIn(username);
      await guest.openRoom(name);
      return guest;
    }),
  );
  return { room: name, guests: guests as { [Index in keyof Names]: Guest } };
}

async function seeInOrder(guest: Guest, texts: readonly string[]): Promise<void> {
  await seeThat(
    async () => (await guest.log.innerText()).split("\n"),
    (lines) => expect(lines.filter((line) => texts.includes(line))).toEqual([...texts]),
  );
}

function stoppable(timer: ReturnType<typeof setTimeout>): () => void {
  return () => clearTimeout(timer);
}
