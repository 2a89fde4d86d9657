import { z } from "zod";
import { Nonce } from "../frames.ts";
import { limits } from "../limits.ts";
import { ActiveUser, HouseRoom, KeptOut, ListedRoom, Member, Posting, RoomKind, RoomRole } from "../models.ts";

/** Bodies and answers of rooms, members and messages under `/api/v1`. */

export const CreateRoom = z.strictObject({
  name: z.string(),
  description: z.string().max(limits.descriptionLength).optional(),
  kind: RoomKind.exclude(["direct"]).optional(),
  posting: Posting.optional(),
  nonce: Nonce.optional(),
});
export type CreateRoom = z.infer<typeof CreateRoom>;

export const ChangeRoom = z.strictObject({
  name: z.string().optional(),
  description: z.string().max(limits.descriptionLength).optional(),
  posting: Posting.optional(),
  archived: z.boolean().optional(),
});
export type ChangeRoom = z.infer<typeof ChangeRoom>;

export const RoomList = z.strictObject({ items: z.array(ListedRoom), next: z.string().nullable() });
export type RoomList = z.infer<typeof RoomList>;

export const HouseRoomList = z.strictObject({ items: z.array(HouseRoom), next: z.string().nullable() });
export type HouseRoomList = z.infer<typeof HouseRoomList>;

/** How much of what was said before they came somebody who is added may read: nothing, or all that who adds them may. */
export const GivenHistory = z.enum(["from_now", "all"]);
export type GivenHistory = z.infer<typeof GivenHistory>;

export const AddMembers = z.strictObject({
  user_ids: z.array(z.int().positive()).min(1).max(limits.membersAtOnce),
  history: GivenHistory.optional(),
});
export type AddMembers = z.infer<typeof AddMembers>;

export const MemberList = z.strictObject({ items: z.array(Member), next: z.string().nullable() });
export type MemberList = z.infer<typeof MemberList>;

/** `until`: they may come back then, within a minute. */
export const Ban = z.strictObject({
  user_id: z.int().positive(),
  until: z.iso.datetime({ precision: 3 }).nullish(),
  reason: z
    .string()
    .max(limits.banReasonLength * 4)
    .optional(),
});
export type Ban = z.infer<typeof Ban>;

export const KeptOutList = z.strictObject({ items: z.array(KeptOut), next: z.string().nullable() });
export type KeptOutList = z.infer<typeof KeptOutList>;

export const GiveRole = z.strictObject({ role: RoomRole });
export type GiveRole = z.infer<typeof GiveRole>;

export const TransferRoom = z.strictObject({ user_id: z.int().positive() });
export type TransferRoom = z.infer<typeof TransferRoom>;

/** One other person: the talk of the two, made or found. Several: a new talk of all of them. */
export const OpenDirect = z.strictObject({
  user_ids: z
    .array(z.int().positive())
    .min(1)
    .max(limits.directPeople - 1),
  nonce: Nonce.optional(),
});
export type OpenDirect = z.infer<typeof OpenDirect>;

export const ActiveList = z.strictObject({ users: z.array(ActiveUser), count: z.int() });
export type ActiveList = z.infer<typeof ActiveList>;

export const SendMessage = z.strictObject({
  content: z.string(),
  nonce: Nonce.optional(),
  reply_to: z.int().positive().optional().describe("A message of the same room"),
  thread: z.int().positive().optional().describe("The message in whose thread it is to stand"),
});
export type SendMessage = z.infer<typeof SendMessage>;

/** What is left out stays. A favourite is not hidden. */
export const SetApart = z
  .strictObject({ favourite: z.boolean().optional(), hidden: z.boolean().optional() })
  .refine(({ favourite, hidden }) => !(favourite && hidden), { error: "A favourite is not hidden." });
export type SetApart = z.infer<typeof SetApart>;

export const MarkRead = z.strictObject({ seq: z.int().nonnegative() });
export type MarkRead = z.infer<typeof MarkRead>;
