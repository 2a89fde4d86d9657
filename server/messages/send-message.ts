import type { ErrorCode } from "#shared/errors.ts";
import type { SqliteConnection } from "../store/sqlite/connection.ts";
import type { RoomPlaces } from "./room-places.ts";

/** room, author, nonce, content: what crosses to the writer for each send. */
export type Send = [roomId: number, userId: number, nonce: string | null, content: string];

/** The message's place, or why there is none. `again`: the nonce was known and this is its first acknowledgement. */
export type SendOutcome = StoredSend | ErrorCode;
export type StoredSend = [id: number, seq: number, n: number, at: number, again: 0 | 1];

/**
 * Permit, then change: one send inside the writer's transaction. A refused one leaves nothing behind and needs no
 * savepoint. Synchronous, because tens of thousands a second pass here: three inserts are what a message costs.
 */
export function sendMessage(
  db: SqliteConnection,
  places: RoomPlaces,
  [roomId, userId, nonce, content]: Send,
  now: number,
  contentHash: (text: string) => string,
): SendOutcome {
  const hash = nonce === null ? "" : contentHash(`${roomId}\n${content}`);
  const room = places.of(roomId);
  const refused = room ? places.refusalOf(roomId, room, userId) : "not_found";
  if (!room || refused) return (nonce !== null && answerAgain(db, userId, nonce, hash)) || refused || "not_found";
  const id = places.nextId();
  const seq = room.seq + 1;
  const n = room.n + 1;
  // The nonce first: if it is known, it has this insert do nothing, and the place and the id are still free.
  if (
    nonce !== null &&
    db.prepared(INSERT_NONCE).run(userId, nonce, hash, `[${id},${seq},${n},${now}]`).changes === 0
  ) {
    places.giveBackId();
    return answerAgain(db, userId, nonce, hash) ?? "nonce_reused";
  }
  db.prepared(INSERT_MESSAGE).run(id, roomId, seq, n, seq, userId, content, now);
  db.prepared(INSERT_LOG).run(roomId, seq, id, userId, now);
  room.seq = seq;
  room.n = n;
  room.isMoved = true;
  return [id, seq, n, now, 0];
}

/** What a nonce was answered with before; null: it is a new one. */
function answerAgain(db: SqliteConnection, userId: number, nonce: string, hash: string): SendOutcome | null {
  const known = db.prepared(KNOWN_NONCE).get(userId, nonce) as { content_hash: string; result: string } | null;
  if (!known) return null;
  return known.content_hash === hash ? firstAnswer(known.result) : "nonce_reused";
}

function firstAnswer(result: string): SendOutcome {
  const first: unknown = JSON.parse(result);
  // The nonce belongs to another kind of write: the same name for two things is the same fault as other content.
  if (!Array.isArray(first)) return "nonce_reused";
  const [id, seq, n, at] = first as [number, number, number, number];
  return [id, seq, n, at, 1];
}

const KNOWN_NONCE = "SELECT content_hash, result FROM nonces WHERE author = ? AND nonce = ?";
const INSERT_NONCE = "INSERT INTO nonces VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING";
const INSERT_MESSAGE =
  "INSERT INTO messages (id, room_id, seq, n, changed, user_id, content, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
const INSERT_LOG = "INSERT INTO log VALUES (?, ?, 'message', ?, ?, ?)";
