import { createHmac } from "node:crypto";
import { NOBODY, type Store } from "../store/store.ts";
import type { CallAnswer } from "./call.ts";
import { encrypt, MOST_BYTES, newSender } from "./encrypt.ts";
import type { News } from "./news.ts";
import { noticeText } from "./notice.ts";
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
  /** It is told, or there is nothing to tell any more. */
  { is: "done" } | { is: "later"; retryAfter: number | null } | { is: "too-long" } | { is: "refused"; why: string };

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
  const now = parts.now();
  const news = await parts.store.read("push-news", NOBODY, { sessionId, roomId, seqs, now });
  const receiver = news && receiverFrom(news.p256dh, news.auth);
  if (!news || !receiver) return { is: "done" };
  const body = await encrypt(textFor(news, to), receiver, await newSender(parts.random));
  const headers = {
    "Content-Type": "application/octet-stream",
    "Content-Encoding": "aes128gcm",
    Authorization: await parts.vapid.authorization(new URL(news.endpoint).origin, now),
    TTL: String(KEPT_SECONDS),
    Urgency: "high",
    Topic: topicOf(parts.topicKey, roomId),
  };
  const answer = await parts.call(news.endpoint, headers, body);
  if ("fault" in answer) return { is: "refused", why: answer.fault };
  if ("unreached" in answer) return { is: "later", retryAfter: null };
  return outcomeOf(parts, answer, { sessionId, endpoint: news.endpoint });
}

async function outcomeOf(
  { store }: SendParts,
  { status, retryAfter }: { status: number; retryAfter: number | null },
  whose: { sessionId: string; endpoint: string },
): Promise<Outcome> {
  if (status >= 200 && status < 300) return { is: "done" };
  if (status === 404 || status === 410) {
    await store.write("drop-push", NOBODY, whose);
    return { is: "done" };
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
