import { createHmac, timingSafeEqual } from "node:crypto";

/** Links in letters prove by HMAC whom they are for: nothing of them is stored. */

const CONFIRM_FOR = 86_400_000;

/** Good for a day, and for the address alone that it was sent to. */
export function confirmToken(key: Uint8Array, userId: number, emailKey: string, now: number): string {
  const until = now + CONFIRM_FOR;
  return `${userId}.${until}.${proof(key, `confirm ${userId} ${until} ${emailKey}`)}`;
}

export function stopToken(key: Uint8Array, userId: number): string {
  return `${userId}.${proof(key, `stop ${userId}`)}`;
}

/** Whom a link says that it is for: what it proves is asked when more is known. */
export function confirmClaimIn(token: string, now: number): { userId: number; until: number } | null {
  const [, id, end] = /^([1-9]\d{0,14})\.(\d{1,15})\.[\w-]{43}$/.exec(token) ?? [];
  const [userId, until] = [Number(id), Number(end)];
  return id !== undefined && until > now ? { userId, until } : null;
}

export function confirms(
  key: Uint8Array,
  token: string,
  { userId, until, emailKey }: { userId: number; until: number; emailKey: string },
): boolean {
  return isProof(token, proof(key, `confirm ${userId} ${until} ${emailKey}`));
}

/** Whose letters the link ends; null: it is none of ours. */
export function readStopToken(key: Uint8Array, token: string): number | null {
  const [, id] = /^([1-9]\d{0,14})\.[\w-]{43}$/.exec(token) ?? [];
  return id !== undefined && isProof(token, proof(key, `stop ${id}`)) ? Number(id) : null;
}

function isProof(token: string, wanted: string): boolean {
  const given = Buffer.from(token.split(".").at(-1) ?? "");
  return given.length === wanted.length && timingSafeEqual(given, Buffer.from(wanted));
}

function proof(key: Uint8Array, text: string): string {
  return createHmac("sha256", key).update(text).digest("base64url");
}
