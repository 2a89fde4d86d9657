import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Locator } from "playwright-core";
import { type Person, people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;

let browser: Browser;
let server: TestServer;
let ann: Person;
let ben: Person;
let cat: Person;
let room: number;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  browser = await launchChromium();
  server = await startTestServer({ RATE_LIMITS: "off" });
  [, ann, ben, cat] = await people(server.url, "Root", "Ann", "Ben", "Cat");
  ({ id: room } = await ann.api.createRoom({ name: "Garden" }));
  await ann.api.addMembers(room, [ben.id, cat.id]);
  await ann.api.createRoom({ name: "Kitchen" }).then(({ id }) => ann.api.addMembers(id, [ben.id]));
  await ann.api.sendMessage(room, { content: "Good morning, everyone." });
  await ben.api.sendMessage(room, { content: "Where do we put the beans this year?" });
  await cat.api.sendMessage(room, { content: "I am asleep on the warm stones, by the way." });
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

const thread = ({ page }: Guest): Locator => page.getByRole("region", { name: "Thread", exact: true });
const replies = (guest: Guest): Locator => thread(guest).getByRole("log", { name: "Replies" });
const answer = (guest: Guest): Locator => thread(guest).getByRole("textbox", { name: "Reply in thread" });
const threadsLink = ({ page }: Guest): Locator =>
  page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: /^Threads/ });

test("three people talk beside the room: who takes part hears of it wherever they are, and the room stays as it was", async () => {
  await using anns = await Guest.at(server.url, browser, { viewport: { width: 1280, height: 820 } });
  await using bens = await Guest.at(server.url, browser, { viewport: { width: 1280, height: 820 } });
  const faults = await watch(anns);
  await anns.logIn("Ann");
  await bens.logIn("Ben");
  await bens.openRoom("Garden");
  await bens.openRoom("Kitchen");
  await anns.openRoom("Garden");

  // By keyboard: from the message into its thread, and the words go there.
  await anns.page.getByRole("button", { name: "Actions for the message by Ben" }).focus();
  await anns.page.keyboard.press("t");
  await seePath(anns.page, /^\/chat\/\d+\/thread\/\d+$/);
  await see(thread(anns).getByText("Where do we put the beans"), answer(anns));
  await see(thread(anns).getByText("No replies yet"));
  await seeThat(
    () => answer(anns).evaluate((field) => field === document.activeElement),
    (is) => expect(is).toBe(true),
  );
  await anns.page.keyboard.type("Along the south wall, they like it warm.");
  await anns.page.keyboard.press("Enter");
  await see(replies(anns).getByText("Along the south wall"));
  await see(anns.log.getByRole("button", { name: /^1 reply/ }));
  await seeNo(anns.log.getByText("Along the south wall"));

  // Ben is in another room.
  await see(threadsLink(bens).getByText("1 unread"));
  await see(bens.roomLink("Garden").getByText("new replies in threads"));
  await seeThat(
    () => bens.page.title(),
    (title) => expect(title).toMatch(/^\(1\)/),
  );
  await threadsLink(bens).click();
  const row = bens.page.getByRole("list", { name: "Threads" }).getByRole("link");
  await see(row.getByText("Ann: Along the south wall"));
  expect(await barriersOn(bens.page)).toEqual([]);
  await bens.page.screenshot({ path: join(shots, "threads-page.png") });
  await bens.button("Mark all as read").click();
  await seeNo(bens.button("Mark all as read"), threadsLink(bens).getByText("unread"));
  await ann.api.sendMessage(room, {
    content: "And they like it dry.",
    thread: (await ann.api.threads()).items[0]?.root.id,
  });
  await see(threadsLink(bens).getByText("1 unread"));
  await row.click();
  await see(replies(bens).getByText("Along the south wall"));
  await seeNo(threadsLink(bens).getByText("unread"), bens.roomLink("Garden").getByText("new replies in threads"));
  await answer(bens).fill("Good. And the peas?");
  await answer(bens).press("Enter");
  await see(replies(anns).getByText("And the peas?"), anns.log.getByRole("button", { name: /^3 replies/ }));
  await anns.page.screenshot({ path: join(shots, "thread-light.png") });
  expect(await barriersOn(anns.page)).toEqual([]);

  // An answer within it, an edit, and taking it back.
  await replies(anns).getByRole("article").last().hover();
  await replies(anns).getByRole("article").last().getByRole("button", { name: "Reply", exact: true }).click();
  await answer(anns).fill("Beside them, on strings.");
  await answer(anns).press("Enter");
  await see(replies(bens).getByText("on strings."));
  await answer(anns).press("ArrowUp");
  await thread(anns).getByRole("textbox", { name: "Edit your message" }).fill("Beside them, on nets.");
  await anns.page.keyboard.press("Enter");
  await see(replies(bens).getByText("on nets."));

  // What is unread again stays so until one comes back.
  await replies(bens).getByRole("article").last().hover();
  await replies(bens)
    .getByRole("article")
    .last()
    .getByRole("button", { name: /^Actions for/ })
    .click();
  await bens.button("Mark unread from here").click();
  await see(threadsLink(bens).getByText("1 unread"), replies(bens).getByText("New", { exact: true }));

  // Escape leads out of the field, and then out of the thread.
  await anns.page.keyboard.press("Escape");
  await anns.page.keyboard.press("Escape");
  await seePath(anns.page, `/chat/${room}`);
  await seeNo(thread(anns));
  expect(faults).toEqual([]);
}, 60_000);

test("on a phone a thread takes the place of the room, can be followed by hand, and what is new in it is told", async () => {
  for (const colorScheme of ["light", "dark"] as const) {
    await using cats = await Guest.at(server.url, browser, { ...PHONE, colorScheme });
    await cats.logIn("Cat");
    await cats.openRoom("Garden");
    await cats.page.screenshot({ path: join(shots, `thread-line-phone-${colorScheme}.png`) });
    await cats.log.getByRole("button", { name: /replies/ }).tap();
    await see(replies(cats).getByText("on nets."));
    await cats.page.screenshot({ path: join(shots, `thread-phone-${colorScheme}.png`) });
    expect(await barriersOn(cats.page)).toEqual([]);
    expect(await cats.page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    if (colorScheme === "dark") continue;
    await thread(cats).getByRole("button", { name: "Follow", exact: true }).tap();
    await see(thread(cats).getByRole("button", { name: "Following" }));
    const level = thread(cats).getByLabel("Notifications of this thread");
    await level.selectOption("What calls me");
    await seeThat(
      () => level.inputValue(),
      (value) => expect(value).toBe("mentions"),
    );
    await cats.page.screenshot({ path: join(shots, `thread-level-phone-${colorScheme}.png`) });
    await thread(cats).getByRole("button", { name: "Back to the room" }).tap();
    await seeNo(thread(cats));
    const [root] = (await cat.api.threads()).items;
    await ben.api.sendMessage(room, { content: "Nets it is.", thread: root?.root.id });
    await see(cats.log.getByText("1 new"));
    await cats.log.getByRole("button", { name: /replies/ }).tap();
    await see(replies(cats).getByText("Nets it is."));
    await thread(cats).getByRole("button", { name: "Back to the room" }).tap();
    await seeNo(cats.log.getByText("1 new"));
  }
}, 60_000);

test("on a phone a thread covers the room: what is said there meanwhile stays unread until the room is seen again", async () => {
  const porch = await ann.api.createRoom({ name: "Porch" });
  await ann.api.addMembers(porch.id, [cat.id]);
  const root = await ann.api.sendMessage(porch.id, { content: "Who takes the ladder?" });
  await using cats = await Guest.at(server.url, browser, PHONE);
  await cats.logIn("Cat");
  await using atDesk = await Guest.at(server.url, browser);
  await atDesk.logIn("Cat");
  await cats.openRoom("Porch");
  await seeNo(atDesk.roomLink("Porch").getByText("unread"));
  await cats.goTo(`/chat/${porch.id}/thread/${root.id}`);
  await see(thread(cats).getByText("No replies yet"));
  await thread(cats).getByRole("button", { name: "Follow", exact: true }).tap();
  await see(thread(cats).getByRole("button", { name: "Following" }));
  await ann.api.sendMessage(porch.id, { content: "And who brings the paint?" });
  await ann.api.sendMessage(porch.id, { content: "I can.", thread: root.id });
  await see(replies(cats).getByText("I can."));
  // The thread was read on the same socket, after the room would have been.
  await seeThat(
    async () => (await cat.api.threads()).items.map(({ thread: mine }) => mine.read_n),
    (read) => expect(read).toContain(1),
  );
  await see(atDesk.roomLink("Porch").getByText("1 unread"));
  await thread(cats).getByRole("button", { name: "Back to the room" }).tap();
  await see(cats.log.getByText("And who brings the paint?"), cats.log.getByText("New", { exact: true }));
  await seeNo(atDesk.roomLink("Porch").getByText("unread"));
}, 60_000);

test("a link to a reply opens its thread at that reply, however many there are, and one click leads to the newest", async () => {
  const [dan] = await people(server.url, "Dan");
  const long = await dan.api.createRoom({ name: "Long" });
  const root = await dan.api.sendMessage(long.id, { content: "Count with me." });
  for (let at = 1; at <= 160; at++) await dan.api.sendMessage(long.id, { content: `number ${at}`, thread: root.id });
  const { items } = await dan.api.thread(long.id, root.id, { around: root.seq + 12, limit: 1 });
  await using dans = await Guest.at(server.url, browser, { viewport: { width: 1280, height: 820 } });
  await dans.logIn("Dan");
  await dans.goTo(`/chat/${long.id}/thread/${root.id}/${items[0]?.id}`);
  await see(replies(dans).getByText(items[0]!.content, { exact: true }));
  await seePath(dans.page, `/chat/${long.id}/thread/${root.id}`);
  await thread(dans).getByRole("button", { name: "Newest messages" }).click();
  await see(replies(dans).getByText("number 160"));
  await answer(dans).fill("and one more");
  await answer(dans).press("Enter");
  await see(replies(dans).getByText("and one more"));
}, 60_000);

test("who was put out of the room finds no thread by its address", async () => {
  const secret = await ann.api.createRoom({ name: "Shed", kind: "private" });
  await ann.api.addMembers(secret.id, [cat.id]);
  const root = await ann.api.sendMessage(secret.id, { content: "the key is under the pot" });
  await cat.api.sendMessage(secret.id, { content: "noted", thread: root.id });
  await using cats = await Guest.at(server.url, browser);
  await cats.logIn("Cat");
  await cats.goTo(`/chat/${secret.id}/thread/${root.id}`);
  await see(replies(cats).getByText("noted"));
  await ann.api.removeMember(secret.id, cat.id);
  await see(cats.page.getByText("This room is not here"));
  await seeNo(thread(cats));
  await cats.goTo("/chat/threads");
  await seeNo(cats.page.getByText("the key is under the pot"));
}, 60_000);
