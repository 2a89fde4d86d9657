import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { people } from "#tests/support/people.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeThat } from "./sight.ts";

const folder = join(import.meta.dir, "other-port");
let browser: Browser;
let frontEnd: Bun.Server<undefined>;

beforeAll(async () => {
  browser = await launchChromium();
  // The same host name as the server's: what a browser calls one site, with two origins.
  frontEnd = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      const name = pathname === "/" ? "index.html" : pathname.slice(1);
      if (name !== "index.html" && name !== "front-end.js") return new Response("Not here", { status: 404 });
      return new Response(Bun.file(join(folder, name)));
    },
  });
});

afterAll(async () => {
  await browser.close();
  await frontEnd.stop(true);
});

const origin = () => `http://127.0.0.1:${frontEnd.port}`;
const pageFor = (server: TestServer) => `${origin()}/?server=${encodeURIComponent(server.url)}`;

async function visit(page: Page, server: TestServer): Promise<string[]> {
  const faults: string[] = [];
  page.on("console", (said) => said.type() === "error" && faults.push(said.text()));
  page.on("pageerror", (error) => faults.push(error.message));
  await page.goto(pageFor(server));
  return faults;
}

for (const listed of ["no list of origins", "a list that names it"]) {
  test(`a page from another port signs up, logs in by form, reads history and talks, with ${listed}`, async () => {
    await using server = await startTestServer({
      RATE_LIMITS: "off",
      ...(listed === "no list of origins" ? {} : { CORS_ORIGINS: `https://app.example.org,${origin()}` }),
    });
    const [ann] = await people(server.url, "ann");
    const { id } = await ann.api.createRoom({ name: "Garden" });
    for (const content of ["first", "second"]) await ann.api.sendMessage(id, { content });
    const context = await browser.newContext();
    const page = await context.newPage();
    const faults = await visit(page, server);
    const state = page.locator("#state");
    await page.getByLabel("New name").fill("dora");
    await page.getByLabel("New e-mail").fill("dora@example.org");
    await page.getByLabel("New password").fill("dora's long password");
    await page.getByRole("button", { name: "Sign up" }).click();
    await see(state.getByText("Signed up as dora"));
    await page.getByLabel("Name", { exact: true }).fill("dora");
    await page.getByLabel("Password", { exact: true }).fill("dora's long password");
    await page.getByRole("button", { name: "Log in" }).click();
    await see(state.getByText("Logged in"));
    await page.getByLabel("Room").fill(String(id));
    await page.getByRole("button", { name: "Enter" }).click();
    await see(state.getByText("Here: dora"));
    const reads = () => page.getByRole("listitem").allTextContents();
    expect(await reads()).toEqual(["ann: first", "ann: second"]);
    await page.getByLabel("Words").fill("hello from my port <b>");
    await page.getByRole("button", { name: "Send" }).click();
    await see(page.getByText("dora: hello from my port <b>"));
    await using guest = await Guest.at(server.url, browser);
    await guest.logIn("ann");
    await guest.openRoom("Garden");
    await see(guest.articles.getByText("hello from my port <b>"));
    await see(state.getByText("ann came"));
    await guest.say("hello, other port");
    await see(page.getByText("ann: hello, other port"));
    expect(await reads()).toHaveLength(4);
    expect(await context.cookies()).toEqual([]);
    expect(faults).toEqual([]);
    await context.close();
  });
}

test("with a list of origins that leaves it out, a page reads nothing and its socket is closed with 4403", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off", CORS_ORIGINS: "https://app.example.org" });
  const [ann] = await people(server.url, "ann");
  const { id } = await ann.api.createRoom({ name: "Garden" });
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(pageFor(server));
  const token = await ann.token();
  expect(await page.evaluate(read, { url: `${server.url}/api/v1/me`, token })).toBe("TypeError");
  expect(await page.evaluate(read, { url: `${server.url}/rooms/`, token })).toBe("TypeError");
  const address = `${server.url.replace("http", "ws")}/ws/${id}?token=${token}`;
  expect(await page.evaluate(closeCode, { address, first: "hello" })).toBe(4403);
  await context.close();
});

test("a page from another port can do nothing by the cookie of whoever is logged in on the server's own page", async () => {
  await using server = await startTestServer({ RATE_LIMITS: "off" });
  const [owner] = await people(server.url, "owner");
  const { id } = await owner.api.createRoom({ name: "Garden" });
  await using ann = await Guest.at(server.url, browser);
  await ann.signUp("ann");
  const cookies = (await ann.context.cookies(`${server.url}/api/v1/web/refresh`)).map(({ name }) => name);
  expect(cookies).toContain("parlour_refresh");
  const foreign = await ann.context.newPage();
  const answered: { path: string; method: string; status: number; cookie: boolean }[] = [];
  foreign.on("response", async (response) => {
    const { pathname, host } = new URL(response.url());
    if (host !== new URL(server.url).host) return;
    const cookie = (await response.request().allHeaders()).cookie ?? "";
    answered.push({
      path: pathname,
      method: response.request().method(),
      status: response.status(),
      cookie: cookie.includes("parlour_refresh"),
    });
  });
  await foreign.goto(pageFor(server));

  // Read: the browser keeps the answer from the page, as the server never allows credentials.
  for (const path of ["/api/v1/me", "/api/v1/rooms", "/chat", "/rooms/", "/auth/me", "/user/users"]) {
    const got = await foreign.evaluate(readByCookie, server.url + path);
    expect({ path, got }).toEqual({ path, got: "TypeError" });
  }
  // Write, without asking first: the cookie goes out, because cookies know no ports, and is refused.
  const targets = ["refresh", "logout", "login", "signup"].map((name) => `/api/v1/web/${name}`);
  for (const path of [...targets, "/api/v1/logout", "/api/v1/ticket"]) {
    await foreign.evaluate(postBlindly, { url: server.url + path, type: "text/plain", body: '{"nonce":"a nonce"}' });
    await foreign.evaluate(postBlindly, {
      url: server.url + path,
      type: "application/x-www-form-urlencoded",
      body: "username=ann&password=ann%27s+long+password&nonce=n",
    });
    // JSON must be asked for first; the browser gets no leave to bring the cookie.
    expect(await foreign.evaluate(postJson, server.url + path)).toBe("TypeError");
  }
  // A form's navigation, which no CORS holds back; each in a frame of its own.
  for (const path of targets) await foreign.evaluate(submitForm, server.url + path);
  await seeThat(
    async () => answered.filter(({ method }) => method === "POST").length,
    (posts) => expect(posts).toBeGreaterThanOrEqual(targets.length * 3 + 4),
  );
  const posts = answered.filter(({ method }) => method === "POST");
  expect(posts.some(({ path, cookie }) => path === "/api/v1/web/logout" && cookie)).toBe(true);
  expect(posts.filter(({ status }) => status < 400)).toEqual([]);
  expect(posts.filter(({ path, status }) => path === "/api/v1/web/logout" && status !== 403)).toEqual([]);

  // No socket opens by cookie alone, in the room or for all of them, whatever is said first.
  const ws = server.url.replace("http", "ws");
  for (const [address, first] of [
    [`${ws}/ws`, '{"type":"hello"}'],
    [`${ws}/ws/${id}`, '{"content":"by cookie"}'],
    [`${ws}/ws/Garden`, "by cookie"],
    [`${ws}/ws/${id}?token=`, ""],
    [`${ws}/ws/${id}?ticket=`, ""],
  ] as const) {
    const code = await foreign.evaluate(closeCode, { address, first });
    expect({ address, first, code }).toEqual({ address, first, code: 4401 });
  }
  expect((await owner.api.messages(id)).items).toEqual([]);
  expect((await owner.api.members(id)).items.map(({ username }) => username)).toEqual(["owner"]);

  // And nothing was changed by the trying: the own page goes on, with a session that was not used.
  await ann.page.bringToFront();
  await ann.page.reload();
  await ann.isInside();
  await ann.isOnline();
});

function read({ url, token }: { url: string; token: string }): Promise<string> {
  return fetch(url, { headers: { authorization: `Bearer ${token}` } }).then(
    (answer) => answer.text(),
    (error: Error) => error.name,
  );
}

function readByCookie(url: string): Promise<string> {
  return fetch(url, { credentials: "include", headers: { accept: "application/json" } }).then(
    (answer) => answer.text(),
    (error: Error) => error.name,
  );
}

async function postBlindly({ url, type, body }: { url: string; type: string; body: string }): Promise<void> {
  await fetch(url, {
    method: "POST",
    mode: "no-cors",
    credentials: "include",
    headers: { "content-type": type },
    body,
  });
}

function postJson(url: string): Promise<string> {
  return fetch(url, {
    method: "POST",
    credentials: "include",
    headers: { "content-type": "application/json" },
    body: '{"nonce":"a nonce"}',
  }).then(
    (answer) => answer.text(),
    (error: Error) => error.name,
  );
}

function submitForm(action: string): void {
  const frame = document.createElement("iframe");
  frame.name = `frame ${document.querySelectorAll("iframe").length}`;
  const form = document.createElement("form");
  Object.assign(form, { method: "POST", action, target: frame.name });
  document.body.append(frame, form);
  form.submit();
}

function closeCode({ address, first }: { address: string; first: string }): Promise<number> {
  return new Promise((resolve) => {
    const socket = new WebSocket(address);
    socket.onopen = () => socket.send(first);
    socket.onclose = ({ code }) => resolve(code);
  });
}
