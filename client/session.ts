import type { AccessToken, TokenPair } from "#shared/contract/accounts.ts";
import { errors, Refusal } from "#shared/errors.ts";
import { type Caller, call } from "./call.ts";
import type { Clock } from "./clock.ts";
import { makeNonce, type Random } from "./nonce.ts";

/** Where access tokens come from. */
export interface Session {
  /** A valid access token; refreshes when it is about to end. Rejects with `session_ended` when there is none any more. */
  accessToken(): Promise<string>;
  /** The server said this token is not good: forget it, so that the next call refreshes. */
  rejected(token: string): void;
}

/** For bots, tests and tools: logs in by password, or goes on with a pair, and keeps the refresh token in memory. */
export function tokenSession(
  options: Caller & { random: Random; from: { username: string; password: string } | TokenPair },
): Session {
  const { clock, random, from } = options;
  let refreshToken = "refresh_token" in from ? from.refresh_token : null;
  // Unknown is not failed: a refresh without an answer is asked again by the same nonce, which gives the same pair.
  let nonce: string | null = null;

  async function renew(): Promise<AccessToken> {
    if (refreshToken === null) {
      if ("refresh_token" in from) throw new Refusal("session_ended");
      const pair = (await call(options, "POST", "/api/v1/token", { body: from })) as TokenPair;
      refreshToken = pair.refresh_token;
      return pair;
    }
    nonce ??= makeNonce(clock.now(), random);
    const body = { refresh_token: refreshToken, nonce };
    const pair = (await call(options, "POST", "/api/v1/token/refresh", { body })) as TokenPair;
    refreshToken = pair.refresh_token;
    nonce = null;
    return pair;
  }

  return renewingSession({ clock, renew, ...("access_token" in from ? { first: from } : {}) });
}

/**
 * The part that every session shares: one renewal at a time, shortly before the token ends. A renewal refused with 401
 * ends the session for good; any other failure is thrown on and may be tried again.
 */
export function renewingSession(options: {
  clock: Clock;
  renew: () => Promise<AccessToken>;
  first?: AccessToken;
}): Session {
  const { clock, renew } = options;
  let held: Held | null = options.first ? hold(options.first, clock) : null;
  let renewal: Promise<string> | null = null;
  let ended: Refusal | null = null;

  async function renewed(): Promise<string> {
    try {
      held = hold(await renew(), clock);
      return held.token;
    } catch (error) {
      if (!(error instanceof Refusal) || errors[error.code].status !== 401) throw error;
      ended = error.code === "wrong_credentials" ? error : new Refusal("session_ended");
      throw ended;
    } finally {
      renewal = null;
    }
  }

  return {
    async accessToken() {
      if (ended) throw ended;
      if (held && clock.now() < held.until) return held.token;
      renewal ??= renewed();
      return renewal;
    },
    rejected(token) {
      if (held?.token === token) held = null;
    },
  };
}

interface Held {
  readonly token: string;
  readonly until: number;
}

function hold(token: AccessToken, clock: Clock): Held {
  const lasts = token.expires_in * 1_000;
  return { token: token.access_token, until: clock.now() + lasts - Math.min(30_000, lasts / 10) };
}
