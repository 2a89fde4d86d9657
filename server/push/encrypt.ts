import { hkdfSync } from "node:crypto";

/** What a browser gave out for those who write to it: its public key, and a secret that it shares with them. */
export interface Receiver {
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly auth: Uint8Array<ArrayBuffer>;
}

/** Made anew for each message: the same two for another text would give both away. */
export interface Sender {
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly pair: CryptoKeyPair;
}

export const CURVE = { name: "ECDH", namedCurve: "P-256" } as const;
const RECORD = 4_096;
const HEADER = 16 + 4 + 1 + 65;
const TAG = 16;
/** The most that every push service takes, in one record. */
export const MOST_BYTES = RECORD - HEADER - TAG - 1;
// What is sent tells by its length how long the words are, but for steps of this.
const STEP = 256;

export async function newSender(random: (bytes: number) => Uint8Array): Promise<Sender> {
  const pair = (await crypto.subtle.generateKey(CURVE, false, ["deriveBits"])) as CryptoKeyPair;
  return { salt: new Uint8Array(random(16)), pair };
}

/** Web Push message encryption (RFC 8291): one record of `aes128gcm` (RFC 8188) that only the browser can open. */
export async function encrypt(
  text: string,
  to: Receiver,
  { salt, pair }: Sender,
  step = STEP,
): Promise<Uint8Array<ArrayBuffer>> {
  const plain = new TextEncoder().encode(text);
  if (plain.length > MOST_BYTES) throw new Error(`A push may hold ${MOST_BYTES} bytes.`);
  const padded = new Uint8Array(Math.min(MOST_BYTES, Math.ceil(plain.length / step) * step) + 1);
  padded.set(plain);
  padded[plain.length] = 2;
  const from = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const theirs = await crypto.subtle.importKey("raw", to.publicKey, CURVE, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256));
  const secret = pushSecret(shared, to, from);
  return new Uint8Array([...header(salt, from), ...(await sealed(padded, secret, salt))]);
}

/** What both ends derive from the keys that they exchanged, bound to both of them (RFC 8291, 3.4). */
export function pushSecret(shared: Uint8Array, to: Receiver, from: Uint8Array): Uint8Array {
  const info = new Uint8Array([...bytes("WebPush: info\0"), ...to.publicKey, ...from]);
  return derived(shared, to.auth, info, 32);
}

/** The key of the content and the nonce of its only record (RFC 8188, 2.2 and 2.3). */
export function contentKeys(secret: Uint8Array, salt: Uint8Array) {
  return {
    key: derived(secret, salt, bytes("Content-Encoding: aes128gcm\0"), 16),
    nonce: derived(secret, salt, bytes("Content-Encoding: nonce\0"), 12),
  };
}

async function sealed(padded: Uint8Array<ArrayBuffer>, secret: Uint8Array, salt: Uint8Array): Promise<Uint8Array> {
  const { key, nonce } = contentKeys(secret, salt);
  const content = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, content, padded));
}

function header(salt: Uint8Array, from: Uint8Array): number[] {
  return [...salt, 0, 0, RECORD >> 8, RECORD & 0xff, from.length, ...from];
}

function derived(key: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(hkdfSync("sha256", key, salt, info, length));
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
