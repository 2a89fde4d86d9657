import type { ErrorCode } from "#shared/errors.ts";
import type { SendOutcome } from "../../messages/send-message.ts";
import type { Connection, Value } from "./connection.ts";

/** One send as it goes into the call. The nonce is never missing: see `nonceOf`. */
export interface BatchedSend {
  roomId: number;
  userId: number;
  nonce: string;
  hash: string;
  content: string;
}

/** Stores a batch in one transaction: one call of the function that the third migration made. */
export async function sendBatch(connection: Connection, sends: readonly BatchedSend[], now: number): Promise<string> {
  const { rows } = await connection.query<{ outcomes: string }>(CALL, valuesOf(sends, now));
  return rows[0]?.outcomes ?? "[]";
}

const CALL = "SELECT parlour.send_batch_3($1, $2, $3, $4, $5, $6) AS outcomes";

/** What the call would answer if it only looked for what is stored: of whatever is not nobody knows. */
export async function recallBatch(connection: Connection, sends: readonly BatchedSend[]): Promise<string> {
  const [, , users = null, nonces = null, hashes = null] = valuesOf(sends, 0);
  const { rows } = await connection.query<{ outcomes: string }>(RECALL, [users, nonces, hashes]);
  return rows[0]?.outcomes ?? "[]";
}

const RECALL = `SELECT '[' || string_agg(CASE
    WHEN k.author IS NULL THEN '"unknown"' WHEN k.content_hash = i.hash THEN k.result ELSE '"nonce_reused"'
  END, ',' ORDER BY i.place) || ']' AS outcomes
  FROM unnest($1::bigint[], $2::text[], $3::text[]) WITH ORDINALITY AS i (user_id, nonce, hash, place)
  LEFT JOIN parlour.nonces k ON k.author = i.user_id AND k.nonce = i.nonce`;

function valuesOf(sends: readonly BatchedSend[], now: number): Value[] {
  let rooms = "";
  let users = "";
  let nonces = "";
  let hashes = "";
  let contents = "";
  let comma = "{";
  for (const { roomId, userId, nonce, hash, content } of sends) {
    rooms += comma + roomId;
    users += comma + userId;
    nonces += comma + quoted(nonce);
    hashes += `${comma}"${hash}"`;
    contents += comma + quoted(content);
    comma = ",";
  }
  return [String(now), `${rooms}}`, `${users}}`, `${nonces}}`, `${hashes}}`, `${contents}}`];
}

function quoted(text: string): string {
  return `"${text.includes('"') || text.includes("\\") ? text.replace(/["\\]/g, "\\$&") : text}"`;
}

/**
 * What the call answered, a send each. `wasUnheard`: the batch ran before and its answer was lost. A nonce that is known
 * since just then is no repetition of its sender's but ours.
 */
export function outcomesIn(text: string, now: number, wasUnheard: boolean): SendOutcome[] {
  const found = JSON.parse(text) as (ErrorCode | number[] | object)[];
  return found.map((item) => {
    if (typeof item === "string") return item;
    // The nonce belongs to another kind of write: the same name for two things is the same fault as other content.
    if (!Array.isArray(item)) return "nonce_reused";
    const [id = 0, seq = 0, n = 0, at = now] = item as number[];
    return [id, seq, n, at, item.length === 4 && !(wasUnheard && at === now) ? 1 : 0];
  });
}
