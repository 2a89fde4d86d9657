import type { ChangePassword } from "#shared/contract/accounts.ts";
import { Refusal } from "#shared/errors.ts";
import type { Services } from "../services.ts";
import { refuseWeak } from "./passwords.ts";
import type { Signed } from "./sessions.ts";

/** A new password for whoever knows the old one. Tries are counted before anything is hashed. */
export async function changePassword(services: Services, by: Signed, body: ChangePassword): Promise<null> {
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
