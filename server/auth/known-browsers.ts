import { createHmac, timingSafeEqual } from "node:crypto";

export const KNOWN_COOKIE = "parlour_known";

/**
 * A signed cookie that says which account this browser has logged in to. Guesses from elsewhere cannot use up the tries
 * of a browser that has, so nobody can lock an owner out. `browser` is the browser's own random name.
 */
export function knownBrowser(key: Uint8Array, userId: number, browser: string): string {
  return `${userId}.${browser}.${proof(key, userId, browser)}`;
}

/** The browser's name, if it has logged in to this account. */
export function knownBrowserIn(key: Uint8Array, cookie: string | null, userId: number): string | null {
  const [id, browser, proven, ...rest] = cookie?.split(".") ?? [];
  if (id !== String(userId) || !browser || !proven || rest.length > 0) return null;
  const given = Buffer.from(proven);
  const wanted = Buffer.from(proof(key, userId, browser));
  return given.length === wanted.length && timingSafeEqual(given, wanted) ? browser : null;
}

/** Addresses that logged in to an account, the last few of each; in memory, a restart forgets. */
export class KnownAddresses {
  readonly #of = new Map<number, string[]>();

  has(userId: number, address: string): boolean {
    return this.#of.get(userId)?.includes(address) ?? false;
  }

  add(userId: number, address: string): void {
    const others = (this.#of.get(userId) ?? []).filter((known) => known !== address);
    this.#of.delete(userId);
    this.#of.set(userId, [...others.slice(-7), address]);
    if (this.#of.size > 100_000) for (const oldest of this.#of.keys()) return void this.#of.delete(oldest);
  }
}

function proof(key: Uint8Array, userId: number, browser: string): string {
  return createHmac("sha256", key).update(`${userId}.${browser}`).digest("base64url");
}
