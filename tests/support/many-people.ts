import { signAccessToken } from "#server/auth/access-token.ts";
import { deriveKeys } from "#server/auth/keys.ts";
import { NOBODY, type Store } from "#server/store/store.ts";

/** The secret of a server whose tokens tests make themselves. */
export const SECRET = "a secret for tests, which is long enough to be one";

export interface Face {
  readonly id: number;
  readonly username: string;
  readonly token: string;
}

/** Accounts with sessions but without passwords, for tests that need hundreds. The server's SECRET_KEY is `SECRET`. */
export async function manyPeople(store: Store, count: number, name = "p"): Promise<Face[]> {
  const { access } = deriveKeys(SECRET);
  const make = async (at: number): Promise<Face> => {
    const signUp = {
      username: `${name}${at}`,
      email: null,
      passwordHash: "none",
      role: "user",
      setting: "open",
    } as const;
    const { id, username, role } = await store.write("sign-up", NOBODY, { ...signUp, byUserId: null });
    const sessionId = `session-of-${name}${at}`;
    await store.write("start-session", NOBODY, { userId: id, sessionId, client: "test", proven: null, rehash: null });
    const token = await signAccessToken(access, { userId: id, sessionId, username, role }, Date.now(), 600);
    return { id, username, token };
  };
  return Promise.all(Array.from({ length: count }, (_, at) => make(at)));
}
