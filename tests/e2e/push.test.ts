import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import type { PutPush } from "#shared/contract/push.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Person, people } from "#tests/support/people.ts";
import { PushService } from "#tests/support/push-service.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";
import { barriersOn } from "./axe.ts";
import { launchChromium } from "./chromium.ts";
import { Guest } from "./guest.ts";
import { see, seeNo, seePath, seeThat } from "./sight.ts";
import { watch } from "./watch.ts";

const shots = join(import.meta.dir, "shots");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } as const;
const LABEL = "Notify this browser when Parlour is closed";
const WORDS = "With the words, on a locked screen too";

let browser: Browser;
let service: PushService;
let server: TestServer;
let ann: Person;
let ben: Person;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  service = new PushService();
  browser = await launchChromium();
  const env = { PUSH: "on", PUSH_CONTACT: "mailto:ops@example.org", PUSH_HOSTS: service.origin, RATE_LIMITS: "off" };
  server = await startTestServer(env);
  [, ann, ben] = await people(server.url, "Root", "Ann", "Ben");
});

afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
  await service[Symbol.asyncDispose]();
});

test("a browser is told while Parlour is closed, shows it, and opens the room; after a log-out it is told nothing", async () => {
  await using guest = await Guest.at(server.url, browser, { permissions: ["notifications"] });
  const faults = await watch(guest);
  await serveBy(guest, "ben");
  await guest.logIn("Ben");
  await guest.goTo("/chat/account");
  const { page } = guest;
  await see(page.getByLabel(LABEL));
  expect(await page.evaluate(() => navigator.serviceWorker.getRegistration())).toBeUndefined();
  await page.getByLabel(LABEL).click();
  await see(page.getByLabel(WORDS));
  await page.getByLabel(WORDS).click();
  await eventually(async () => expect((await ben.api.push()).items).toMatchObject([{ words: true }]));
  expect(await barriersOn(page)).toEqual([]);
  await page.getByLabel(LABEL).scrollIntoViewIfNeeded();
  await page.getByRole("button", { name: "Send a test notification" }).click();
  await see(page.getByText("It is on its way.", { exact: false }));
  await deliver(guest, service.told("ben")[0]);
  await seeThat(
    () => noticesOf(guest),
    (shown) => expect(shown).toMatchObject([{ title: "Parlour", tag: "test" }]),
  );
  await page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    for (const each of (await registration?.getNotifications()) ?? []) each.close();
  });
  service.received.length = 0;
  await page.screenshot({ path: join(shots, "push-desktop.png") });

  // Nobody is at it: a page that lies open untouched says nothing of itself.
  await guest.goTo("/chat");
  const { id: room } = await ann.api.openDirect({ user_ids: [ben.id] });
  await ann.api.sendMessage(room, { content: "the beans are <b>ripe</b>" });
  await eventually(() => expect(service.told("ben")).toHaveLength(1), 20_000);
  await deliver(guest, service.told("ben")[0]);
  await seeThat(
    () => noticesOf(guest),
    (shown) => expect(shown).toEqual([{ title: "Ann", body: "the beans are <b>ripe</b>", tag: `room-${room}` }]),
  );
  const [first] = service.told("ben");
  await deliver(guest, { ...first, seq: (first?.seq ?? 0) + 1, body: "and the peas" });
  await seeThat(
    () => noticesOf(guest),
    (shown) => expect(shown).toMatchObject([{ body: "and the peas" }]),
  );
  // The same again, as when an open page has shown it: it stays, and rings no second time.
  await deliver(guest, { ...service.told("ben")[0], body: "an older one" });
  await deliver(guest, "not what was agreed");
  await seeThat(
    () => noticesOf(guest),
    (shown) => {
      expect(shown).toContainEqual({ title: "Parlour", body: "New messages", tag: "" });
      expect(shown).toContainEqual({ title: "Ann", body: "and the peas", tag: `room-${room}` });
    },
  );

  await guest.goTo("/chat/account");
  await see(page.getByLabel(LABEL));
  await press(guest, `room-${room}`);
  await seePath(page, `/chat/${room}`);
  await see(page.getByText("the beans are <b>ripe</b>"));

  const under = await ben.api.sendMessage(room, { content: "which ones?" });
  const reply = await ann.api.sendMessage(room, { content: "the long ones", thread: under.id });
  await guest.goTo("/chat/account");
  await see(page.getByLabel(LABEL));
  const place = { room, seq: reply.seq, message: reply.id, thread: under.id };
  await deliver(guest, { ...place, title: "Ann", body: "the long ones" });
  await press(guest, `room-${room}`);
  await seePath(page, `/chat/${room}/thread/${under.id}`);
  await see(page.getByText("the long ones"));

  await guest.logOut();
  await seeThat(
    () => noticesOf(guest),
    (shown) => expect(shown).toEqual([]),
  );
  expect((await ben.api.push()).items).toEqual([]);
  expect(await page.evaluate(() => (window as unknown as { isSubscribed: boolean }).isSubscribed)).toBeFalse();
  expect([...faults, ...service.faults]).toEqual([]);
}, 90_000);

test("a page that only lies open says nothing of its person, and one that is touched does [P5]", async () => {
  await ann.api.openDirect({ user_ids: [ben.id] });
  const seen = async () => (await ann.api.seen([ben.id])).items[0]?.seen ?? null;
  await using guest = await Guest.at(server.url, browser);
  await guest.logIn("Ben");
  await guest.goTo("/chat");
  await see(guest.roomLink("Ann"));
  await eventually(async () => expect(await seen()).toBe("away"));
  await guest.page.mouse.move(300, 300);
  await guest.page.mouse.move(320, 320);
  await eventually(async () => expect(await seen()).toBe("online"));
}, 60_000);

test("where the browser may not be told the page says what to do, and where the server has it off it says nothing", async () => {
  await using blocked = await Guest.at(server.url, browser, PHONE);
  await blocked.context.addInitScript(() => {
    Object.defineProperty(Notification, "permission", { get: () => "denied" });
  });
  await blocked.logIn("Ben");
  await blocked.goTo("/chat/account");
  await see(blocked.page.getByText(/Allow notifications for this site/));
  await seeNo(blocked.page.getByLabel(LABEL));
  await blocked.page.getByText(/Allow notifications for this site/).scrollIntoViewIfNeeded();
  await blocked.page.screenshot({ path: join(shots, "push-phone-blocked.png") });

  await using off = await startTestServer();
  await using guest = await Guest.at(off.url, browser);
  await guest.signUp("Eve");
  await guest.goTo("/chat/account");
  await see(guest.page.getByRole("heading", { name: "Your data" }));
  await seeNo(guest.page.getByText("When Parlour is closed"));
}, 60_000);

test("a push service that cannot be reached is told in words, and the box stays empty", async () => {
  await using guest = await Guest.at(server.url, browser, { ...PHONE, permissions: ["notifications"] });
  await guest.logIn("Ann");
  await guest.goTo("/chat/account");
  // This Chromium has no line to its maker.
  await guest.page.getByLabel(LABEL).click();
  await see(guest.page.getByText(/cannot reach its maker's push service/));
  expect(await guest.page.getByLabel(LABEL).isChecked()).toBeFalse();
  await guest.page.getByLabel(LABEL).scrollIntoViewIfNeeded();
  await guest.page.screenshot({ path: join(shots, "push-phone.png") });
}, 60_000);

/** The browser's part of subscribing, which asks its maker: here the tests' own service is asked. */
async function serveBy(guest: Guest, name: string): Promise<void> {
  const put: PutPush = await service.browser(name);
  await guest.context.addInitScript(({ endpoint, keys }) => {
    const key = "subscribed";
    const made = (options: PushSubscriptionOptionsInit) => ({
      endpoint,
      options: { applicationServerKey: options.applicationServerKey },
      toJSON: () => ({ endpoint, keys }),
      unsubscribe: async () => localStorage.removeItem(key) as undefined,
    });
    const kept = () => {
      const numbers = localStorage.getItem(key);
      return numbers === null ? null : Uint8Array.from(numbers.split(","), Number).buffer;
    };
    Object.assign(PushManager.prototype, {
      async subscribe(options: PushSubscriptionOptionsInit) {
        localStorage.setItem(key, String(new Uint8Array(options.applicationServerKey as ArrayBuffer)));
        return made({ applicationServerKey: kept() });
      },
      async getSubscription() {
        return kept() === null ? null : made({ applicationServerKey: kept() });
      },
    });
    Object.defineProperty(window, "isSubscribed", { get: () => localStorage.getItem(key) !== null });
  }, put);
}

/** As if the push service had brought it. */
async function deliver(guest: Guest, notice: unknown): Promise<void> {
  const line = await guest.context.newCDPSession(guest.page);
  const registrations: string[] = [];
  line.on("ServiceWorker.workerRegistrationUpdated", (found) => {
    registrations.push(...found.registrations.map(({ registrationId }) => registrationId));
  });
  await line.send("ServiceWorker.enable");
  await eventually(() => expect(registrations).not.toBeEmpty());
  const data = typeof notice === "string" ? notice : JSON.stringify(notice);
  const registrationId = registrations.at(-1) ?? "";
  await line.send("ServiceWorker.deliverPushMessage", { origin: server.url, registrationId, data });
  await line.detach();
}

function noticesOf({ page }: Guest): Promise<{ title: string; body: string; tag: string }[]> {
  return page.evaluate(async () => {
    const registration = await navigator.serviceWorker.getRegistration("/");
    const shown = (await registration?.getNotifications()) ?? [];
    return shown.map(({ title, body, tag }) => ({ title, body, tag }));
  });
}

/** As somebody does who presses a notice: what draws them is not part of a browser without a screen. */
async function press({ context }: Guest, tag: string): Promise<void> {
  await eventually(() => expect(context.serviceWorkers()).not.toBeEmpty());
  const [worker] = context.serviceWorkers();
  // What was delivered is shown a moment later.
  await eventually(async () => {
    const isShown = await worker?.evaluate(async (wanted) => {
      const scope = self as unknown as { registration: ServiceWorkerRegistration };
      return (await scope.registration.getNotifications({ tag: wanted })).length > 0;
    }, tag);
    expect(isShown).toBe(true);
  });
  await worker?.evaluate(async (wanted) => {
    const scope = self as unknown as EventTarget & { registration: ServiceWorkerRegistration };
    const [notification] = await scope.registration.getNotifications({ tag: wanted });
    const Clicked = (self as unknown as { NotificationEvent: new (type: string, with_: object) => Event })
      .NotificationEvent;
    scope.dispatchEvent(new Clicked("notificationclick", { notification }));
  }, tag);
}
