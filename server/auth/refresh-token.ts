import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * A refresh token is the session, a count and a proof of both by HMAC. Its successor can be made again from the same
 * session and count, so nothing secret is stored and a lost answer can be given once more.
 */
export function refreshToken(key: Uint8Array, sessionId: string, count: number): string {
  return `${sessionId}.${count}.${proof(key, sessionId, count)}`;
}

export function readRefreshToken(key: Uint8Array, token: string): { sessionId: string; count: number } | null {
  const [sessionId, countText, given, ...rest] = token.split(".");
  if (!sessionId || !countText || !given || rest.length > 0 || !/^(0|[1-9]\d{0,14})$/.test(countText)) return null;
  const count = Number(countText);
  const wanted = Buffer.from(proof(key, sessionId, count));
  const got = Buffer.from(given);
  return got.length === wanted.length && timingSafeEqual(got, wanted) ? { sessionId, count } : null;
}

function proof(key: Uint8Array, sessionId: string, count: number): string {
  return createHmac("sha256", key).update(`${sessionId}.${count}`).digest("base64url");
}
