import { limits } from "#shared/limits.ts";
import { userName } from "#shared/names.ts";

export interface SignupFaults {
  username?: string;
  password?: string;
}

/** What can be told without asking the server, by the server's own rules. */
export function signupFaults({ username, password }: { username: string; password: string }): SignupFaults {
  const name = userName(username);
  return {
    ...("fault" in name ? { username: name.fault } : {}),
    ...([...password].length < limits.passwordLeast
      ? { password: `A password needs at least ${limits.passwordLeast} characters.` }
      : {}),
  };
}
