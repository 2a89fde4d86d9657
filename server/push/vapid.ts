import { createECDH, createHash } from "node:crypto";
import { SignJWT } from "jose";

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const LASTS = 12 * 3_600_000;
/** Tokens kept: one for each push service. */
const MOST = 100;

/** Says to push services who writes (RFC 8292). The key follows from SECRET_KEY, so that all nodes have the same. */
export class Vapid {
  /** As browsers take it when they subscribe. */
  readonly publicKey: string;
  readonly #contact: string;
  readonly #key: Promise<CryptoKey>;
  readonly #tokens = new Map<string, { text: string; until: number }>();

  constructor(seed: Uint8Array, contact: string) {
    const secret = scalarFrom(seed);
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(secret);
    const point = ecdh.getPublicKey();
    this.publicKey = point.toString("base64url");
    this.#contact = contact;
    const jwk = {
      kty: "EC",
      crv: "P-256",
      d: secret.toString("base64url"),
      x: point.subarray(1, 33).toString("base64url"),
      y: point.subarray(33).toString("base64url"),
    };
    this.#key = crypto.subtle.importKey("jwk", jwk, { name: "ECDSA", namedCurve: "P-256" }, false, ["sign"]);
  }

  /** The value of an Authorization header for this push service, good for half a day. */
  async authorization(origin: string, now: number): Promise<string> {
    const known = this.#tokens.get(origin);
    if (known && now < known.until) return known.text;
    const token = await new SignJWT({ aud: origin, sub: this.#contact, exp: Math.floor((now + LASTS) / 1_000) })
      .setProtectedHeader({ typ: "JWT", alg: "ES256" })
      .sign(await this.#key);
    const text = `vapid t=${token}, k=${this.publicKey}`;
    if (this.#tokens.size >= MOST) this.#tokens.clear();
    this.#tokens.set(origin, { text, until: now + LASTS / 2 });
    return text;
  }
}

/** Some private key of the curve, all as likely as each other: so many bits that the remainder favours none. */
function scalarFrom(seed: Uint8Array): Buffer {
  const wide = createHash("sha512").update(seed).digest("hex");
  const scalar = (BigInt(`0x${wide}`) % (ORDER - 1n)) + 1n;
  return Buffer.from(scalar.toString(16).padStart(64, "0"), "hex");
}
