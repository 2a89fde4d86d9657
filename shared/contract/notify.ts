import { z } from "zod";
import { limits } from "../limits.ts";
import { Level, Message, Preferences, QuietHours } from "../models.ts";

/** Bodies and answers of what one is told of, and of groups, under `/api/v1`. */

export const SetLevel = z.strictObject({ level: Level.nullable().describe("null: as the preferences say") });

/** What is left out stays as it is. */
export const ChangePreferences = z.strictObject({
  rooms: Level.optional(),
  keywords: z
    .array(z.string().max(limits.keywordLength * 4))
    .max(limits.keywords)
    .optional(),
  words: z.boolean().optional(),
  paused_until: Preferences.shape.paused_until.optional(),
  quiet: QuietHours.nullish(),
});
export type ChangePreferences = z.infer<typeof ChangePreferences>;

export const MentionList = z.strictObject({
  items: z.array(Message).describe("The newest first"),
  next: z.string().nullable(),
});
export type MentionList = z.infer<typeof MentionList>;

/** What became of telling somebody outside of their open pages. */
export type HowTold = (typeof HOW_TOLD)[number];
const HOW_TOLD = ["pushed", "letter", "passed", "at_device", "failed"] as const;
const timestamp = z.iso.datetime({ precision: 3 });

export const Why = z.strictObject({
  notify: z.boolean(),
  how: z.enum(["aloud", "marked", "counted", "nothing"]),
  reason: z.string(),
  call: z.enum(["named", "group", "room", "here", "keyword"]).nullable(),
  sentence: z.string(),
  at: timestamp.describe("The moment that is decided for: when it was said, or when an edit made it call the person"),
  now: z
    .strictObject({ notify: z.boolean(), sentence: z.string() })
    .nullable()
    .describe("Where the same message would be told otherwise if it were said now"),
  told: z
    .array(z.strictObject({ how: z.enum([...HOW_TOLD, "with_newer"]), at: timestamp }))
    .describe("What became of it outside of open pages, as far as that is kept: of each person the newest 200"),
  level: Level.describe("The level that counted"),
  room_level: Level.nullable().describe("The person's own for this room"),
  preferences: Preferences,
});
export type Why = z.infer<typeof Why>;

export const Group = z.strictObject({
  id: z.int().positive(),
  name: z.string(),
  user_ids: z.array(z.int().positive()),
});
export type Group = z.infer<typeof Group>;

export const MakeGroup = z.strictObject({ name: z.string() });
export const GroupList = z.strictObject({ items: z.array(Group) });
export type GroupList = z.infer<typeof GroupList>;
export const SetGroupMembers = z.strictObject({
  user_ids: z.array(z.int().positive()).max(limits.groupMembers),
});
