import * as contract from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { type Call, type Caller, type Endpoint, endpoint } from "../endpoint.ts";
import { NOBODY } from "../store/store.ts";
import { rememberBrowser, setCookie } from "./browser-cookies.ts";
import { accessToken, refresh } from "./issue-tokens.ts";
import { type LoggedIn, logIn, startSession } from "./log-in.ts";
import { mayOpenAccount, openAccount } from "./open-account.ts";
import { readRefreshToken, refreshToken } from "./refresh-token.ts";

export const webTag = "This server's own pages";
export const COOKIE = "parlour_refresh";
const COOKIE_PATH = "/api/v1/web";

/** For the web alone: the refresh token is in a cookie that no page can read. */
export const webRoutes: Endpoint[] = [
  endpoint(
    {
      method: "post",
      path: "/web/signup",
      tag: webTag,
      summary: "Make an account and log this browser in",
      who: "anyone",
      body: contract.SignUp,
      status: 201,
      answer: contract.WebSession,
    },
    async (call) => {
      refuseOtherSites(call.from);
      const account = await openAccount(call.services, call.from, call.body, null);
      const whose = { userId: account.id, proven: null, rehash: null };
      return webSession(call, await startSession(call.services, call.from, whose), 0);
    },
    async ({ services }) => mayOpenAccount(services, null),
  ),
  endpoint(
    {
      method: "post",
      path: "/web/login",
      tag: webTag,
      summary: "Log this browser in",
      who: "anyone",
      body: contract.LogIn,
      status: 200,
      answer: contract.WebSession,
    },
    async (call) => {
      refuseOtherSites(call.from);
      return webSession(call, await logIn(call.services, call.from, call.body), 0);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/web/refresh",
      tag: webTag,
      summary: "Go on with this browser's session",
      who: "anyone",
      body: contract.WebRefresh,
      status: 200,
      answer: contract.WebSession,
    },
    async (call) => {
      refuseOtherSites(call.from);
      const next = await refresh(call.services, call.from, call.from.cookie(COOKIE) ?? "", call.body.nonce);
      return webSession(call, next, next.count);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/web/logout",
      tag: webTag,
      summary: "Log this browser out",
      who: "anyone",
      status: 204,
      answer: null,
    },
    async ({ services, from, headers }) => {
      refuseOtherSites(from);
      setCookie(headers, from, COOKIE, "", COOKIE_PATH, 0);
      const token = readRefreshToken(services.keys.refresh, from.cookie(COOKIE) ?? "");
      if (token) await services.store.write("log-out", NOBODY, { sessionId: token.sessionId });
      return null;
    },
  ),
];

async function webSession(
  call: Pick<Call<unknown, unknown, unknown>, "services" | "from" | "headers">,
  logged: LoggedIn,
  count: number,
): Promise<contract.WebSession> {
  const { services, from, headers } = call;
  const token = refreshToken(services.keys.refresh, logged.sessionId, count);
  setCookie(headers, from, COOKIE, token, COOKIE_PATH, limits.sessionIdleDays * 86_400);
  rememberBrowser(services, from, headers, logged.account.id);
  return { ...(await accessToken(services, logged)), user: logged.account };
}

/** What a cookie proves is for pages of this server alone. */
export function refuseOtherSites(from: Caller): void {
  if (!from.sameOrigin) throw new Refusal("forbidden", "This address is for this server's own pages.");
}
