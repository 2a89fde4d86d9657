import { expect, test } from "bun:test";
import { CURVE, contentKeys, encrypt, MOST_BYTES, newSender } from "./encrypt.ts";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));

/** RFC 8291, Appendix A. */
const rfc8291 = {
  text: "When I grow up, I want to be a watermelon",
  sender: {
    public: "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
    private: "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw",
  },
  receiver: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
  auth: "BTBZMqHH6r4Tts7J_aSIgg",
  salt: "DGv6ra1nlYgDCS1FRnbzlw",
  body: "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN",
};

test("a message is encrypted as in the example of RFC 8291, byte for byte", async () => {
  const { sender } = rfc8291;
  const point = bytes(sender.public);
  const coordinates = { x: toText(point.subarray(1, 33)), y: toText(point.subarray(33)) };
  const jwk = { kty: "EC", crv: "P-256", ext: true, d: sender.private, ...coordinates };
  const publicKey = await crypto.subtle.importKey("raw", point, CURVE, true, []);
  const privateKey = await crypto.subtle.importKey("jwk", jwk, CURVE, false, ["deriveBits"]);
  const to = { publicKey: bytes(rfc8291.receiver), auth: bytes(rfc8291.auth) };
  const from = { salt: bytes(rfc8291.salt), pair: { publicKey, privateKey } };
  expect(toText(await encrypt(rfc8291.text, to, from, 1))).toBe(rfc8291.body);
});

/** RFC 8188, 3.1: what encrypts here is what the RFC of the encoding decrypts. */
test("the key and the nonce of a record are those of the example of RFC 8188", async () => {
  const body = bytes("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg");
  const { key, nonce } = contentKeys(bytes("yqdlZ-tYemfogSmv7Ws5PQ"), body.subarray(0, 16));
  const content = await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]);
  const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, content, body.subarray(21));
  expect(new TextDecoder().decode(plain)).toBe("I am the walrus\u0002");
});

test("messages of about one length cannot be told apart by their length, and none is longer than every service takes", async () => {
  const to = { publicKey: bytes(rfc8291.receiver), auth: bytes(rfc8291.auth) };
  const random = (length: number) => crypto.getRandomValues(new Uint8Array(length));
  const lengthOf = async (text: string) => (await encrypt(text, to, await newSender(random))).length;
  expect(await lengthOf("a")).toBe(await lengthOf("a".repeat(200)));
  expect(await lengthOf("a".repeat(MOST_BYTES))).toBe(4_096);
  expect(MOST_BYTES).toBe(3_993);
  await expect(lengthOf("a".repeat(MOST_BYTES + 1))).rejects.toThrow();
});

function toText(of: Uint8Array): string {
  return Buffer.from(of).toString("base64url");
}
