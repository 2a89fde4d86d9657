import { z } from "zod";
import { HouseRoom } from "../models.ts";

/** Bodies and answers of what an admin does to the house, under `/api/v1/house`. */

const timestamp = z.iso.datetime({ precision: 3 }).describe("ISO 8601, UTC, milliseconds");

export const SettingName = z.enum(["signup", "room_creation", "former_texts"]);
export type SettingName = z.infer<typeof SettingName>;

export const HouseSetting = z.strictObject({
  name: SettingName,
  value: z.string().describe("What holds now"),
  choices: z.array(z.string()),
  source: z
    .enum(["house", "environment", "default"])
    .describe("Where the value comes from: house is an admin's choice"),
  otherwise: z.string().describe("What holds when no admin chooses"),
  variable: z.string().describe("The environment variable that says so"),
});
export type HouseSetting = z.infer<typeof HouseSetting>;

export const HouseSettings = z.strictObject({ items: z.array(HouseSetting) });
export type HouseSettings = z.infer<typeof HouseSettings>;

export const ChangeSetting = z.strictObject({
  value: z.string().max(40).nullable().describe("null: as the environment or the default says"),
});

/** How the server does. Counts are since its start: two answers and the time between them give a rate. */
export const HouseHealth = z.strictObject({
  version: z.string(),
  at: timestamp,
  started_at: timestamp,
  database: z.strictObject({
    kind: z.enum(["sqlite", "postgres"]),
    version: z.string(),
    bytes: z.int(),
  }),
  accounts: z.int(),
  rooms: z.int(),
  sockets: z.int().describe("Open on this node"),
  sends: z.int(),
  commits: z.int(),
  waiting: z.int().describe("Writes that wait for the next commit"),
  memory_bytes: z.int(),
  disk: z
    .strictObject({ free_bytes: z.int(), total_bytes: z.int() })
    .nullable()
    .describe("Where the data folder stands"),
});
export type HouseHealth = z.infer<typeof HouseHealth>;

export const AuditAct = z.enum([
  "account.made",
  "account.changed",
  "account.role",
  "account.deactivated",
  "account.reactivated",
  "account.erased",
  "password-link.made",
  "setting.changed",
  "room.deleted",
  "room.changed",
  "room.handed-on",
  "member.role",
  "member.removed",
  "member.banned",
  "member.unbanned",
  "invite.made",
  "invite.revoked",
  "message.erased",
  "group.made",
  "group.changed",
  "group.deleted",
]);
export type AuditAct = z.infer<typeof AuditAct>;

const Named = z.strictObject({ id: z.int().positive(), name: z.string() });

export const AuditEntry = z.strictObject({
  id: z.int().positive(),
  at: timestamp,
  actor: Named.nullable().describe("null: the operator, at the machine itself"),
  act: AuditAct,
  user: Named.nullable().describe("The person it was done to, by the name they have now"),
  room: Named.nullable(),
  detail: z.record(z.string(), z.string()),
  address: z.string().nullable().describe("Where it came from: an IPv6 address stands for its /64"),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

export const AuditPage = z.strictObject({ items: z.array(AuditEntry), next: z.string().nullable() });
export type AuditPage = z.infer<typeof AuditPage>;

/** The link is /chat/password# and the token: what stands behind the # reaches no server's log. */
export const MadePasswordLink = z.strictObject({ username: z.string(), token: z.string(), expires_at: timestamp });
export type MadePasswordLink = z.infer<typeof MadePasswordLink>;

/** What one person may do in one room. */
export const HouseMay = z.strictObject({
  user: Named,
  room: HouseRoom,
  place: z.string().nullable().describe("What they are in the room; null: not in it, or not for this admin to know"),
  answers: z
    .array(
      z.strictObject({
        action: z.string(),
        label: z.string().describe("As it follows on the person's name: Ana may write"),
        allowed: z.boolean(),
        why: z.string().nullable().describe("Why not, and what would change it"),
      }),
    )
    .nullable()
    .describe("null: a private room that the admin is not in, of which they see the name and the size"),
});
export type HouseMay = z.infer<typeof HouseMay>;
