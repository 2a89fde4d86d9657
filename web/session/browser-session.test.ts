import { expect, test } from "bun:test";
import { FakeClock } from "#client/fakes/clock.ts";
import type { Account } from "#shared/models.ts";
import { BrowserSession } from "./browser-session.ts";
import { FakeBrowser } from "./fakes/browser.ts";
import type { OneAtATime } from "./one-at-a-time.ts";

const ann = { id: 1, username: "ann", role: "user", created_at: "2026-01-01T00:00:00.000Z", email: null } as const;

test("a browser that never logged in asks the server nothing", async () => {
  const { asked, tab } = house();
  const session = tab();
  await session.restore();
  expect(session.state).toEqual({ status: "out", why: "never" });
  expect(asked).toEqual([]);
});

test("a login is kept as a cookie, and the next page goes on with it", async () => {
  const { asked, tab } = house();
  await tab().logIn("ann", "secret");
  const next = tab();
  await next.restore();
  expect(next.state).toEqual({ status: "in", user: ann });
  expect(asked).toEqual(["login", "refresh"]);
});

test("nothing that opens the session is kept where scripts of a later page can read it", async () => {
  const { browser, tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  const token = await session.accessToken();
  expect([...browser.texts.values()].join()).not.toContain(token);
});

test("a token is used until shortly before its end and then renewed once for all who ask", async () => {
  const { asked, clock, tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  const first = await session.accessToken();
  await clock.advance(500_000);
  expect(await session.accessToken()).toBe(first);
  await clock.advance(80_000);
  const [a, b] = await Promise.all([session.accessToken(), session.accessToken()]);
  expect(a).toBe(b);
  expect(a).not.toBe(first);
  expect(asked).toEqual(["login", "refresh"]);
});

test("one tab renews for all", async () => {
  const { asked, clock, tab } = house();
  const [one, two] = [tab(), tab()];
  await one.logIn("ann", "secret");
  expect(two.state).toEqual({ status: "in", user: ann });
  await clock.advance(590_000);
  const tokens = await Promise.all([one.accessToken(), two.accessToken()]);
  expect(tokens[0]).toBe(tokens[1]);
  expect(asked).toEqual(["login", "refresh"]);
});

test("all tabs of a browser refresh by the same nonce", async () => {
  const { clock, nonces, tab } = house();
  const [one, two] = [tab(), tab()];
  await one.logIn("ann", "secret");
  for (const session of [one, two]) {
    await clock.advance(590_000);
    await session.accessToken();
  }
  expect(nonces).toHaveLength(2);
  expect(nonces[0]).toBe(nonces[1]);
});

test("a log-out in one tab empties the browser and ends the others", async () => {
  const { browser, tab } = house();
  const [one, two] = [tab(), tab()];
  await one.logIn("ann", "secret");
  browser.texts.set("parlour.queue.1.a", "{}");
  browser.texts.set("parlour.draft.1.7", "half a");
  browser.texts.set("theme", "dark");
  await two.logOut();
  expect(one.state).toEqual({ status: "out", why: "left" });
  expect([...browser.texts.keys()]).toEqual(["theme"]);
  await expect(one.accessToken()).rejects.toThrow();
});

test("a socket that is closed by the log-out before its answer asks for no other token", async () => {
  const { asked, tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  const leaving = session.logOut();
  session.rejected("secret-token-1");
  await expect(session.accessToken()).rejects.toThrow();
  await leaving;
  expect(asked).toEqual(["login", "logout"]);
  expect(session.state).toEqual({ status: "out", why: "left" });
});

test("a session that the server ended is over, and says so", async () => {
  const { clock, server, tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  server.isOpen = false;
  await clock.advance(590_000);
  await expect(session.accessToken()).rejects.toMatchObject({ code: "session_ended" });
  await clock.advance(0);
  expect(session.state).toEqual({ status: "out", why: "ended" });
});

test("when the server ends a session, what was not sent waits for its author in every tab, and is gone for anybody else", async () => {
  const { browser, server, tab } = house();
  const [one, two] = [tab(), tab()];
  await one.logIn("ann", "secret");
  const unsent = ["parlour.queue.1.a", "parlour.draft.1.7", "parlour.draft.1.7.9"];
  for (const key of unsent) browser.texts.set(key, "words");
  browser.texts.set("parlour.notices", "on");
  one.ended();
  expect(two.state).toEqual({ status: "out", why: "ended" });
  expect([...browser.texts.keys()]).toEqual(unsent);
  await two.logIn("ann", "secret");
  expect([...browser.texts.keys()]).toEqual(expect.arrayContaining(unsent));
  two.ended();
  server.user = { ...ann, id: 11, username: "bo" };
  browser.texts.set("parlour.draft.11.7", "bo's own");
  await one.logIn("bo", "secret");
  expect([...browser.texts.keys()].filter((key) => /queue|draft/.test(key))).toEqual(["parlour.draft.11.7"]);
});

test("a page that finds its session ended keeps what was not sent", async () => {
  const { browser, server, tab } = house();
  await tab().logIn("ann", "secret");
  browser.texts.set("parlour.queue.1.a", "words");
  server.isOpen = false;
  const next = tab();
  await next.restore();
  expect(next.state).toEqual({ status: "out", why: "ended" });
  expect([...browser.texts.keys()]).toEqual(["parlour.queue.1.a"]);
});

test("a server that cannot be reached logs nobody out", async () => {
  const { clock, server, tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  server.isReachable = false;
  await clock.advance(590_000);
  await expect(session.accessToken()).rejects.toMatchObject({ code: "offline" });
  await clock.advance(0);
  expect(session.state.status).toBe("in");
  const next = tab();
  await next.restore();
  expect(next.state.status).toBe("unreachable");
  server.isReachable = true;
  await next.restore();
  expect(next.state.status).toBe("in");
});

test("a token that the server refused is not used again", async () => {
  const { tab } = house();
  const session = tab();
  await session.logIn("ann", "secret");
  const token = await session.accessToken();
  session.rejected(token);
  expect(await session.accessToken()).not.toBe(token);
});

function house() {
  const clock = new FakeClock();
  const browser = new FakeBrowser();
  const server = { isOpen: true, isReachable: true, user: ann as Account };
  const asked: string[] = [];
  const nonces: string[] = [];
  let count = 0;
  let texts = 0;
  let turn: Promise<unknown> = Promise.resolve();
  const oneAtATime: OneAtATime = (work) => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  const fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    if (!server.isReachable) throw new TypeError("no network");
    const door = url.split("/").at(-1) ?? "";
    asked.push(door);
    if (door === "logout") return new Response(null, { status: 204 });
    if (door === "refresh") nonces.push(JSON.parse(String(init?.body)).nonce);
    if (!server.isOpen) return Response.json({ code: "session_ended", detail: "Over." }, { status: 401 });
    count += 1;
    return Response.json({
      access_token: `secret-token-${count}`,
      token_type: "bearer",
      expires_in: 600,
      user: server.user,
    });
  };
  const tab = () =>
    new BrowserSession({
      base: "http://parlour.test",
      fetch,
      clock,
      kept: browser.kept,
      tabs: browser.tab(),
      oneAtATime,
      randomText: () => `random-${texts++}`,
    });
  return { asked, browser, clock, nonces, server, tab };
}
