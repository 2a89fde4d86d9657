import { z } from "zod";
import type { ChangeUser } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import type { ManagedAccount } from "#shared/models.ts";
import { provePassword } from "../auth/change-password.ts";
import { refuseWeak } from "../auth/passwords.ts";
import type { Signed } from "../auth/sessions.ts";
import type { Services } from "../services.ts";

/** Changes an account for whoever `may-change-user` lets: checks what is given and hashes before the transaction. */
export async function updateAccount(
  services: Services,
  by: Signed,
  userId: number,
  given: Omit<ChangeUser, "current_password">,
  proven: string | null,
  from: string,
): Promise<ManagedAccount> {
  const { username, role, active } = given;
  if (username !== undefined) services.budgets.take("profile", String(by.userId));
  const email = given.email === undefined ? undefined : given.email?.trim() || null;
  if (email && !z.email().safeParse(email).success) {
    throw new Refusal("invalid", "That is not an e-mail address.", { field: "email" });
  }
  const password = given.password === undefined ? undefined : await hashed(services, by, given.password, proven);
  const args = { userId, username, email, role, active, password, sessionId: by.sessionId, from };
  return services.store.write("change-user", by, args);
}

/** Where it is asked for: one's own new password needs the old one. */
export async function proveOwn(services: Services, by: Signed, userId: number, given: ChangeUser) {
  if (given.password === undefined || by.userId !== userId) return null;
  if (given.current_password === undefined) {
    throw new Refusal("invalid", "current_password: Your own new password needs the current one.", {
      field: "current_password",
    });
  }
  return provePassword(services, by, given.current_password);
}

async function hashed(services: Services, by: Signed, password: string, proven: string | null) {
  refuseWeak(password, "password");
  services.budgets.take("password", String(by.userId));
  return { hash: await services.passwords.hashBy(by.userId, password), proven };
}
