import { z } from "zod";
import { Nonce } from "../frames.ts";
import { limits } from "../limits.ts";
import { ActiveUser, HouseRoom, ListedRoom, Member, RoomKind } from "../models.ts";

/** Bodies and answers of rooms, members and messages under `/api/v1`. */

export const CreateRoom = z.strictObject({
  name: z.string(),
  description: z.string().max(limits.descriptionLength).optional(),
  kind: RoomKind.optional(),
  nonce: Nonce.optional(),
});
export type CreateRoom = z.infer<typeof CreateRoom>;

export const ChangeRoom = z.strictObject({
  name: z.string().optional(),
  description: z.string().max(limits.descriptionLength).optional(),
});
export type ChangeRoom = z.infer<typeof ChangeRoom>;

export const RoomList = z.strictObject({ items: z.array(ListedRoom), next: z.string().nullable() });
export type RoomList = z.infer<typeof RoomList>;

export const HouseRoomList = z.strictObject({ items: z.array(HouseRoom), next: z.string().nullable() });
export type HouseRoomList = z.infer<typeof HouseRoomList>;

export const AddMembers = z.strictObject({ user_ids: z.array(z.int().positive()).min(1).max(limits.membersAtOnce) });
export type AddMembers = z.infer<typeof AddMembers>;

export const MemberList = z.strictObject({ items: z.array(Member), next: z.string().nullable() });
export type MemberList = z.infer<typeof MemberList>;

export const ActiveList = z.strictObject({ users: z.array(ActiveUser), count: z.int() });
export type ActiveList = z.infer<typeof ActiveList>;

export const SendMessage = z.strictObject({ content: z.string(), nonce: Nonce.optional() });
export type SendMessage = z.infer<typeof SendMessage>;

export const MarkRead = z.strictObject({ seq: z.int().nonnegative() });
export type MarkRead = z.infer<typeof MarkRead>;
