import { z } from "zod";
import { limits } from "../limits.ts";
import { Account, ManagedAccount, Role, Session } from "../models.ts";
import { Person } from "./people.ts";
import { storable } from "./storable.ts";

/** Bodies and answers of sign-up, login, sessions and people under `/api/v1`. */

export const SignUp = z.strictObject({
  username: z.string(),
  password: z.string(),
  email: z.string().max(limits.emailLength).nullish(),
  role: Role.optional(),
  invite: z.string().max(100).optional().describe("What stands behind the # of an invite's link"),
});
export type SignUp = z.infer<typeof SignUp>;

/** An OAuth2 form brings the four last, often empty; they are accepted and unused. */
export const LogIn = z.strictObject({
  username: z.string(),
  password: z.string(),
  grant_type: z.string().optional(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
});
export type LogIn = z.infer<typeof LogIn>;

export const AccessToken = z.strictObject({
  access_token: z.string(),
  token_type: z.literal("bearer"),
  expires_in: z.int().describe("Seconds"),
});
export type AccessToken = z.infer<typeof AccessToken>;

export const TokenPair = AccessToken.extend({ refresh_token: z.string() });
export type TokenPair = z.infer<typeof TokenPair>;

/** What the web's own login answers: the refresh token is in an HttpOnly cookie. */
export const WebSession = AccessToken.extend({ user: Account });
export type WebSession = z.infer<typeof WebSession>;

/** The token may stand in the query or be the bearer instead. A form brings the four last. */
export const Refresh = z.strictObject({
  refresh_token: z.string().optional(),
  nonce: storable.min(8).max(limits.nonceBytes).optional(),
  grant_type: z.string().optional(),
  scope: z.string().optional(),
  client_id: z.string().optional(),
  client_secret: z.string().optional(),
});

export const RefreshQuery = z.strictObject({ refresh_token: storable.optional() });

export const WebRefresh = z.strictObject({ nonce: storable.min(8).max(limits.nonceBytes) });
export type WebRefresh = z.infer<typeof WebRefresh>;

export const ChangePassword = z.strictObject({ current_password: z.string(), new_password: z.string() });
export type ChangePassword = z.infer<typeof ChangePassword>;

/** `token` is what stands behind the # of the link. */
export const PasswordLink = z.strictObject({ token: z.string().max(100) });

export const UsePasswordLink = PasswordLink.extend({ new_password: z.string() });
export type UsePasswordLink = z.infer<typeof UsePasswordLink>;

export const PasswordLinkOf = z.strictObject({ username: z.string() });
export type PasswordLinkOf = z.infer<typeof PasswordLinkOf>;

export const SessionList = z.strictObject({ items: z.array(Session), next: z.string().nullable() });
export type SessionList = z.infer<typeof SessionList>;

export const Ticket = z.strictObject({ ticket: z.string(), expires_in: z.int().describe("Seconds") });
export type Ticket = z.infer<typeof Ticket>;

export const UserList = z.strictObject({ items: z.array(Person), next: z.string().nullable() });
export type UserList = z.infer<typeof UserList>;

/** For admins: everybody, those who are deactivated too. */
export const AccountList = z.strictObject({ items: z.array(ManagedAccount), next: z.string().nullable() });
export type AccountList = z.infer<typeof AccountList>;

export const ChangeUser = z.strictObject({
  username: z.string().optional(),
  email: z.string().max(limits.emailLength).nullish().describe("null takes it away"),
  password: z.string().optional(),
  current_password: z.string().optional().describe("Needed for a new password of one's own"),
  role: Role.optional().describe("By an admin, of somebody else"),
  active: z.boolean().optional().describe("By an admin; false ends every session of the account"),
});
export type ChangeUser = z.infer<typeof ChangeUser>;

/** What anyone may know of a server before they log in. */
export const ServerInfo = z.strictObject({
  version: z.string(),
  signup: z.enum(["open", "invite", "closed"]),
  room_creation: z.enum(["everyone", "admins"]),
  former_texts: z.enum(["shown", "hidden"]).describe("Whether others read what a message said before it was edited"),
  empty: z.boolean().describe("No account yet: the first one is the admin"),
});
export type ServerInfo = z.infer<typeof ServerInfo>;
