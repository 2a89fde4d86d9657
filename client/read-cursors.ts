import { countOwn } from "#shared/apply-event.ts";
import { countReply } from "#shared/apply-thread.ts";
import { calledAfter } from "#shared/called.ts";
import type { Ack, ClientFrame } from "#shared/frames.ts";
import type { MyRoom } from "#shared/models.ts";
import type { Replica } from "#shared/replica.ts";
import { type Clock, Timer } from "./clock.ts";

export interface ReadCursorsOptions {
  replica: Replica;
  clock: Clock;
  transmit(frame: ClientFrame): boolean;
  changed(roomId: number): void;
}

const FRAME_EVERY = 500;

/** How far one has read: moved here at once, told now and then, and held against rows that do not know of it yet. */
export class ReadCursors {
  readonly #options: ReadCursorsOptions;
  readonly #marks = new Map<number, Mark>();

  constructor(options: ReadCursorsOptions) {
    this.#options = options;
  }

  mark(roomId: number, seq: number): void {
    const { replica, clock, changed } = this.#options;
    const row = replica.mine.get(roomId);
    const upTo = Math.min(seq, Math.max(replica.heads.get(roomId)?.seq ?? 0, replica.logs.get(roomId)?.seq ?? 0));
    if (!row || upTo <= row.read_seq) return;
    replica.mine.set(roomId, this.#readUpTo(row, upTo));
    const mark = this.#marks.get(roomId) ?? { seq: 0, version: 0, told: 0, pause: new Timer(clock) };
    mark.seq = upTo;
    mark.version = row.version;
    this.#marks.set(roomId, mark);
    this.#tell(roomId, mark);
    changed(roomId);
  }

  /** What was read here and is to be unread again is not held against the row to come. */
  unmark(roomId: number): void {
    const mark = this.#marks.get(roomId);
    if (mark) this.#forget(roomId, mark);
  }

  /** Rows came from the server: those that are behind what was read here since are moved again. */
  rowsChanged(): void {
    const { replica } = this.#options;
    for (const [roomId, mark] of this.#marks) {
      const row = replica.mine.get(roomId);
      if (!row || (row.version > mark.version && row.read_seq >= mark.seq)) {
        this.#forget(roomId, mark);
        continue;
      }
      if (row.version > mark.version) mark.told = 0; // moved back since the frame, perhaps: said again
      mark.version = row.version;
      if (row.read_seq < mark.seq) replica.mine.set(roomId, this.#readUpTo(row, mark.seq));
      this.#tell(roomId, mark);
    }
  }

  /** In a room that is not open no event will tell that the newest message is one's own. */
  acked({ room_id, seq, n, thread: id }: Ack): void {
    const { replica, changed } = this.#options;
    if (id === undefined) countOwn(replica, room_id, n);
    else countReply(replica, room_id, seq, { id, n, user_id: replica.meId });
    changed(room_id);
  }

  ready(): void {
    for (const [roomId, mark] of this.#marks) {
      mark.told = 0;
      this.#tell(roomId, mark);
    }
  }

  startOver(): void {
    for (const [roomId, mark] of this.#marks) this.#forget(roomId, mark);
  }

  /** With what is known to call this person: the row is said to be counted up to where the log ends. */
  #readUpTo(row: MyRoom, seq: number): MyRoom {
    const { replica } = this.#options;
    const { called: _, ...read } = readUpTo(replica, row, seq);
    const called = calledAfter(replica, row, read.read_seq);
    return called.length === 0 ? read : { ...read, called };
  }

  #tell(roomId: number, mark: Mark): void {
    if (mark.pause.running || mark.told >= mark.seq) return;
    if (!this.#options.transmit({ type: "read", room_id: roomId, seq: mark.seq })) return;
    mark.told = mark.seq;
    mark.pause.set(FRAME_EVERY, () => this.#tell(roomId, mark));
  }

  #forget(roomId: number, mark: Mark): void {
    mark.pause.clear();
    this.#marks.delete(roomId);
  }
}

interface Mark {
  seq: number;
  /** Of the row that was moved here: only a newer one can say that the server knows. */
  version: number;
  told: number;
  readonly pause: Timer;
}

/** The row as the server will have it, as far as that can be known from what is loaded. */
function readUpTo(replica: Replica, row: MyRoom, seq: number): MyRoom {
  const head = replica.heads.get(row.room.id) ?? { seq: 0, n: 0 };
  const log = replica.logs.get(row.room.id);
  if (!log) return seq < head.seq ? { ...row, read_seq: seq } : readToTheEnd(row, head);
  const later = log.messages.filter((message) => message.seq > seq);
  const last = log.messages[log.messages.length - later.length - 1];
  if (later.length > 0 && !last && log.before !== null) return { ...row, read_seq: seq };
  return {
    ...row,
    read_seq: seq,
    read_n: last?.n ?? (later[0] ? later[0].n - 1 : log.n),
    mine: later.filter((message) => message.user_id === replica.meId || message.deleted_at !== undefined).length,
    counted_n: log.n,
    counted_seq: log.seq,
  };
}

function readToTheEnd(row: MyRoom, head: { seq: number; n: number }): MyRoom {
  return { ...row, read_seq: head.seq, read_n: head.n, mine: 0, counted_n: head.n, counted_seq: head.seq };
}
