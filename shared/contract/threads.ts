import { z } from "zod";
import { Level, Message, MyThread, TalkPage } from "../models.ts";

/** Bodies and answers of threads under `/api/v1`. */

export const ThreadPage = TalkPage.extend({
  n: z.int().describe("The newest reply's number when this page was read"),
  root: Message.describe("The message that the thread hangs on"),
});
export type ThreadPage = z.infer<typeof ThreadPage>;

export const FollowedThread = z.strictObject({
  thread: MyThread,
  root: Message,
  last: Message.nullable().describe("Its newest reply; null: none, or none that one may see"),
});
export type FollowedThread = z.infer<typeof FollowedThread>;

export const FollowedThreads = z.strictObject({
  items: z.array(FollowedThread).describe("The one with the newest activity first"),
  next: z.string().nullable(),
});
export type FollowedThreads = z.infer<typeof FollowedThreads>;

export const SetThreadLevel = z.strictObject({
  level: Level.nullable().describe("null: every reply, unless one is told of nothing in the room"),
});
