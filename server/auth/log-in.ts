import { Refusal } from "#shared/errors.ts";
import type { Account } from "#shared/models.ts";
import { isStorable } from "#shared/text.ts";
import type { Caller } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { isKnownBrowser, KNOWN_COOKIE } from "./known-browsers.ts";

export interface LoggedIn {
  account: Account;
  sessionId: string;
}

/**
 * Checks a password and starts a session: the one login for every door. Tries are counted before anything is hashed,
 * and a name without an account costs and answers the same as one with.
 */
export async function logIn(
  services: Services,
  from: Caller,
  given: { username: string; password: string },
): Promise<LoggedIn> {
  const { budgets, passwords, store } = services;
  budgets.take("login", from.address);
  if (!isStorable(given.username) || given.username.length > 400) throw new Refusal("wrong_credentials");
  const found = await store.read("credentials", NOBODY, { login: given.username });
  const guess = guessBudget(services, from, found?.userId ?? null, given.username);
  budgets.check(guess.budget, guess.key);
  if (!(await passwords.verify(given.password, found?.passwordHash ?? null)) || !found) {
    budgets.take(guess.budget, guess.key);
    throw new Refusal("wrong_credentials");
  }
  const rehash = passwords.needsUpgrade(found.passwordHash) ? await passwords.hash(given.password) : null;
  const logged = await startSession(services, from, found.userId, rehash);
  budgets.give("known", guess.knownKey);
  services.signedIn.addresses.add(found.userId, from.address);
  return logged;
}

/** A session for somebody whose password was just checked, or just made. */
export async function startSession(
  services: Services,
  from: Caller,
  userId: number,
  rehash: string | null,
): Promise<LoggedIn> {
  const sessionId = Buffer.from(services.random(18)).toString("base64url");
  const args = { userId, sessionId, client: from.client, rehash };
  return { account: await services.store.write("start-session", NOBODY, args), sessionId };
}

function guessBudget(services: Services, from: Caller, userId: number | null, username: string) {
  const stranger = { budget: "stranger", key: username.toLowerCase(), knownKey: "" } as const;
  if (userId === null) return stranger;
  if (isKnownBrowser(services.keys.browsers, from.cookie(KNOWN_COOKIE), userId)) {
    const key = `${userId} ${from.cookie(KNOWN_COOKIE)}`;
    return { budget: "known", key, knownKey: key } as const;
  }
  if (services.signedIn.addresses.has(userId, from.address)) {
    const key = `${userId} ${from.address}`;
    return { budget: "known", key, knownKey: key } as const;
  }
  return { ...stranger, key: String(userId) };
}
