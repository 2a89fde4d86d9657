import { CURVE, type Receiver } from "./encrypt.ts";

const POINT = 65;
const SECRET = 16;

/** The keys as they are kept; null: they are none. */
export function receiverFrom(p256dh: string, auth: string): Receiver | null {
  const publicKey = bytesFrom(p256dh);
  const secret = bytesFrom(auth);
  return publicKey?.length === POINT && secret?.length === SECRET ? { publicKey, auth: secret } : null;
}

/** Whether a message can be encrypted to these: the right sizes, and a point that lies on the curve. */
export async function isReceiver(p256dh: string, auth: string): Promise<boolean> {
  const receiver = receiverFrom(p256dh, auth);
  if (!receiver) return false;
  return crypto.subtle.importKey("raw", receiver.publicKey, CURVE, false, []).then(
    () => true,
    () => false,
  );
}

/** base64url, with or without its padding. */
function bytesFrom(text: string): Uint8Array<ArrayBuffer> | null {
  return /^[\w-]+={0,2}$/.test(text) ? new Uint8Array(Buffer.from(text, "base64url")) : null;
}
