import type { ErrorCode } from "#shared/errors.ts";
import type { Posting, Role, RoomKind, RoomRole } from "#shared/models.ts";
import { placeOf, standingIn, whyNot } from "../rooms/standing.ts";
import type { SqliteConnection } from "../store/sqlite/connection.ts";

/** Where a room stands in the middle of a batch. */
export interface RoomPlace {
  readonly kind: RoomKind;
  readonly posting: Posting;
  readonly archived_at: number | null;
  seq: number;
  n: number;
  /** Why a person may not write; null: they may. */
  readonly refusals: Map<number, ErrorCode | null>;
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
    const row = this.#db.prepared(ROOM).get(roomId) as RoomFacts | null;
    const place = row && { ...row, refusals: new Map(), isMoved: false };
    this.#rooms.set(roomId, place);
    return place;
  }

  /** Null: they may write there. */
  refusalOf(roomId: number, place: RoomPlace, userId: number): ErrorCode | null {
    const known = place.refusals.get(userId);
    if (known !== undefined) return known;
    const row = this.#db.prepared(MEMBER).get(roomId, userId) as { state: string; role: RoomRole } | null;
    const refusalAs = (role: Role) =>
      whyNot("send", standingIn(place, role, placeOf(row?.role ?? null, row?.state ?? null)));
    let refusal = refusalAs("user");
    // Only a refusal is another one for a guest, and only then is it looked whether they are one.
    if (refusal !== null && this.#db.prepared(GUEST).get(userId) !== null) refusal = refusalAs("guest");
    place.refusals.set(userId, refusal);
    return refusal;
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

type RoomFacts = Pick<RoomPlace, "kind" | "posting" | "archived_at" | "seq" | "n">;

const ROOM = "SELECT kind, posting, archived_at, seq, n FROM rooms WHERE id = ? AND deleted_at IS NULL";
const MEMBER = "SELECT state, role FROM members WHERE room_id = ? AND user_id = ?";
const GUEST = "SELECT 1 FROM users WHERE id = ? AND guest = 1";
const MOVE = "UPDATE rooms SET seq = ?, n = ? WHERE id = ?";
const LAST_ID = "SELECT coalesce(max(id), 0) AS id FROM messages";
