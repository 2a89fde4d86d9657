import type { Receiver } from "./encrypt.ts";

const POINT = 65;
const SECRET = 16;

/** The keys of a subscription; null: nothing can be encrypted to them, by their sizes or by a point beside the curve. */
export function receiverFrom(p256dh: string, auth: string): Receiver | null {
  const publicKey = bytesFrom(p256dh);
  const secret = bytesFrom(auth);
  if (publicKey?.length !== POINT || secret?.length !== SECRET || !liesOnCurve(publicKey)) return null;
  return { publicKey, auth: secret };
}

const P = 0xffffffff00000001000000000000000000000000ffffffffffffffffffffffffn;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Of an uncompressed point of P-256: y² = x³ - 3x + b. By hand, because Bun's import of a key that does not leaves its
 * error behind, and the next hash of this thread, of somebody else's message perhaps, is thrown away for it.
 */
function liesOnCurve(point: Uint8Array): boolean {
  const [x, y] = [numberOf(point.subarray(1, 33)), numberOf(point.subarray(33))];
  return point[0] === 4 && x < P && y < P && (y * y - (x * x * x - 3n * x + B)) % P === 0n;
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
}

/** base64url, with or without its padding. */
function bytesFrom(text: string): Uint8Array<ArrayBuffer> | null {
  return /^[\w-]+={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64url")) : null;
}
