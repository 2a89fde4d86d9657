import type { AccessToken, TokenPair } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Caller } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { signAccessToken } from "./access-token.ts";
import type { LoggedIn } from "./log-in.ts";
import { readRefreshToken, refreshToken } from "./refresh-token.ts";

export async function accessToken(
  services: Services,
  { account, sessionId }: LoggedIn,
  seconds: number = limits.accessTokenSeconds,
): Promise<AccessToken> {
  const claims = { userId: account.id, sessionId, username: account.username, role: account.role };
  const token = await signAccessToken(services.keys.access, claims, services.clock.now(), seconds);
  return { access_token: token, token_type: "bearer", expires_in: seconds };
}

export async function tokenPair(services: Services, logged: LoggedIn, count: number): Promise<TokenPair> {
  const access = await accessToken(services, logged);
  return { ...access, refresh_token: refreshToken(services.keys.refresh, logged.sessionId, count) };
}

/** Uses a refresh token: whose session it is, and the count of the token that follows it. */
export async function refresh(
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
