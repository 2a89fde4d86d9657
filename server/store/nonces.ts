import { Refusal } from "#shared/errors.ts";
import type { Actor, Tx } from "./sql.ts";

/** Keyed, so that what is kept about an erased text does not give it away. */
export function contentHasher(key: Uint8Array): (text: string) => string {
  return (text) => new Bun.CryptoHasher("sha256", key).update(text).digest("base64").slice(0, 22);
}

/**
 * Runs `create` once for an author's nonce: asked again, it gives the first result; with other content it refuses.
 * The rows stay for ever, because a client may come back with an unanswered write after any time.
 */
export async function once<Result>(
  tx: Tx,
  actor: Actor,
  nonce: string | undefined,
  content: string,
  create: () => Promise<Result>,
): Promise<Result> {
  if (nonce === undefined) return create();
  const hash = tx.contentHash(content);
  const known = await tx.get<{ content_hash: string; result: string }>(
    "SELECT content_hash, result FROM nonces WHERE author = ? AND nonce = ?",
    actor.userId,
    nonce,
  );
  if (known) {
    if (known.content_hash !== hash) throw new Refusal("nonce_reused");
    return JSON.parse(known.result) as Result;
  }
  const result = await create();
  await tx.run("INSERT INTO nonces VALUES (?, ?, ?, ?)", actor.userId, nonce, hash, JSON.stringify(result));
  return result;
}
