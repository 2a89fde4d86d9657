import { z } from "zod";
import { limits } from "../limits.ts";
import { Face, User } from "../models.ts";

/** What people say of themselves, under `/api/v1/users` and `/api/v1/me`. */

const timestamp = z.iso.datetime({ precision: 3 }).describe("ISO 8601, UTC, milliseconds");

export const Status = z.strictObject({
  text: z.string(),
  until: timestamp.nullable().describe("It is gone by itself then; null: it stays"),
});
export type Status = z.infer<typeof Status>;

export const Person = User.extend({
  display_name: z
    .string()
    .describe("Empty: none was chosen. Anybody may choose any: where it is shown, the user name stands beside it"),
  hue: z.int().min(0).max(359).nullable().describe("The colour of the drawn avatar; null: by the id"),
  time_zone: z.string().nullable().describe("As in the IANA's list: Europe/Paris"),
  status: Status.nullable(),
});
export type Person = z.infer<typeof Person>;

/** Connected, and whether they did something within five minutes. */
export const Seen = z.enum(["online", "away"]);
export type Seen = z.infer<typeof Seen>;

export const SeenList = z.strictObject({
  items: z.array(z.strictObject({ user_id: z.int().positive(), seen: Seen })).describe("Those who are connected"),
});
export type SeenList = z.infer<typeof SeenList>;

export const ChangeProfile = z.strictObject({
  display_name: z
    .string()
    .max(limits.usernameLength * 4)
    .optional(),
  hue: z.int().min(0).max(359).nullish(),
  time_zone: z.string().max(64).nullish(),
  status: z.strictObject({ text: z.string().max(limits.statusLength * 4), until: timestamp.nullish() }).nullish(),
});
export type ChangeProfile = z.infer<typeof ChangeProfile>;

export const BlockList = z.strictObject({ items: z.array(Face), next: z.string().nullable() });
export type BlockList = z.infer<typeof BlockList>;

/** What becomes of the words of somebody who is erased: they stay under "former member", or go. */
export const ErasedWords = z.enum(["keep", "erase"]);
export type ErasedWords = z.infer<typeof ErasedWords>;

export const EraseAccount = z.strictObject({ words: ErasedWords });

export const ErasedAccount = z.strictObject({
  id: z.int().positive(),
  words: ErasedWords.describe("Those that go are taken a few at a time after the answer"),
  erased_at: timestamp,
});
export type ErasedAccount = z.infer<typeof ErasedAccount>;

export const ErasedList = z.strictObject({ items: z.array(ErasedAccount), next: z.string().nullable() });
export type ErasedList = z.infer<typeof ErasedList>;
