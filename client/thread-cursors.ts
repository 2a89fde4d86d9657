import type { ClientFrame } from "#shared/frames.ts";
import type { MyThread } from "#shared/models.ts";
import type { Replica } from "#shared/replica.ts";
import { type Clock, Timer } from "./clock.ts";

export interface ThreadCursorsOptions {
  replica: Replica;
  clock: Clock;
  transmit(frame: ClientFrame): boolean;
  changed(roomId: number): void;
}

const FRAME_EVERY = 500;

/** How far one has read in threads that one follows: moved here at once, and told now and then. */
export class ThreadCursors {
  readonly #options: ThreadCursorsOptions;
  readonly #marks = new Map<number, Mark>();

  constructor(options: ThreadCursorsOptions) {
    this.#options = options;
  }

  mark(rootId: number, { seq, n }: { seq: number; n: number }): void {
    const { replica, clock, changed } = this.#options;
    const row = replica.threads.get(rootId);
    if (!row || n <= row.read_n) return;
    const mark = this.#marks.get(rootId) ?? { seq, n, version: 0, told: 0, pause: new Timer(clock) };
    Object.assign(mark, { seq, n, version: row.version });
    this.#marks.set(rootId, mark);
    replica.threads.set(rootId, readUpTo(row, mark));
    this.#tell(rootId, mark);
    changed(row.room_id);
  }

  /** What was read here and is to be unread again is not held against the row to come. */
  unmark(rootId: number): void {
    const mark = this.#marks.get(rootId);
    if (mark) this.#forget(rootId, mark);
  }

  /** Rows came from the server: those that are behind what was read here since are moved again. */
  rowsChanged(): void {
    const { replica } = this.#options;
    for (const [rootId, mark] of this.#marks) {
      const row = replica.threads.get(rootId);
      if (!row || (row.version > mark.version && row.read_n >= mark.n)) {
        this.#forget(rootId, mark);
        continue;
      }
      if (row.version > mark.version) mark.told = 0; // moved back since the frame, perhaps: said again
      mark.version = row.version;
      if (row.read_n < mark.n) replica.threads.set(rootId, readUpTo(row, mark));
      this.#tell(rootId, mark);
    }
  }

  ready(): void {
    for (const [rootId, mark] of this.#marks) {
      mark.told = 0;
      this.#tell(rootId, mark);
    }
  }

  startOver(): void {
    for (const [rootId, mark] of this.#marks) this.#forget(rootId, mark);
  }

  #tell(rootId: number, mark: Mark): void {
    const row = this.#options.replica.threads.get(rootId);
    if (!row || mark.pause.running || mark.told >= mark.seq) return;
    const { seq } = mark;
    if (!this.#options.transmit({ type: "read", room_id: row.room_id, seq, thread: rootId })) return;
    mark.told = seq;
    mark.pause.set(FRAME_EVERY, () => this.#tell(rootId, mark));
  }

  #forget(rootId: number, mark: Mark): void {
    mark.pause.clear();
    this.#marks.delete(rootId);
  }
}

interface Mark {
  seq: number;
  n: number;
  /** Of the row that was moved here: only a newer one can say that the server knows. */
  version: number;
  told: number;
  readonly pause: Timer;
}

function readUpTo(row: MyThread, { seq, n }: { seq: number; n: number }): MyThread {
  return { ...row, read_seq: seq, read_n: n, mine: n >= row.n ? 0 : row.mine };
}
