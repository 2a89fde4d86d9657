import { z } from "zod";
import { Nonce } from "../frames.ts";
import { Message, Scheduled } from "../models.ts";

/** Bodies and answers of what a person keeps for themselves, under `/api/v1`. */

const timestamp = z.iso.datetime({ precision: 3 });
const when = z.iso.datetime({ offset: true }).describe("ISO 8601; a time that has passed means now");

const id = z.int().positive();

export const KeepDraft = z.strictObject({
  content: z.string().describe("Empty: there is none any more"),
  thread: id.optional().describe("The message in whose thread it is written"),
});
export type KeepDraft = z.infer<typeof KeepDraft>;

export const SavedList = z.strictObject({
  items: z
    .array(
      z.strictObject({
        message_id: z.int().positive(),
        saved_at: timestamp,
        message: Message.nullable().describe("null: it is not open to this person any more"),
      }),
    )
    .describe("Saved last first"),
  next: z.string().nullable(),
});
export type SavedList = z.infer<typeof SavedList>;

export const ScheduleMessage = z.strictObject({
  content: z.string(),
  at: when,
  nonce: Nonce.optional(),
  thread: id.optional().describe("The message in whose thread it is to stand"),
  reply_to: id.optional().describe("The message that it answers, of the room or of that thread"),
});
export type ScheduleMessage = z.infer<typeof ScheduleMessage>;

export const ChangeScheduled = z.strictObject({ content: z.string().optional(), at: when.optional() });
export type ChangeScheduled = z.infer<typeof ChangeScheduled>;

export const ScheduledList = z.strictObject({ items: z.array(Scheduled).describe("The one that is due first first") });
export type ScheduledList = z.infer<typeof ScheduledList>;
