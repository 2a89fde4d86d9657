import { call } from "#client/call.ts";
import { systemClock } from "#client/clock.ts";
import type { PasswordLinkOf } from "#shared/contract/accounts.ts";

export function lookAtLink(token: string): Promise<PasswordLinkOf> {
  return post("/look", { token });
}

export function setPasswordByLink(token: string, password: string): Promise<PasswordLinkOf> {
  return post("", { token, new_password: password });
}

async function post(path: string, body: object): Promise<PasswordLinkOf> {
  const caller = {
    base: location.origin,
    fetch: (url: string, init?: RequestInit) => fetch(url, init),
    clock: systemClock,
  };
  return (await call(caller, "POST", `/api/v1/password-link${path}`, { body })) as PasswordLinkOf;
}
