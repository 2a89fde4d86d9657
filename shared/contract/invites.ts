import { z } from "zod";
import { limits } from "../limits.ts";
import { ActiveUser } from "../models.ts";

/** Bodies and answers of invites under `/api/v1`. */

const id = z.int().positive();
const timestamp = z.iso.datetime({ precision: 3 });

export const MakeInvite = z.strictObject({
  room_ids: z.array(id).max(limits.inviteRooms).optional().describe("Rooms that it leads into; none: an account alone"),
  guest: z.boolean().optional().describe("Whoever makes an account with it is a guest: in these rooms and no other"),
  uses: z.int().min(1).max(limits.inviteUses).nullish().describe("How many people may use it; null: any number"),
  expires_in: z.int().min(60).max(limits.inviteSeconds).nullish().describe("Seconds; null: it does not end"),
});
export type MakeInvite = z.infer<typeof MakeInvite>;

export const Invite = z.strictObject({
  id,
  rooms: z.array(z.strictObject({ id, name: z.string() })),
  made_by: ActiveUser,
  made_at: timestamp,
  expires_at: timestamp.nullable(),
  uses: z.int().describe("People who used it"),
  uses_most: z.int().nullable(),
  guest: z.boolean(),
});
export type Invite = z.infer<typeof Invite>;

/** The only time that its token is told: what is kept is a hash. */
export const InviteMade = Invite.extend({ token: z.string().describe("It goes behind the # of /chat/invite#") });
export type InviteMade = z.infer<typeof InviteMade>;

export const InviteList = z.strictObject({ items: z.array(Invite), next: z.string().nullable() });
export type InviteList = z.infer<typeof InviteList>;

export const InviteToken = z.strictObject({ token: z.string().max(100) });

/** What an invite tells whoever holds it. */
export const InviteLook = z.strictObject({
  by: z.string(),
  rooms: z.array(z.string()),
  guest: z.boolean().describe("An account that is made with it is a guest's"),
  opens_account: z.boolean().describe("An account can be made with it"),
});
export type InviteLook = z.infer<typeof InviteLook>;

export const InviteUsed = z.strictObject({ room_ids: z.array(id).describe("The rooms that one is in by it now") });
export type InviteUsed = z.infer<typeof InviteUsed>;
