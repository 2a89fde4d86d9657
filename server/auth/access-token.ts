import { jwtVerify, SignJWT } from "jose";
import { Refusal } from "#shared/errors.ts";
import type { Role } from "#shared/models.ts";

const AUDIENCE = "parlour";
const TYPE = "at+jwt";

/** What an access token says. The role is information for old clients; nothing here is decided by it. */
export interface Claims {
  userId: number;
  sessionId: string;
}

export async function signAccessToken(
  key: Uint8Array,
  claims: Claims & { username: string; role: Role },
  now: number,
  seconds: number,
): Promise<string> {
  const issued = Math.floor(now / 1_000);
  return new SignJWT({ sid: claims.sessionId, username: claims.username, role: claims.role })
    .setProtectedHeader({ alg: "HS256", typ: TYPE })
    .setSubject(String(claims.userId))
    .setAudience(AUDIENCE)
    .setIssuedAt(issued)
    .setExpirationTime(issued + seconds)
    .sign(key);
}

export async function verifyAccessToken(key: Uint8Array, token: string, now: number): Promise<Claims> {
  const payload = await payloadOf(key, token, now);
  const userId = Number(payload.sub);
  if (!Number.isSafeInteger(userId) || typeof payload.sid !== "string") throw new Refusal("unauthorized");
  return { userId, sessionId: payload.sid };
}

async function payloadOf(key: Uint8Array, token: string, now: number) {
  try {
    const verified = await jwtVerify(token, key, {
      algorithms: ["HS256"],
      audience: AUDIENCE,
      typ: TYPE,
      requiredClaims: ["sub", "sid", "exp", "iat"],
      currentDate: new Date(now),
    });
    return verified.payload;
  } catch (error) {
    const expired = error instanceof Error && "code" in error && error.code === "ERR_JWT_EXPIRED";
    throw new Refusal(
      expired ? "token_expired" : "unauthorized",
      expired ? undefined : "The access token is not valid.",
    );
  }
}
