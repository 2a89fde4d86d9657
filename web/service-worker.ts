import type { PushNotice, PushTest } from "#shared/contract/push.ts";
import { messagePath } from "#web/state/message-link.ts";

/**
 * Runs beside the page and while there is none, so that a closed browser can be told. It holds nothing and answers no
 * request of the page.
 */

interface Later extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface Pushed extends Later {
  readonly data: { json(): unknown } | null;
}

interface Clicked extends Later {
  readonly notification: Notification;
}

interface Moved extends Later {
  readonly oldSubscription?: PushSubscription | null;
  readonly newSubscription?: PushSubscription | null;
}

interface OpenPage {
  readonly url: string;
  readonly focused: boolean;
  focus(): Promise<OpenPage>;
  postMessage(message: unknown): void;
}

/** The types of a page and of a worker cannot both be had in one project: what is used of a worker's stands here. */
const worker = self as unknown as EventTarget & {
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll(options: { type: "window"; includeUncontrolled: true }): Promise<OpenPage[]>;
    openWindow(url: string): Promise<unknown>;
  };
};

worker.addEventListener("push", (event) => {
  const pushed = event as Pushed;
  const said = saidIn(pushed);
  pushed.waitUntil(said.test === true ? showTest(said) : show(noticeIn(said)));
});

worker.addEventListener("notificationclick", (event) => {
  const { notification, waitUntil } = event as Clicked;
  notification.close();
  waitUntil.call(event, open(pathOf(notification) ?? "/chat"));
});

worker.addEventListener("pushsubscriptionchange", (event) => {
  const moved = event as Moved;
  moved.waitUntil(moveTo(moved));
});

/** Browsers take the right away from a page that is pushed to and shows nothing: something is always shown. */
async function show(notice: PushNotice | null): Promise<void> {
  if (notice === null) return worker.registration.showNotification("Parlour", { body: "New messages" });
  const room = `/chat/${notice.room}`;
  const shownAt = notice.thread === undefined ? room : `${room}/thread/${notice.thread}`;
  const isRead = (await pages()).some((page) => page.focused && new URL(page.url).pathname === shownAt);
  if (isRead) return;
  const tag = tagOf(notice.room);
  const [before] = await worker.registration.getNotifications({ tag });
  // A page that lies open may have shown it already: it is shown again, which rings no second time.
  const isNew = before === undefined || seqOf(before) < notice.seq;
  const { title, body } = isNew ? notice : before;
  const { title: _, body: __, ...place } = notice;
  const data = isNew ? place : before.data;
  await worker.registration.showNotification(title, { body, tag, data, ...{ renotify: isNew } });
}

function showTest({ title, body }: Partial<PushTest>): Promise<void> {
  return worker.registration.showNotification(title ?? "Parlour", {
    body: body ?? "",
    tag: "test",
    ...{ renotify: true },
  });
}

async function open(path: string): Promise<void> {
  const [page] = (await pages()).toSorted((a, b) => Number(b.focused) - Number(a.focused));
  if (!page) {
    await worker.clients.openWindow(path);
    return;
  }
  page.postMessage({ type: "go", path });
  await page.focus().catch(() => {});
}

/** The browser changed where it is written to. Proven by the cookie that only this server's own worker and pages send. */
async function moveTo({ oldSubscription, newSubscription }: Moved): Promise<void> {
  const options = oldSubscription?.options ?? (await worker.registration.pushManager.getSubscription())?.options;
  const next = newSubscription ?? (options && (await worker.registration.pushManager.subscribe(options)));
  const { endpoint, keys } = next?.toJSON() ?? {};
  if (endpoint === undefined || keys === undefined) return;
  await fetch("/api/v1/web/push", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ endpoint, keys: { p256dh: keys.p256dh, auth: keys.auth } }),
  });
}

function pages(): Promise<OpenPage[]> {
  return worker.clients.matchAll({ type: "window", includeUncontrolled: true });
}

function saidIn({ data }: Pushed): Partial<PushNotice & PushTest> {
  try {
    return (data?.json() ?? {}) as Partial<PushNotice & PushTest>;
  } catch {
    return {};
  }
}

function noticeIn({ room, seq, message, thread, title, body }: Partial<PushNotice>): PushNotice | null {
  const isTold = typeof title === "string" && typeof body === "string";
  if (!isTold || !isPlace(room) || !isPlace(seq) || !isPlace(message)) return null;
  return { room, seq, message, ...(isPlace(thread) ? { thread } : {}), title, body };
}

function isPlace(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function seqOf({ data }: Notification): number {
  const seq = (data as { seq?: unknown } | null)?.seq;
  return isPlace(seq) ? seq : 0;
}

/** Where the message stands that was told last; null: the notice names none. */
function pathOf({ data }: Notification): string | null {
  const { room, message, thread } = (data ?? {}) as Partial<PushNotice>;
  if (!isPlace(room) || !isPlace(message)) return null;
  return messagePath({ room_id: room, id: message, thread: isPlace(thread) ? thread : undefined });
}

/** One a room: a newer one takes the place of an older one. */
function tagOf(room: number): string {
  return `room-${room}`;
}
