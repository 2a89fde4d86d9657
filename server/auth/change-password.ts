import type { ChangePassword } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import type { Services } from "../services.ts";
import { forPerson, refuseWeak } from "./passwords.ts";
import type { Signed } from "./sessions.ts";

/** A new password for whoever knows the old one. */
export async function changePassword(services: Services, by: Signed, body: ChangePassword): Promise<null> {
  const proven = await provePassword(services, by, body.current_password);
  refuseWeak(body.new_password, "new_password");
  services.budgets.take("password", String(by.userId));
  const passwordHash = await services.passwords.hashBy(by.userId, body.new_password);
  return services.store.write("change-password", by, { proven, passwordHash, keep: by.sessionId });
}

/** Refuses a wrong one; otherwise the hash that proved it right. Tries are counted before anything is hashed. */
export async function provePassword(services: Services, by: Signed, password: string): Promise<string> {
  const key = `${by.userId} password`;
  await services.guesses.take("known", key);
  const { passwordHash } = await services.store.read("my-credentials", by);
  if (!(await services.passwords.verify(password, passwordHash, forPerson(by.userId)))) {
    throw new Refusal("wrong_credentials", "The current password is not right.", { field: "current_password" });
  }
  await services.guesses.giveBack("known", key);
  return passwordHash;
}
