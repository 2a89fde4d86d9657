import { z } from "zod";
import { AccessToken } from "#shared/contract/accounts.ts";
import { limits } from "#shared/limits.ts";
import { Account, Role } from "#shared/models.ts";
import { accessToken } from "../auth/issue-tokens.ts";
import { logIn } from "../auth/log-in.ts";
import { mayOpenAccount, openAccount } from "../auth/open-account.ts";
import { type Endpoint, endpoint } from "../endpoint.ts";

const SignUp = z.object({
  username: z.string(),
  password: z.string(),
  email: z.string().max(limits.emailLength).nullish(),
  role: Role.nullish().describe("admin: for the first account of an empty server, or when an admin asks"),
});

const LogIn = z.object({ username: z.string(), password: z.string() });

/** The sign-up that all of them have, at one family's address. */
export function signUpAt(path: string, tag: string): Endpoint {
  const summary = "Make an account";
  return endpoint(
    {
      method: "post",
      path,
      tag,
      summary,
      who: "maybe",
      body: SignUp,
      refusals: "detail",
      status: 201,
      answer: Account,
    },
    async ({ services, from, body, maybeBy }) =>
      openAccount(services, from, { ...body, role: body.role ?? undefined }, maybeBy?.userId ?? null),
    async ({ services, maybeBy }) => mayOpenAccount(services, maybeBy),
  );
}

/** A login for clients that know no refresh: the token lasts long, and dies with its session. */
export function logInAt(path: string, tag: string): Endpoint {
  return endpoint(
    { ...loggingIn, path, tag, summary: "Log in: a token for 12 hours", answer: AccessToken },
    async ({ services, from, body }) =>
      accessToken(services, await logIn(services, from, body), limits.compatTokenSeconds),
  );
}

export function logInWithUserAt(path: string, tag: string): Endpoint {
  return endpoint(
    {
      ...loggingIn,
      path,
      tag,
      summary: "Log in: a token for 12 hours, and who one is",
      answer: AccessToken.extend({ user: Account }),
    },
    async ({ services, from, body }) => {
      const logged = await logIn(services, from, body);
      return { ...(await accessToken(services, logged, limits.compatTokenSeconds)), user: logged.account };
    },
  );
}

const loggingIn = {
  method: "post",
  who: "anyone",
  body: LogIn,
  form: true,
  refusals: "detail",
  status: 200,
} as const;
