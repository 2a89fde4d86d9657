import { createHmac } from "node:crypto";
import { NOBODY, type Store } from "../store/store.ts";
import type { CallAnswer } from "./call.ts";
import { encrypt, MOST_BYTES, newSender } from "./encrypt.ts";
import type { News } from "./news.ts";
import { noticeText, testText } from "./notice.ts";
import { receiverFrom } from "./receiver.ts";
import type { Vapid } from "./vapid.ts";

export interface PushTo {
  readonly sessionId: string;
  readonly roomId: number;
  /** The newest first: it is told of the first that there still is something to tell of. */
  readonly seqs: readonly number[];
  /** Without the words: the service took the notice with them for too long. */
  readonly bare: boolean;
}

export type Outcome =
  | { is: "told"; seq: number }
  /** There is nothing to tell any more, or nobody to tell it to. */
  | { is: "nothing" }
  /** The push service does not know the browser any more: it is forgotten. */
  | { is: "gone" }
  | { is: "later"; retryAfter: number | null }
  | { is: "too-long" }
  | { is: "refused"; why: string };

export interface SendParts {
  readonly store: Store;
  readonly vapid: Vapid;
  /** Names rooms to push services by what says nothing of them. */
  readonly topicKey: Uint8Array;
  readonly now: () => number;
  readonly random: (bytes: number) => Uint8Array;
  readonly call: (endpoint: string, headers: Record<string, string>, body: Uint8Array) => Promise<CallAnswer>;
}

/** How long a push service keeps it for a browser that does not run. */
const KEPT_SECONDS = 86_400;

/** One try: what may be told is asked now, encrypted for the browser, and handed to its push service. */
export async function sendPush(parts: SendParts, to: PushTo): Promise<Outcome> {
  const { sessionId, roomId, seqs } = to;
  const news = await parts.store.read("push-news", NOBODY, { sessionId, roomId, seqs, now: parts.now() });
  if (!news) return { is: "nothing" };
  const browser = { ...news, sessionId };
  return handOver(parts, browser, { seq: news.seq, text: textFor(news, to), topic: topicOf(parts.topicKey, roomId) });
}

/** A browser as it was written down when it asked to be told. */
export interface Browser {
  readonly sessionId: string;
  readonly endpoint: string;
  readonly p256dh: string;
  readonly auth: string;
}

export function sendTest(parts: SendParts, browser: Browser): Promise<Outcome> {
  const text = testText();
  return handOver(parts, browser, { seq: 0, text, topic: topicOf(parts.topicKey, 0) });
}

async function handOver(
  parts: SendParts,
  browser: Browser,
  { seq, text, topic }: { seq: number; text: string; topic: string },
): Promise<Outcome> {
  const receiver = receiverFrom(browser.p256dh, browser.auth);
  if (!receiver) return { is: "nothing" };
  const body = await encrypt(text, receiver, await newSender(parts.random));
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Encoding": "aes128gcm",
    Authorization: await parts.vapid.authorization(new URL(browser.endpoint).origin, parts.now()),
    TTL: String(KEPT_SECONDS),
    Urgency: "high",
    Topic: topic,
  };
  const answer = await parts.call(browser.endpoint, headers, body);
  if ("fault" in answer) return { is: "refused", why: answer.fault };
  if ("unreached" in answer) return { is: "later", retryAfter: null };
  return outcomeOf(parts, answer, browser, seq);
}

async function outcomeOf(
  { store }: SendParts,
  { status, retryAfter }: { status: number; retryAfter: number | null },
  { sessionId, endpoint }: Browser,
  seq: number,
): Promise<Outcome> {
  if (status >= 200 && status < 300) return { is: "told", seq };
  if (status === 404 || status === 410) {
    await store.write("drop-push", NOBODY, { sessionId, endpoint });
    return { is: "gone" };
  }
  if (status === 413) return { is: "too-long" };
  if (status === 408 || status === 429 || status >= 500) return { is: "later", retryAfter };
  return { is: "refused", why: `status ${status}` };
}

function textFor(news: News, { roomId, bare }: PushTo): string {
  const text = noticeText(news, roomId, bare);
  return Buffer.byteLength(text) > MOST_BYTES ? noticeText(news, roomId, true) : text;
}

/** 32 characters of base64url, the most that a topic may have (RFC 8030, 5.4). */
function topicOf(key: Uint8Array, roomId: number): string {
  return createHmac("sha256", key).update(String(roomId)).digest().subarray(0, 24).toString("base64url");
}
