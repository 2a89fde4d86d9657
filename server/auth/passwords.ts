import { availableParallelism } from "node:os";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import { type For, HashLine } from "./hash-line.ts";

const ARGON2ID = { algorithm: "argon2id", memoryCost: 19_456, timeCost: 2 } as const;

// Tokens are checked on the same pool of threads, which has one for each processor: a pool full of hashes would let
// every request wait for one.
export const AT_ONCE = Math.max(1, Math.min(2, availableParallelism() - 1));

/**
 * Hashes one or two passwords at once and lets others wait: a flood of logins takes neither the memory nor the processors
 * from those who are talking. Parameters are OWASP's for argon2id: 19 MiB, two passes.
 */
export class Passwords {
  readonly #line = new HashLine(AT_ONCE);
  readonly #own = new Map<number, Promise<void>>();
  #dummy: string | null = null;

  async hash(password: string, asks: For): Promise<string> {
    return this.#line.inTurn(asks, () => Bun.password.hash(password, ARGON2ID));
  }

  /** New passwords that somebody who is signed in sets, one after the other: their budget bounds how many wait. */
  async hashBy(userId: number, password: string): Promise<string> {
    const hashed = (this.#own.get(userId) ?? Promise.resolve()).then(() => this.hash(password, forPerson(userId)));
    const done = hashed.then(
      () => {},
      () => {},
    );
    this.#own.set(userId, done);
    try {
      return await hashed;
    } finally {
      if (this.#own.get(userId) === done) this.#own.delete(userId);
    }
  }

  /** With no hash the same work is done for nothing, so that a name without an account takes as long as one with. */
  async verify(password: string, hash: string | null, asks: For): Promise<boolean> {
    if (password.length > limits.passwordMost * 4) return false;
    return this.#line.inTurn(asks, async () => {
      if (hash === null) {
        this.#dummy ??= await Bun.password.hash("nobody has this password", ARGON2ID);
        await Bun.password.verify(password, this.#dummy);
        return false;
      }
      // A hash that came from elsewhere may be of a kind that nobody can check: then no password is right.
      return Bun.password.verify(isBcrypt(hash) ? firstBytes(password, 72) : password, hash).catch(() => false);
    });
  }

  needsUpgrade(hash: string): boolean {
    return isBcrypt(hash);
  }
}

export function forPerson(userId: number): For {
  return { whose: `person ${userId}`, isKnown: false };
}

export function forAddress(address: string): For {
  return { whose: `address ${address}`, isKnown: false };
}

/** The rule for a new password; a login checks no rule. */
export function refuseWeak(password: string, field: string): void {
  const length = [...password].length;
  if (length < limits.passwordLeast) {
    throw new Refusal("invalid", `A password needs ${limits.passwordLeast} characters or more.`, { field });
  }
  if (length > limits.passwordMost) {
    throw new Refusal("invalid", `A password may have ${limits.passwordMost} characters.`, { field });
  }
  if (!password.isWellFormed()) throw new Refusal("bad_text", undefined, { field });
}

function isBcrypt(hash: string): boolean {
  return hash.startsWith("$2");
}

// bcrypt sees 72 bytes and Bun hashes longer passwords first, which imported hashes did not.
function firstBytes(text: string, most: number): Uint8Array {
  return new TextEncoder().encode(text).slice(0, most);
}
