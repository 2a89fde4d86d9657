import { z } from "zod";
import * as contract from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { Account } from "#shared/models.ts";
import { type Call, type Caller, type Endpoint, endpoint } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { version } from "../version.ts";
import { signAccessToken } from "./access-token.ts";
import { KNOWN_COOKIE, knownBrowser, knownBrowserIn } from "./known-browsers.ts";
import { type LoggedIn, logIn, startSession } from "./log-in.ts";
import { refuseWeak } from "./passwords.ts";
import { readRefreshToken, refreshToken } from "./refresh-token.ts";
import type { Signed } from "./sessions.ts";

const tag = "Accounts";
const COOKIE = "parlour_refresh";
const COOKIE_PATH = "/api/v1/web";

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
    async ({ services: { config, store } }) => ({
      version,
      signup: config.signup,
      room_creation: config.roomCreation,
      empty: await store.read("is-empty", NOBODY),
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
    async (call) => signUp(call.services, call.from, call.body, call.maybeBy?.userId ?? null),
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
      body: contract.Refresh,
      status: 200,
      answer: contract.TokenPair,
    },
    async ({ services, from, body }) => {
      const next = await refresh(services, from, body.refresh_token, body.nonce ?? null);
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
    async ({ services, by }) => ({ ticket: services.tickets.issue(by), expires_in: limits.ticketFor / 1_000 }),
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
      method: "get",
      path: "/me/sessions",
      tag,
      summary: "Where one is logged in",
      who: "signed",
      status: 200,
      answer: contract.SessionList,
    },
    async ({ services, by }) => ({
      items: await services.store.read("list-sessions", by, { current: by.sessionId, now: services.clock.now() }),
    }),
  ),
  endpoint(
    {
      method: "delete",
      path: "/me/sessions/{id}",
      tag,
      summary: "Log out elsewhere",
      who: "signed",
      params: z.strictObject({ id: z.string().max(64) }),
      status: 204,
      answer: null,
    },
    async ({ services, by, params }) => services.store.write("end-session", by, { sessionId: params.id }),
  ),
  endpoint(
    {
      method: "post",
      path: "/web/signup",
      tag,
      summary: "Make an account and log this browser in",
      who: "anyone",
      body: contract.SignUp,
      status: 201,
      answer: contract.WebSession,
    },
    async (call) => {
      refuseOtherSites(call.from);
      const account = await signUp(call.services, call.from, call.body, null);
      const whose = { userId: account.id, proven: null, rehash: null };
      return webSession(call, await startSession(call.services, call.from, whose), 0);
    },
  ),
  endpoint(
    {
      method: "post",
      path: "/web/login",
      tag,
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
      tag,
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
      tag,
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

export async function signUp(
  services: Services,
  from: Caller,
  given: contract.SignUp,
  byUserId: number | null,
): Promise<Account> {
  services.budgets.take("signup", from.address);
  refuseWeak(given.password, "password");
  const email = given.email?.trim() || null;
  if (email !== null && !z.email().safeParse(email).success) {
    throw new Refusal("invalid", "That is not an e-mail address.", { field: "email" });
  }
  return services.store.write("sign-up", NOBODY, {
    username: given.username,
    email,
    passwordHash: await services.passwords.hash(given.password),
    role: given.role ?? "user",
    setting: services.config.signup,
    byUserId,
  });
}

async function changePassword(services: Services, by: Signed, body: contract.ChangePassword) {
  const key = `${by.userId} password`;
  services.budgets.take("known", key);
  const { passwordHash: proven } = await services.store.read("my-credentials", by);
  if (!(await services.passwords.verify(body.current_password, proven))) {
    throw new Refusal("wrong_credentials", "The current password is not right.", { field: "current_password" });
  }
  services.budgets.giveBack("known", key);
  refuseWeak(body.new_password, "new_password");
  const passwordHash = await services.passwords.hash(body.new_password);
  return services.store.write("change-password", by, { proven, passwordHash, keep: by.sessionId });
}

async function refresh(
  services: Services,
  from: Caller,
  text: string,
  nonce: string | null,
): Promise<LoggedIn & { count: number }> {
  services.budgets.take("refresh", from.address);
  const token = readRefreshToken(services.keys.refresh, text);
  if (!token) throw new Refusal("session_ended", "The refresh token is not valid. Log in again.");
  const next = await services.store.write("refresh-session", NOBODY, { ...token, nonce });
  if (!next.ok) throw new Refusal("session_ended");
  return next;
}

async function accessToken(services: Services, { account, sessionId }: LoggedIn): Promise<contract.AccessToken> {
  const claims = { userId: account.id, sessionId, username: account.username, role: account.role };
  const seconds = limits.accessTokenSeconds;
  const token = await signAccessToken(services.keys.access, claims, services.clock.now(), seconds);
  return { access_token: token, token_type: "bearer", expires_in: seconds };
}

async function tokenPair(services: Services, logged: LoggedIn, count: number): Promise<contract.TokenPair> {
  const access = await accessToken(services, logged);
  return { ...access, refresh_token: refreshToken(services.keys.refresh, logged.sessionId, count) };
}

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

function rememberBrowser(services: Services, from: Caller, headers: Headers, userId: number): void {
  const { browsers } = services.keys;
  const name =
    knownBrowserIn(browsers, from.cookie(KNOWN_COOKIE), userId) ??
    Buffer.from(services.random(9)).toString("base64url");
  setCookie(headers, from, KNOWN_COOKIE, knownBrowser(browsers, userId, name), "/api/v1", 365 * 86_400);
}

function setCookie(headers: Headers, from: Caller, name: string, value: string, path: string, seconds: number): void {
  const secure = from.secure ? "; Secure" : "";
  headers.append(
    "set-cookie",
    `${name}=${value}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`,
  );
}

/** What a cookie proves is for pages of this server alone. */
function refuseOtherSites(from: Caller): void {
  if (!from.sameOrigin) throw new Refusal("forbidden", "This address is for this server's own pages.");
}
