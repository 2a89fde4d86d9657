import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seePath, seeThat } from "./sight.ts";
import { watch } from "./watch.ts";

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

test("a walk through every page asks nobody but the server, breaks no policy and leaves no error", async () => {
  await using house = await startTestServer();
  await using ann = await Guest.at(house.url, browser);
  const faults = await watch(ann);
  await ann.goTo("/");
  await ann.signUp("Ann");
  await ann.createRoom("Walk");
  await ann.say("See https://example.org/ and mailto:ann@example.org");
  await see(ann.articles.getByRole("link", { name: "https://example.org/" }));
  await ann.button("Room menu").click();
  await ann.page.getByRole("menuitem", { name: "Room settings" }).click();
  await ann.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await ann.button("Room menu").click();
  await ann.page.getByRole("menuitem", { name: "Add people" }).click();
  await see(ann.page.getByRole("dialog").getByText("Nobody else by that name."));
  await ann.page.keyboard.press("Escape");
  await ann.page.getByRole("link", { name: "Browse rooms" }).click();
  await see(ann.page.getByText("Joined"));
  await ann.page.getByRole("link", { name: "your account" }).click();
  await see(ann.page.getByText("This browser"));
  await ann.page.getByText("Dark", { exact: true }).click();
  await ann.page.reload();
  await see(ann.page.locator("html[data-theme=dark]"), ann.page.getByText("This browser"));
  await ann.goTo("/chat/nowhere");
  await see(ann.page.getByRole("heading", { name: "This room is not here" }));
  await ann.logOut();
  await ann.logIn("Ann");
  await ann.openRoom("Walk");
  await see(ann.articles.getByText("See https"));
  expect(faults).toEqual([]);
});

test("the page has no script, style or handler in itself, and says so by a policy that forbids them", async () => {
  for (const path of ["/", "/login", "/signup", "/chat", "/chat/1"]) {
    const answer = await fetch(server.url + path);
    const html = await answer.text();
    for (const script of html.match(/<script\b[^>]*>[^<]*/g) ?? [])
      expect(script).toMatch(/^<script [^>]*src="\/[^>]*>$/);
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=|javascript:/i);
    const policy = answer.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*/);
  }
});

test("HTML and scripts in messages, in names of rooms and of people are shown as the text that they are", async () => {
  const [eve] = await people(server.url, "eve");
  const named = await eve.api.createRoom({ name: HOSTILE[0]!, description: HOSTILE[1]! });
  const rooms = [named.name];
  for (const payload of HOSTILE.slice(1)) {
    const name = payload.slice(0, 80);
    rooms.push(
      (await eve.api.createRoom({ name, description: payload }).then(
        (room) => room.name,
        () => "",
      )) || named.name,
    );
  }
  for (const payload of HOSTILE) await eve.api.sendMessage(named.id, { content: payload });
  const hostilePeople = HOSTILE.map((payload) => payload.slice(0, 40)).filter((name) => !name.includes("@"));
  const met: string[] = [];
  for (const username of hostilePeople) {
    const [one] = await people(server.url, username).catch(() => []);
    if (!one) continue;
    await one.api.joinRoom(named.id);
    await one.api.sendMessage(named.id, { content: `I am ${username}` });
    met.push(`I am ${username}`);
  }
  expect(met.length).toBeGreaterThan(20);

  await using guest = await Guest.at(server.url, browser, { viewport: { width: 1280, height: 6_000 } });
  const faults = await watch(guest);
  await guest.logIn("eve");
  await guest.goTo(`/chat/${named.id}`);
  await see(guest.page.getByRole("heading", { level: 1, name: named.name, exact: true }));
  await seeThat(
    async () => (await guest.log.getByRole("article").locator("p").allTextContents()).map(squeezed),
    (shown) => expect(shown).toEqual([...HOSTILE, ...met].map(squeezed)),
  );
  await seeThat(
    async () => (await guest.page.getByRole("navigation", { name: "Rooms" }).locator("bdi").allTextContents()).sort(),
    (names) => expect(names).toEqual([...new Set(rooms)].sort()),
  );
  const links = await guest.page
    .locator("[href]")
    .evaluateAll((all) => all.map((link) => (link as HTMLAnchorElement).href));
  for (const href of links) expect(href).toMatch(/^https?:\/\//);
  const inside = await guest.log
    .locator("img, script, iframe, svg[onload], object, embed, form, style, [onerror]")
    .count();
  expect(inside).toBe(0);
  for (const link of await guest.articles.getByRole("link").all()) {
    // Names lead to people of this house; whatever leads elsewhere tells nobody where it was.
    const isOwn = (await link.getAttribute("href"))?.startsWith("/chat/people/");
    if (!isOwn) expect(await link.getAttribute("rel")).toBe("noopener noreferrer");
  }

  await guest.goTo("/chat/rooms");
  await seeThat(
    async () => (await guest.page.getByRole("list", { name: "Public rooms" }).locator("bdi").allTextContents()).sort(),
    (names) => expect(names).toEqual([...new Set(rooms)].sort()),
  );
  expect(faults).toEqual([]);
});

test("an address that asks the login to lead elsewhere leads nowhere but into the chat", async () => {
  await people(server.url, "liam");
  for (const next of ["https://evil.example/", "//evil.example", "javascript:pwned(1)"]) {
    await using guest = await Guest.at(server.url, browser);
    const faults = await watch(guest);
    await guest.goTo(`/login?next=${encodeURIComponent(next)}`);
    await guest.field("User name").fill("liam");
    await guest.field("Password").fill("liam's long password");
    await guest.button("Log in").click();
    await guest.isInside();
    await seePath(guest.page, "/chat");
    expect(faults).toEqual([]);
  }
});

const HOSTILE: readonly string[] = [
  "<script>pwned(1)</script>",
  "<img src=x onerror=pwned(2)>",
  "<svg onload=pwned(3)>",
  "<svg><script>pwned(4)</script></svg>",
  "<iframe src=javascript:parent.pwned(5)>",
  "<a href=javascript:pwned(6)>click</a>",
  "javascript:pwned(7)",
  "JaVaScRiPt:pwned(8)//https://x",
  "data:text/html,<script>pwned(9)</script>",
  '"><script>pwned(10)</script>',
  "'-pwned(11)-'",
  "</p></article><script>pwned(12)</script>",
  "</script><script>pwned(13)</script>",
  "{{constructor.constructor('pwned(14)')()}}",
  "#{pwned(15)}",
  "<details open ontoggle=pwned(16)>",
  "<body onload=pwned(17)>",
  "<input autofocus onfocus=pwned(18)>",
  "<style>*{display:none}</style>",
  "<link rel=stylesheet href=//evil.example/x>",
  "<meta http-equiv=refresh content=0;//evil>",
  "<base href=//evil.example/>",
  "<form action=//evil.example><button>x",
  "<math><mi xlink:href=javascript:pwned(24)>",
  "<object data=//evil.example/x>",
  "<video src=x onerror=pwned(26)>",
  "&lt;script&gt;pwned(27)&lt;/script&gt;",
  "&#60;img src=x onerror=pwned(28)&#62;",
  "\\u003cscript\\u003epwned(29)\\u003c/script\\u003e",
  "%3Cscript%3Epwned(30)%3C/script%3E",
  "__proto__",
  "constructor",
  'https://evil.example/"onmouseover=pwned(33)',
  "https://evil.example/<script>pwned(34)",
  "http://javascript:pwned(35)@evil.example",
  "[x](javascript:pwned(36))",
  "![x](//evil.example/x.png)",
  "<!--><img src=x onerror=pwned(38)>-->",
  "]]><script>pwned(39)</script>",
  "'; DROP TABLE messages; --",
];

/** Spaces at the end of a text are there and are not seen. */
function squeezed(text: string): string {
  return text.trim();
}
