import { z } from "zod";
import { ActiveUser, Message } from "../models.ts";

/** Bodies and answers of what is done to messages under `/api/v1`. */

const timestamp = z.iso.datetime({ precision: 3 });

export const EditMessage = z.strictObject({ content: z.string() });
export type EditMessage = z.infer<typeof EditMessage>;

export const FormerTexts = z.strictObject({
  items: z.array(z.strictObject({ content: z.string(), written_at: timestamp })).describe("The first words first"),
});
export type FormerTexts = z.infer<typeof FormerTexts>;

/** What was there and is not any more, on whose word. The words themselves are in no receipt. */
export const ErasureReceipt = z.strictObject({
  message_id: z.int(),
  room_id: z.int(),
  seq: z.int().describe("The event in the room's log that says so"),
  erased_at: timestamp,
  erased_by: z.int(),
  removed: z.strictObject({ texts: z.int(), reactions: z.int() }),
});
export type ErasureReceipt = z.infer<typeof ErasureReceipt>;

export const ReactionList = z.strictObject({
  items: z.array(z.strictObject({ emoji: z.string(), users: z.array(ActiveUser) })),
});
export type ReactionList = z.infer<typeof ReactionList>;

export const PinnedIds = z.strictObject({ ids: z.array(z.int().positive()) });
export type PinnedIds = z.infer<typeof PinnedIds>;

export const PinList = z.strictObject({ items: z.array(Message).describe("The newest pin first") });
export type PinList = z.infer<typeof PinList>;
