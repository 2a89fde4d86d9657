import type { SqliteConnection } from "../store/sqlite/connection.ts";

/** Where a room stands in the middle of a batch. */
export interface RoomPlace {
  readonly kind: string;
  seq: number;
  n: number;
  readonly states: Map<number, string>;
  isMoved: boolean;
}

/**
 * What the sends of one batch share: each room and membership is read once, and a room's new place written once, however
 * many messages it gets. The writer is alone, so nothing of it can change between two sends; whatever else writes or
 * reads in the batch comes after `settle`.
 */
export class RoomPlaces {
  readonly #db: SqliteConnection;
  readonly #rooms = new Map<number, RoomPlace | null>();
  #lastId: number | null = null;

  constructor(db: SqliteConnection) {
    this.#db = db;
  }

  /** Null: no such room. */
  of(roomId: number): RoomPlace | null {
    const known = this.#rooms.get(roomId);
    if (known !== undefined) return known;
    const row = this.#db.prepared(ROOM).get(roomId) as { kind: string; seq: number; n: number } | null;
    const place = row && { kind: row.kind, seq: row.seq, n: row.n, states: new Map(), isMoved: false };
    this.#rooms.set(roomId, place);
    return place;
  }

  /** `none` for somebody who was never in it. */
  stateOf(roomId: number, place: RoomPlace, userId: number): string {
    const known = place.states.get(userId);
    if (known !== undefined) return known;
    const row = this.#db.prepared(MEMBER).get(roomId, userId) as { state: string } | null;
    const state = row?.state ?? "none";
    place.states.set(userId, state);
    return state;
  }

  nextId(): number {
    this.#lastId ??= (this.#db.prepared(LAST_ID).get() as { id: number }).id;
    this.#lastId += 1;
    return this.#lastId;
  }

  /** The last one was not used. */
  giveBackId(): void {
    if (this.#lastId !== null) this.#lastId -= 1;
  }

  /** Writes the places back and forgets everything. */
  settle(): void {
    for (const [roomId, place] of this.#rooms) {
      if (place?.isMoved) this.#db.prepared(MOVE).run(place.seq, place.n, roomId);
    }
    this.forget();
  }

  /** For a batch that is undone. */
  forget(): void {
    this.#rooms.clear();
    this.#lastId = null;
  }
}

const ROOM = "SELECT kind, seq, n FROM rooms WHERE id = ? AND deleted_at IS NULL";
const MEMBER = "SELECT state FROM members WHERE room_id = ? AND user_id = ?";
const MOVE = "UPDATE rooms SET seq = ?, n = ? WHERE id = ?";
const LAST_ID = "SELECT coalesce(max(id), 0) AS id FROM messages";
