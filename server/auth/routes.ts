import { z } from "zod";
import * as contract from "#shared/contract/accounts.ts";
import { storable } from "#shared/contract/storable.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { Account } from "#shared/models.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";
import { limitParam } from "../query.ts";
import { settingsNow } from "../settings/settings.ts";
import { NOBODY } from "../store/store.ts";
import { version } from "../version.ts";
import { rememberBrowser } from "./browser-cookies.ts";
import { changePassword } from "./change-password.ts";
import { refresh, tokenPair } from "./issue-tokens.ts";
import { logIn } from "./log-in.ts";
import { mayOpenAccount, openAccount } from "./open-account.ts";
import { lookAtLink, setPassword } from "./set-password.ts";

const tag = "Accounts";

const sessionsQuery = z.strictObject({
  cursor: storable
    .regex(/^\d{1,15}\..{1,64}$/)
    .transform((text) => {
      const dot = text.indexOf(".");
      return { at: Number(text.slice(0, dot)), id: text.slice(dot + 1) };
    })
    .optional(),
  limit: limitParam,
});

export const authRoutes: Endpoint[] = [
  endpoint(
    {
      method: "get",
      path: "/info",
      tag,
      summary: "What anyone may know of this server",
      who: "anyone",
      status: 200,
      answer: contract.ServerInfo,
    },
    async ({ services }) => ({
      version,
      ...(await settingsNow(services)),
      empty: await services.store.read("is-empty", NOBODY),
    }),
  ),
  endpoint(
    {
      method: "post",
      path: "/signup",
      tag,
      summary: "Make an account",
      who: "maybe",
      body: contract.SignUp,
      status: 201,
      answer: Account,
    },
    async (call) => openAccount(call.services, call.from, call.body, call.maybeBy?.userId ?? null),
    async ({ services, maybeBy }) => mayOpenAccount(services, maybeBy),
  ),
  endpoint(
    {
      method: "post",
      path: "/token",
      tag,
      summary: "Log in: an access token and a refresh token",
      who: "anyone",
      body: contract.LogIn,
      form: true,
      status: 200,
      answer: contract.TokenPair,
    },
    async ({ services, from, body, headers }) => {
      const logged = await logIn(services, from, body);
      rememberBrowser(services, from, headers, logged.account.id);
      return tokenPair(services, logged, 0);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/token/refresh",
      tag,
      summary: "Use a refresh token, once: the next pair",
      who: "anyone",
      query: contract.RefreshQuery,
      body: contract.Refresh,
      form: true,
      bodyOptional: true,
      status: 200,
      answer: contract.TokenPair,
    },
    async ({ services, from, query, body, bearer }) => {
      const token = body.refresh_token ?? query.refresh_token ?? bearer;
      if (token === null) {
        throw new Refusal("invalid", "refresh_token: Send it in the body, the query or as the bearer.", {
          field: "refresh_token",
        });
      }
      const next = await refresh(services, from, token, body.nonce ?? null);
      return tokenPair(services, next, next.count);
    },
  ),
  endpoint(
    { method: "post", path: "/logout", tag, summary: "End this session", who: "signed", status: 204, answer: null },
    async ({ services, by }) => services.store.write("end-session", by, { sessionId: by.sessionId }),
  ),
  endpoint(
    {
      method: "post",
      path: "/ticket",
      tag,
      summary: "A proof for one socket, good once and for 30 seconds",
      who: "signed",
      status: 200,
      answer: contract.Ticket,
    },
    async ({ services, by }) => ({
      ticket: await services.tickets.issue(by.sessionId),
      expires_in: limits.ticketFor / 1_000,
    }),
  ),
  endpoint(
    { method: "get", path: "/me", tag, summary: "Oneself", who: "signed", status: 200, answer: Account },
    async ({ services, by }) => services.store.read("account", by),
  ),
  endpoint(
    {
      method: "post",
      path: "/me/password",
      tag,
      summary: "Change one's password; every other session ends",
      who: "signed",
      body: contract.ChangePassword,
      status: 204,
      answer: null,
    },
    async ({ services, by, body }) => changePassword(services, by, body),
  ),
  endpoint(
    {
      method: "post",
      path: "/password-link/look",
      tag,
      summary: "Whose password a link sets",
      who: "anyone",
      body: contract.PasswordLink,
      status: 200,
      answer: contract.PasswordLinkOf,
    },
    async ({ services, from, body }) => lookAtLink(services, from, body.token),
  ),
  endpoint(
    {
      method: "post",
      path: "/password-link",
      tag,
      summary: "Set a password by a link, once; every session of the account ends",
      who: "anyone",
      body: contract.UsePasswordLink,
      status: 200,
      answer: contract.PasswordLinkOf,
    },
    async ({ services, from, body, headers }) => setPassword(services, from, body, headers),
  ),
  endpoint(
    {
      method: "get",
      path: "/me/sessions",
      tag,
      summary: "Where one is logged in, the session that was used last first",
      who: "signed",
      query: sessionsQuery,
      status: 200,
      answer: contract.SessionList,
    },
    async ({ services, by, query: { cursor, limit } }) =>
      services.store.read("list-sessions", by, {
        current: by.sessionId,
        now: services.clock.now(),
        after: cursor ?? null,
        limit,
      }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/me/sessions/{id}",
      tag,
      summary: "Log out elsewhere",
      who: "signed",
      params: z.strictObject({ id: storable.max(64) }),
      status: 204,
      answer: null,
    },
    async ({ services, by, params }) => services.store.write("end-session", by, { sessionId: params.id }),
  ),
];
