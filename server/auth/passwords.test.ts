import { expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { AT_ONCE, Passwords } from "./passwords.ts";

test("a password verifies against its own hash and no other does", async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash("correct horse");
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2");
  expect(await passwords.verify("correct horse", hash)).toBe(true);
  expect(await passwords.verify("correct horsf", hash)).toBe(false);
  expect(await passwords.verify("correct horse", null)).toBe(false);
});

test("passwords that differ only after many bytes are different passwords", async () => {
  const passwords = new Passwords();
  const long = "x".repeat(100);
  const hash = await passwords.hash(`${long}a`);
  expect(await passwords.verify(`${long}b`, hash)).toBe(false);
});

test("an imported bcrypt hash verifies as the program that made it would", async () => {
  const passwords = new Passwords();
  const seen = "y".repeat(72);
  const hash = await Bun.password.hash(seen, { algorithm: "bcrypt", cost: 4 });
  expect(await passwords.verify(`${seen} and more that bcrypt never saw`, hash)).toBe(true);
  expect(await passwords.verify("y".repeat(71), hash)).toBe(false);
  expect(passwords.needsUpgrade(hash)).toBe(true);
});

test("a flood of logins waits in a line of 64, and beyond it is told to come back", async () => {
  const passwords = new Passwords();
  const asked = Array.from({ length: 80 }, () =>
    passwords.verify("whatever", "$argon2id$broken").catch((e: unknown) => e),
  );
  const answers = await Promise.all(asked);
  const refused = answers.filter((answer) => answer instanceof Refusal && answer.code === "rate_limited");
  expect(refused).toHaveLength(80 - AT_ONCE - 64);
});
