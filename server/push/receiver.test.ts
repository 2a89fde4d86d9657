import { expect, test } from "bun:test";
import { CURVE } from "./encrypt.ts";
import { receiverFrom } from "./receiver.ts";

const auth = Buffer.alloc(16, 7).toString("base64url");

test("the key of any browser is taken, with its padding or without", async () => {
  for (let i = 0; i < 20; i++) {
    const { publicKey } = (await crypto.subtle.generateKey(CURVE, true, ["deriveBits"])) as CryptoKeyPair;
    const point = Buffer.from(await crypto.subtle.exportKey("raw", publicKey));
    expect(receiverFrom(point.toString("base64url"), auth)).not.toBeNull();
    expect(receiverFrom(`${point.toString("base64url")}=`, `${auth}==`)).not.toBeNull();
    point[64] = (point[64] ?? 0) ^ 1;
    expect(receiverFrom(point.toString("base64url"), auth)).toBeNull();
  }
});

test("a key that lies on no curve is refused and does no harm to what is hashed next", () => {
  const filled = (fill: number) => {
    const point = Buffer.alloc(65, fill);
    point[0] = 4;
    return point.toString("base64url");
  };
  for (const key of [filled(0), filled(1), filled(255), Buffer.alloc(65).toString("base64url"), "", "BA", "a b"]) {
    expect(receiverFrom(key, auth)).toBeNull();
    expect(new Bun.CryptoHasher("sha256", "key").update("words").digest("hex")).toHaveLength(64);
  }
});
