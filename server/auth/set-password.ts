import type { PasswordLinkOf, UsePasswordLink } from "#shared/contract/accounts.ts";
import type { Caller } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { NOBODY } from "../store/store.ts";
import { rememberBrowser } from "./browser-cookies.ts";
import { type findPasswordLink, hashOfToken, linkIsOver } from "./password-links.ts";
import { forAddress, refuseWeak } from "./passwords.ts";

type Linked = NonNullable<Awaited<ReturnType<typeof findPasswordLink>>>;

/** Whose password a link sets. */
export async function lookAtLink(services: Services, from: Caller, token: string): Promise<PasswordLinkOf> {
  return { username: (await linked(services, from, token)).username };
}

/** Sets a password by a link. The link is looked at before anything is hashed. */
export async function setPassword(
  services: Services,
  from: Caller,
  body: UsePasswordLink,
  headers: Headers,
): Promise<PasswordLinkOf> {
  await linked(services, from, body.token);
  refuseWeak(body.new_password, "new_password");
  const { userId, username } = await services.store.write("use-password-link", NOBODY, {
    tokenHash: hashOfToken(body.token),
    passwordHash: await services.passwords.hash(body.new_password, forAddress(from.address)),
  });
  // Strangers' guesses at the account must not keep its owner out of the login that follows.
  services.signedIn.addresses.add(userId, from.address);
  rememberBrowser(services, from, headers, userId);
  return { username };
}

async function linked(services: Services, from: Caller, token: string): Promise<Linked> {
  services.budgets.take("link", from.address);
  const found = await services.store.read("password-link", NOBODY, {
    tokenHash: hashOfToken(token),
    now: services.clock.now(),
  });
  if (found === null) throw linkIsOver();
  return found;
}
