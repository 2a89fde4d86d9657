import { expect, test } from "bun:test";
import { Refusal } from "#shared/errors.ts";
import { AT_ONCE, forAddress, Passwords } from "./passwords.ts";

const here = forAddress("192.0.2.1");

test("a password verifies against its own hash and no other does", async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash("correct horse", here);
  expect(hash).toStartWith("$argon2id$v=19$m=19456,t=2");
  expect(await passwords.verify("correct horse", hash, here)).toBe(true);
  expect(await passwords.verify("correct horsf", hash, here)).toBe(false);
  expect(await passwords.verify("correct horse", null, here)).toBe(false);
});

test("passwords that differ only after many bytes are different passwords", async () => {
  const passwords = new Passwords();
  const long = "x".repeat(100);
  const hash = await passwords.hash(`${long}a`, here);
  expect(await passwords.verify(`${long}b`, hash, here)).toBe(false);
});

test("an imported bcrypt hash verifies as the program that made it would", async () => {
  const passwords = new Passwords();
  const seen = "y".repeat(72);
  const hash = await Bun.password.hash(seen, { algorithm: "bcrypt", cost: 4 });
  expect(await passwords.verify(`${seen} and more that bcrypt never saw`, hash, here)).toBe(true);
  expect(await passwords.verify("y".repeat(71), hash, here)).toBe(false);
  expect(passwords.needsUpgrade(hash)).toBe(true);
});

test("new passwords of one person are hashed one after the other, and hold up nobody else's", async () => {
  const passwords = new Passwords();
  const done: string[] = [];
  const own = Array.from({ length: 5 }, (_, at) =>
    passwords.hashBy(1, "correct horse").then(() => done.push(`own ${at}`)),
  );
  await passwords.hash("correct horse", here);
  expect(done.length).toBeLessThanOrEqual(2);
  await Promise.all(own);
  expect(done).toEqual(["own 0", "own 1", "own 2", "own 3", "own 4"]);
});

test("a flood of logins from one address waits in a line of 64, and beyond it is told to come back", async () => {
  const passwords = new Passwords();
  const asked = Array.from({ length: 80 }, () =>
    passwords.verify("whatever", "$argon2id$broken", here).catch((error: unknown) => error),
  );
  const answers = await Promise.all(asked);
  const refused = answers.filter((answer) => answer instanceof Refusal && answer.code === "rate_limited");
  expect(refused).toHaveLength(80 - AT_ONCE - 64);
});
