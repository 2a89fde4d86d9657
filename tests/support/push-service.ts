import { createDecipheriv, hkdfSync } from "node:crypto";
import type { Server } from "bun";
import { importJWK, jwtVerify } from "jose";
import type { PushNotice, PutPush } from "#shared/contract/push.ts";

/** What the service does with a push: a status with further headers, or never an answer. */
export type Answer = { status: number; headers?: Record<string, string> } | "hang";

export interface Received {
  readonly browser: string;
  readonly ttl: string | null;
  readonly urgency: string | null;
  readonly topic: string | null;
  readonly notice: PushNotice;
  readonly bytes: number;
}

/**
 * A push service of the tests' own, and the browsers that it serves. It takes what RFC 8030 says and refuses all else:
 * who calls is verified (RFC 8292), and what comes is opened by the browser's own keys (RFC 8291).
 */
export class PushService {
  readonly received: Received[] = [];
  /** Calls that were not right, in words. */
  readonly faults: string[] = [];
  /** Calls of whatever kind. */
  calls = 0;
  /** What is answered to the next ones; then 201. */
  readonly answers: Answer[] = [];
  readonly #server: Server<undefined>;
  readonly #browsers = new Map<string, Browser>();

  constructor() {
    this.#server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: (request) => this.#take(request) });
  }

  get origin(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  /** A browser that wants to be told, as it would say so to a server. */
  async browser(name: string, words = false): Promise<PutPush> {
    const curve = { name: "ECDH", namedCurve: "P-256" };
    const pair = (await crypto.subtle.generateKey(curve, true, ["deriveBits"])) as CryptoKeyPair;
    const auth = crypto.getRandomValues(new Uint8Array(16));
    const point = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    this.#browsers.set(name, { pair, point, auth });
    const keys = { p256dh: Buffer.from(point).toString("base64url"), auth: Buffer.from(auth).toString("base64url") };
    return { endpoint: `${this.origin}/to/${name}`, keys, words };
  }

  told(name: string): PushNotice[] {
    return this.received.filter(({ browser }) => browser === name).map(({ notice }) => notice);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop(true);
  }

  async #take(request: Request): Promise<Response> {
    this.calls += 1;
    const answer = this.answers.shift() ?? { status: 201 };
    if (answer === "hang") return new Promise<Response>(() => {});
    try {
      const received = await this.#open(request);
      if (answer.status < 300) this.received.push(received);
    } catch (error) {
      this.faults.push(String(error));
      return new Response(null, { status: 400 });
    }
    return new Response("said by a push service", answer);
  }

  async #open(request: Request): Promise<Received> {
    const name = new URL(request.url).pathname.replace("/to/", "");
    const browser = this.#browsers.get(name);
    if (request.method !== "POST" || !browser) throw new Error(`${request.method} ${request.url}`);
    await verifyCaller(request.headers.get("authorization") ?? "", this.origin);
    if (request.headers.get("content-encoding") !== "aes128gcm") throw new Error("not aes128gcm");
    const topic = request.headers.get("topic");
    if (topic !== null && !/^[\w-]{1,32}$/.test(topic)) throw new Error(`topic ${topic}`);
    const body = new Uint8Array(await request.arrayBuffer());
    if (body.length > 4_096) throw new Error(`${body.length} bytes`);
    const notice = JSON.parse(await decrypt(body, browser)) as PushNotice;
    const { headers } = request;
    return {
      browser: name,
      ttl: headers.get("ttl"),
      urgency: headers.get("urgency"),
      topic,
      notice,
      bytes: body.length,
    };
  }
}

interface Browser {
  pair: CryptoKeyPair;
  point: Uint8Array;
  auth: Uint8Array;
}

async function verifyCaller(header: string, origin: string): Promise<void> {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header) ?? [];
  const point = Buffer.from(key, "base64url");
  const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((part) => part.toString("base64url"));
  const publicKey = await importJWK({ kty: "EC", crv: "P-256", x: x ?? "", y: y ?? "" }, "ES256");
  const { payload } = await jwtVerify(token, publicKey, { audience: origin, requiredClaims: ["exp", "sub"] });
  if ((payload.exp ?? 0) - Date.now() / 1_000 > 86_400) throw new Error("a token for more than a day");
  if (!/^(mailto:|https:)/.test(payload.sub ?? "")) throw new Error(`sub ${payload.sub}`);
}

/** Written by the RFCs alone, so that a fault of the server's own reading of them shows. */
async function decrypt(body: Uint8Array, { pair, point, auth }: Browser): Promise<string> {
  const salt = body.subarray(0, 16);
  const record = new DataView(body.buffer).getUint32(16);
  const keyEnd = 21 + (body[20] ?? 0);
  const from = new Uint8Array(body.subarray(21, keyEnd));
  const sealed = body.subarray(keyEnd);
  if (sealed.length > record) throw new Error("more than one record");
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const theirs = await crypto.subtle.importKey("raw", from, curve, false, []);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const info = Buffer.concat([Buffer.from("WebPush: info\0"), point, from]);
  const secret = Buffer.from(hkdfSync("sha256", new Uint8Array(shared), auth, info, 32));
  const key = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: aes128gcm\0", 16));
  const nonce = Buffer.from(hkdfSync("sha256", secret, salt, "Content-Encoding: nonce\0", 12));
  const decipher = createDecipheriv("aes-128-gcm", key, nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const plain = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  const end = plain.findLastIndex((byte) => byte !== 0);
  if (plain[end] !== 2) throw new Error("not the last record");
  return plain.subarray(0, end).toString("utf8");
}
