import { expect, test } from "bun:test";
import { decodeProtectedHeader, importJWK, jwtVerify } from "jose";
import { Vapid } from "./vapid.ts";

const HOUR = 3_600_000;

test("a push service can verify who calls it, for which of its addresses and until when", async () => {
  const vapid = new Vapid(new Uint8Array(32).fill(7), "mailto:ann@example.org");
  const now = Date.now();
  const header = await vapid.authorization("https://push.example.org", now);
  const { token, key } = read(header);
  const point = Buffer.from(key, "base64url");
  const jwk = {
    kty: "EC",
    crv: "P-256",
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  expect(decodeProtectedHeader(token)).toEqual({ typ: "JWT", alg: "ES256" });
  const { payload } = await jwtVerify(token, await importJWK(jwk, "ES256"), { audience: "https://push.example.org" });
  expect(payload.sub).toBe("mailto:ann@example.org");
  expect(payload.exp! * 1_000 - now).toBeWithin(11 * HOUR, 24 * HOUR);
});

test("one secret always gives one key, and another secret another", () => {
  const keyOf = (fill: number) => new Vapid(new Uint8Array(32).fill(fill), "mailto:a@example.org").publicKey;
  expect(keyOf(1)).toBe(keyOf(1));
  expect(keyOf(1)).not.toBe(keyOf(2));
  expect(Buffer.from(keyOf(1), "base64url")).toHaveLength(65);
});

test("a token is used for half of its life and never for another service", async () => {
  const vapid = new Vapid(new Uint8Array(32), "mailto:a@example.org");
  const first = await vapid.authorization("https://a.example.org", 0);
  expect(await vapid.authorization("https://a.example.org", 5 * HOUR)).toBe(first);
  expect(await vapid.authorization("https://a.example.org", 7 * HOUR)).not.toBe(first);
  expect(await vapid.authorization("https://b.example.org", 0)).not.toBe(first);
});

function read(header: string) {
  const [, token = "", key = ""] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(header) ?? [];
  return { token, key };
}
