import type { Api } from "#client/api.ts";
import type { PushNotice } from "#shared/contract/push.ts";

/** How this browser can be told of messages while no page of Parlour is open. */
export type ClosedBrowser =
  /** The server tells no closed browsers. */
  | { is: "not-offered" }
  /** `why`: what somebody can do about it. */
  | { is: "impossible"; why: "insecure" | "unsupported" | "blocked" }
  | { is: "off" }
  | { is: "on"; words: boolean };

const WORKER = "/service-worker.js";

/** Something went wrong between the browser and its maker's push service. */
export class PushFault extends Error {}

export async function readClosedBrowser(api: Api): Promise<ClosedBrowser> {
  const { public_key, items } = await api.push();
  if (public_key === null) return { is: "not-offered" };
  const why = whyImpossible();
  if (why !== null) return { is: "impossible", why };
  const current = items.find((item) => item.current);
  const subscription = await ownSubscription();
  return current && subscription ? { is: "on", words: current.words } : { is: "off" };
}

/** Asks the person, then the browser, then the server. Called by a press of a button: browsers want that. */
export async function tellClosedBrowser(api: Api, words: boolean): Promise<ClosedBrowser> {
  if ((await Notification.requestPermission()) !== "granted") return readClosedBrowser(api);
  const { public_key } = await api.push();
  if (public_key === null) return { is: "not-offered" };
  const registration = await navigator.serviceWorker.register(WORKER, { updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  const subscription = await subscribe(registration, public_key);
  const { endpoint, keys } = subscription.toJSON();
  const { p256dh, auth } = keys ?? {};
  if (endpoint === undefined || p256dh === undefined || auth === undefined) throw new PushFault();
  const told = await api.putPush({ endpoint, keys: { p256dh, auth }, words });
  return { is: "on", words: told.words };
}

export async function stopTelling(api: Api): Promise<ClosedBrowser> {
  await api.endPush();
  await forgetPush();
  return { is: "off" };
}

/**
 * When somebody comes in: a browser that was subscribed for another session, or under another key of the server, is made
 * this one's or set free, so that nobody reads what another person is told.
 */
export async function settlePush(api: Api): Promise<void> {
  const registration = await ownRegistration();
  const subscription = await registration?.pushManager.getSubscription();
  if (!registration || !subscription) return;
  const { public_key, items } = await api.push();
  const current = items.find((item) => item.current);
  if (public_key === null || !current) return forgetPush();
  if (keyOf(subscription) !== public_key) await tellClosedBrowser(api, current.words);
}

/** After a log-out this browser is told nothing, and shows nothing of what it was told. */
export async function forgetPush(): Promise<void> {
  const registration = await ownRegistration();
  for (const each of (await registration?.getNotifications()) ?? []) each.close();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

/** Shows a page's own notice as a push would be shown, so that a push of the same is none beside it. False: it cannot. */
export async function showAsPushed(notice: PushNotice): Promise<boolean> {
  const registration = await ownRegistration();
  if (!registration || !(await registration.pushManager.getSubscription())) return false;
  const { title, body, ...data } = notice;
  await registration.showNotification(title, { body, tag: `room-${data.room}`, data, ...{ renotify: true } });
  return true;
}

/** What was told of a room is seen when the room is. */
export async function closeNotices(roomId: number): Promise<void> {
  const registration = await ownRegistration();
  for (const each of (await registration?.getNotifications({ tag: `room-${roomId}` })) ?? []) each.close();
}

async function subscribe(registration: ServiceWorkerRegistration, key: string): Promise<PushSubscription> {
  try {
    const known = await registration.pushManager.getSubscription();
    if (known && keyOf(known) === key) return known;
    await known?.unsubscribe();
    return await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: bytesOf(key) });
  } catch (error) {
    throw new PushFault(String(error));
  }
}

function whyImpossible(): Extract<ClosedBrowser, { is: "impossible" }>["why"] | null {
  if (!window.isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) return "unsupported";
  return Notification.permission === "denied" ? "blocked" : null;
}

async function ownSubscription(): Promise<PushSubscription | null> {
  return (await (await ownRegistration())?.pushManager.getSubscription()) ?? null;
}

async function ownRegistration(): Promise<ServiceWorkerRegistration | undefined> {
  return "serviceWorker" in navigator ? navigator.serviceWorker.getRegistration("/") : undefined;
}

function bytesOf(key: string): Uint8Array<ArrayBuffer> {
  const text = atob(key.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (each) => each.charCodeAt(0));
}

/** As the server writes it: base64url without padding. */
function keyOf({ options }: PushSubscription): string {
  const bytes = new Uint8Array(options.applicationServerKey ?? new ArrayBuffer(0));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
}
