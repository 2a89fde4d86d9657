import { z } from "zod";
import { limits } from "../limits.ts";

/** How a browser that is closed is told of new messages, under `/api/v1/me/push`. */

const timestamp = z.iso.datetime({ precision: 3 }).describe("ISO 8601, UTC, milliseconds");

export const PushBrowser = z.strictObject({
  service: z.string().describe("The name of the push service"),
  words: z.boolean().describe("What is told holds the words of the message"),
  made_at: timestamp,
  current: z.boolean().describe("Of the session that asks"),
});
export type PushBrowser = z.infer<typeof PushBrowser>;

export const PushState = z.strictObject({
  public_key: z.string().nullable().describe("`applicationServerKey` of a subscription; null: this server has it off"),
  items: z.array(PushBrowser),
});
export type PushState = z.infer<typeof PushState>;

/** What `PushSubscription.toJSON()` gives, and whether the words may be told. */
export const PutPush = z.strictObject({
  endpoint: z.string().max(limits.pushEndpointLength),
  keys: z.strictObject({ p256dh: z.string().max(100), auth: z.string().max(40) }),
  words: z.boolean(),
});
export type PutPush = z.infer<typeof PutPush>;

/** The same from a browser whose address changed while no page was open. */
export const MovePush = PutPush.omit({ words: true });

export const PushTried = z.strictObject({
  taken: z.boolean().describe("The push service took it: the browser shows it in a moment"),
  why: z
    .enum(["gone", "unreached", "refused"])
    .nullable()
    .describe("Why not: it does not know the browser any more, was not reached in time, or refused"),
});
export type PushTried = z.infer<typeof PushTried>;

/** What a push brings the service worker, to be shown as it is. */
export interface PushNotice {
  room: number;
  /** The place of the message in the room's log. */
  seq: number;
  message: number;
  /** The message that the thread hangs on in which it stands. */
  thread?: number;
  title: string;
  body: string;
}

/** What it brings when its person tries whether it does. */
export interface PushTest {
  test: true;
  title: string;
  body: string;
}
