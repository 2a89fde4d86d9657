import type { ErrorCode } from "#shared/errors.ts";
import type { SqliteConnection } from "../store/sqlite/connection.ts";

/** room, author, nonce, content: what crosses to the writer for each send. */
export type Send = [roomId: number, userId: number, nonce: string | null, content: string];

/** The message's place, or why there is none. `again`: the nonce was known and this is its first acknowledgement. */
export type SendOutcome = StoredSend | ErrorCode;
export type StoredSend = [id: number, seq: number, n: number, at: number, again: 0 | 1];

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
  const room = db.prepared(ROOM).get(roomId) as { kind: string; seq: number; n: number } | null;
  if (!room) return "not_found";
  const member = db.prepared(MEMBER).get(roomId, userId) as { state: string } | null;
  if (member?.state !== "in") return whyNot(room.kind, member?.state);
  const seq = room.seq + 1;
  const n = room.n + 1;
  db.prepared(TAKE_PLACE).run(seq, n, roomId);
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

function whyNot(kind: string, state: string | undefined): ErrorCode {
  if (kind === "private") return "not_found";
  return state === "removed" ? "removed" : "not_member";
}

const KNOWN_NONCE = "SELECT content_hash, result FROM nonces WHERE author = ? AND nonce = ?";
// Two look-ups and an update by key: as one joined statement they take five times as long. The writer is alone, so the
// row cannot change between them.
const ROOM = "SELECT kind, seq, n FROM rooms WHERE id = ? AND deleted_at IS NULL";
const MEMBER = "SELECT state FROM members WHERE room_id = ? AND user_id = ?";
const TAKE_PLACE = "UPDATE rooms SET seq = ?, n = ? WHERE id = ?";
const INSERT_MESSAGE =
  "INSERT INTO messages (room_id, seq, n, changed, user_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)";
const INSERT_LOG = "INSERT INTO log VALUES (?, ?, 'message', ?, ?, ?)";
const INSERT_NONCE = "INSERT INTO nonces VALUES (?, ?, ?, ?)";
