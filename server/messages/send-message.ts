import type { ErrorCode } from "#shared/errors.ts";
import type { SqliteConnection } from "../store/sqlite/connection.ts";

/** room, author, nonce, content: what crosses to the writer for each send. */
export type Send = [roomId: number, userId: number, nonce: string | null, content: string];

/** The message's place, or why there is none. `again`: the nonce was known and this is its first acknowledgement. */
export type SendOutcome = [id: number, seq: number, n: number, at: number, again: 0 | 1] | ErrorCode;

/**
 * Permit, then change: one send inside the writer's transaction. Everything is checked before the first write, so a
 * refused send leaves nothing behind and needs no savepoint. Synchronous, because tens of thousands a second pass here.
 */
export function sendMessage(
  db: SqliteConnection,
  [roomId, userId, nonce, content]: Send,
  now: number,
  contentHash: (text: string) => string,
): SendOutcome {
  let hash = "";
  if (nonce !== null) {
    hash = contentHash(`${roomId}\n${content}`);
    const known = db.prepared(KNOWN_NONCE).get(userId, nonce) as { content_hash: string; result: string } | null;
    if (known) return known.content_hash === hash ? firstAnswer(known.result) : "nonce_reused";
  }
  const refusal = refusalFor(db, roomId, userId);
  if (refusal) return refusal;
  const { seq, n } = db.prepared(TAKE_PLACE).get(roomId) as { seq: number; n: number };
  const id = Number(db.prepared(INSERT_MESSAGE).run(roomId, seq, n, seq, userId, content, now).lastInsertRowid);
  db.prepared(INSERT_LOG).run(roomId, seq, id, userId, now);
  if (nonce !== null) {
    db.prepared(INSERT_NONCE).run(userId, nonce, hash, `[${id},${seq},${n},${now}]`);
  }
  return [id, seq, n, now, 0];
}

function firstAnswer(result: string): SendOutcome {
  const first: unknown = JSON.parse(result);
  // The nonce belongs to another kind of write: the same name for two things is the same fault as other content.
  if (!Array.isArray(first)) return "nonce_reused";
  const [id, seq, n, at] = first as [number, number, number, number];
  return [id, seq, n, at, 1];
}

function refusalFor(db: SqliteConnection, roomId: number, userId: number): ErrorCode | null {
  const place = db.prepared(PLACE).get(userId, roomId) as { kind: string; state: string | null } | null;
  if (!place) return "not_found";
  if (place.state === "in") return null;
  if (place.kind === "private") return "not_found";
  return place.state === "removed" ? "removed" : "not_member";
}

const KNOWN_NONCE = "SELECT content_hash, result FROM nonces WHERE author = ? AND nonce = ?";
const PLACE = `SELECT r.kind, m.state FROM rooms r LEFT JOIN members m ON m.room_id = r.id AND m.user_id = ?
  WHERE r.id = ? AND r.deleted_at IS NULL`;
const TAKE_PLACE = "UPDATE rooms SET seq = seq + 1, n = n + 1 WHERE id = ? RETURNING seq, n";
const INSERT_MESSAGE =
  "INSERT INTO messages (room_id, seq, n, changed, user_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
const INSERT_LOG = "INSERT INTO log VALUES (?, ?, 'message', ?, ?, ?)";
const INSERT_NONCE = "INSERT INTO nonces VALUES (?, ?, ?, ?)";
