import { Refusal } from "#shared/errors.ts";
import type { Account } from "#shared/models.ts";
import { userName } from "#shared/names.ts";
import { isStorable } from "#shared/text.ts";
import type { Caller } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { KNOWN_COOKIE, knownBrowserIn } from "./known-browsers.ts";
import { forAddress } from "./passwords.ts";

export interface LoggedIn {
  account: Account;
  sessionId: string;
}

interface Guess {
  budget: "stranger" | "known";
  key: string;
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
  const { budgets, guesses, passwords, store } = services;
  budgets.take("login", from.address);
  if (!isStorable(given.username) || given.username.length > 400) throw new Refusal("wrong_credentials");
  const found = await store.read("credentials", NOBODY, { login: given.username });
  const guess = guessBudget(services, from, found?.userId ?? null, given.username);
  await guesses.take(guess.budget, guess.key);
  const asks = guess.budget === "known" ? { whose: guess.key, isKnown: true } : forAddress(from.address);
  const right = await passwords
    .verify(given.password, found?.passwordHash ?? null, asks)
    .catch(async (error: unknown) => {
      // Turned away by others' logins, not tried.
      await guesses.giveBack(guess.budget, guess.key);
      throw error;
    });
  if (!right || !found) throw new Refusal("wrong_credentials");
  await guesses.giveBack(guess.budget, guess.key);
  const { userId, passwordHash } = found;
  const rehash = passwords.needsUpgrade(passwordHash) ? await passwords.hash(given.password, asks) : null;
  const logged = await startSession(services, from, { userId, proven: passwordHash, rehash });
  if (guess.budget === "known") guesses.reset("known", guess.key);
  services.signedIn.addresses.add(found.userId, from.address);
  return logged;
}

/** A session for somebody whose password was just checked, or just made. */
export async function startSession(
  services: Services,
  from: Caller,
  whose: { userId: number; proven: string | null; rehash: string | null },
): Promise<LoggedIn> {
  const sessionId = Buffer.from(services.random(18)).toString("base64url");
  const args = { ...whose, sessionId, client: from.client };
  return { account: await services.store.write("start-session", NOBODY, args), sessionId };
}

/** A name without an account is counted under its normal form, as one with is counted under its account. */
function guessBudget(services: Services, from: Caller, userId: number | null, username: string): Guess {
  if (userId === null) {
    const name = userName(username);
    return { budget: "stranger", key: `nobody ${"fault" in name ? username : name.key}` };
  }
  const browser = knownBrowserIn(services.keys.browsers, from.cookie(KNOWN_COOKIE), userId);
  if (browser !== null) return { budget: "known", key: `${userId} browser ${browser}` };
  if (services.signedIn.addresses.has(userId, from.address)) {
    return { budget: "known", key: `${userId} address ${from.address}` };
  }
  return { budget: "stranger", key: `account ${userId}` };
}
