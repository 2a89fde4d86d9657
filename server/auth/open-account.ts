import { z } from "zod";
import type { SignUp } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import type { Account } from "#shared/models.ts";
import type { Caller } from "../endpoint.ts";
import { inviteIsOver } from "../invites/find-invite.ts";
import type { Services } from "../services.ts";
import { settingsNow } from "../settings/settings.ts";
import { NOBODY } from "../store/store.ts";
import { hashOfToken } from "./password-links.ts";
import { forAddress, refuseWeak } from "./passwords.ts";
import type { Signed } from "./sessions.ts";
import { inviteNeeded } from "./sign-up.ts";

/** Refuses whoever could not make an account, whatever they bring. What they bring is decided in the transaction. */
export async function mayOpenAccount(services: Services, by: Signed | null): Promise<void> {
  const { store } = services;
  const { signup } = await settingsNow(services);
  if (signup !== "closed" || (await store.read("is-empty", NOBODY))) return;
  if (by === null || (await store.read("account", by)).role !== "admin") throw new Refusal("signup_closed");
}

/** Makes an account: the one sign-up for every door. `byUserId` is whoever asks, if they are signed in. */
export async function openAccount(
  services: Services,
  from: Caller,
  given: SignUp,
  byUserId: number | null,
): Promise<Account> {
  services.budgets.take("signup", from.address);
  await lookAtInvite(services, from, given.invite ?? null, byUserId);
  refuseWeak(given.password, "password");
  const email = given.email?.trim() || null;
  if (email !== null && !z.email().safeParse(email).success) {
    throw new Refusal("invalid", "That is not an e-mail address.", { field: "email" });
  }
  return services.store.write("sign-up", NOBODY, {
    username: given.username,
    email,
    passwordHash: await services.passwords.hash(given.password, forAddress(from.address)),
    role: given.role ?? "user",
    setting: services.config.signup,
    inviteHash: given.invite === undefined ? null : hashOfToken(given.invite),
    byUserId,
    from: from.address,
  });
}

/** Before anything is hashed for somebody who cannot come in. The transaction decides. */
async function lookAtInvite(services: Services, from: Caller, invite: string | null, byUserId: number | null) {
  const { budgets, clock, store } = services;
  if (invite !== null) {
    budgets.take("link", from.address);
    const found = await store.read("invite", NOBODY, { tokenHash: hashOfToken(invite), now: clock.now() });
    if (found === null) throw inviteIsOver();
  } else if (
    byUserId === null &&
    (await settingsNow(services)).signup === "invite" &&
    !(await store.read("is-empty", NOBODY))
  ) {
    throw inviteNeeded();
  }
}
