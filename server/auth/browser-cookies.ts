import type { Caller } from "../endpoint.ts";
import type { Services } from "../services.ts";
import { KNOWN_COOKIE, knownBrowser, knownBrowserIn } from "./known-browsers.ts";

/** Marks this browser as one that has logged in to the account, so that strangers' guesses do not use up its tries. */
export function rememberBrowser(services: Services, from: Caller, headers: Headers, userId: number): void {
  const { browsers } = services.keys;
  const name =
    knownBrowserIn(browsers, from.cookie(KNOWN_COOKIE), userId) ??
    Buffer.from(services.random(9)).toString("base64url");
  setCookie(headers, from, KNOWN_COOKIE, knownBrowser(browsers, userId, name), "/api/v1", 365 * 86_400);
}

/** Never readable by a page, never sent for another site. */
export function setCookie(
  headers: Headers,
  from: Caller,
  name: string,
  value: string,
  path: string,
  seconds: number,
): void {
  const secure = from.secure ? "; Secure" : "";
  headers.append(
    "set-cookie",
    `${name}=${value}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${seconds}${secure}`,
  );
}
