import type { Database } from "bun:sqlite";
import { Refusal } from "#shared/errors.ts";
import { RoomPlaces } from "../../messages/room-places.ts";
import { type Send, sendMessage } from "../../messages/send-message.ts";
import { writes } from "../actions.ts";
import { contentHasher } from "../nonces.ts";
import type { Tx } from "../sql.ts";
import type { Tell } from "../tell.ts";
import { type Batch, type BatchAnswer, type BatchItem, type Outcome, refusalText, type WriteOutcome } from "../wire.ts";
import { SqliteConnection } from "./connection.ts";
import { Mark, readMark } from "./mark.ts";
import { migrate, refuseForeign } from "./migrate.ts";
import { openFile, prepareForWriting } from "./open.ts";

declare const self: Worker;

export interface WriterStart {
  path: string;
  markPath: string;
  now: number;
  nonceKey: Uint8Array;
  newEpoch: string;
}

export type WriterReady = { ready: true; epoch: string; renewed: boolean } | { ready: false; why: string };

/**
 * The one writer. It runs a whole batch of actions in one transaction and answers when that is committed and flushed;
 * what arrived meanwhile is the next batch. An action that is refused is undone alone.
 */
class Writer {
  readonly #db: Database;
  readonly #sql: SqliteConnection;
  readonly #places: RoomPlaces;
  readonly #mark: Mark;
  readonly #contentHash: (text: string) => string;
  #commits: number;

  constructor(db: Database, mark: Mark, commits: number, nonceKey: Uint8Array) {
    this.#db = db;
    this.#sql = new SqliteConnection(db);
    this.#places = new RoomPlaces(this.#sql);
    this.#mark = mark;
    this.#commits = commits;
    this.#contentHash = contentHasher(nonceKey);
  }

  async run(batch: Batch): Promise<BatchAnswer> {
    let isWritten = false;
    try {
      this.#sql.prepared("BEGIN IMMEDIATE").run();
      const outcomes: Outcome[] = [];
      for (const item of batch.items) outcomes.push(await this.#one(item, batch.now));
      this.#places.settle();
      this.#sql.prepared(COUNT).run();
      isWritten = true;
      const before = performance.now();
      this.#sql.prepared("COMMIT").run();
      const flushMs = performance.now() - before;
      this.#counted();
      return { ok: true, outcomes, flushMs };
    } catch (error) {
      this.#places.forget();
      if (this.#db.inTransaction) this.#sql.prepared("ROLLBACK").run();
      report("a batch was not stored", error);
      if (isWritten) this.#takeItsPlace();
      return { ok: false, refusal: refusalText(new Refusal("unavailable", undefined, { retryAfter: 2 })) };
    }
  }

  /** What is committed is committed: a mark that stays behind is no reason to refuse it. */
  #counted(): void {
    this.#commits += 1;
    try {
      this.#mark.move(this.#commits);
    } catch (error) {
      report("the mark beside the database was not moved", error);
    }
  }

  /**
   * A commit that was written and then not flushed still lies in the WAL, and a start after a kill would find it there:
   * what was refused would be stored after all. Another commit is written in its place; one that changes nothing would
   * not be written.
   */
  #takeItsPlace(): void {
    try {
      this.#sql.prepared(COUNT).run();
      this.#counted();
    } catch (error) {
      report("a batch that was not stored could not be written over", error);
    }
  }

  async #one(item: BatchItem, now: number): Promise<Outcome> {
    if (item[0] === 0) {
      const send: Send = [item[1], item[2], item[3], item[4]];
      return sendMessage(this.#sql, this.#places, send, now, this.#contentHash);
    }
    this.#places.settle();
    return this.#write(item[1], item[2], item[3], now);
  }

  async #write(name: string, userId: number, args: unknown, now: number): Promise<WriteOutcome> {
    const tells: Tell[] = [];
    const sql = this.#sql;
    const tx: Tx = {
      now,
      contentHash: this.#contentHash,
      tell: (tell) => tells.push(tell),
      listed: sql.listed,
      get: (text, ...params) => sql.get(text, ...params),
      all: (text, ...params) => sql.all(text, ...params),
      run: (text, ...params) => sql.run(text, ...params),
    };
    const action = writes[name as keyof typeof writes] as (tx: Tx, actor: unknown, args: unknown) => Promise<unknown>;
    sql.prepared("SAVEPOINT action").run();
    try {
      const result = await action(tx, { userId }, args);
      sql.prepared("RELEASE action").run();
      return { result, tells };
    } catch (error) {
      // A full or failing disk ends the whole transaction; then there is no savepoint to go back to.
      if (!this.#db.inTransaction) throw error;
      sql.prepared("ROLLBACK TO action").run();
      sql.prepared("RELEASE action").run();
      if (isStorageFault(error)) throw error;
      return { refusal: refusalText(error) };
    }
  }

  close(): void {
    this.#mark.close();
    this.#sql.close();
  }
}

const COUNT = "UPDATE house SET commits = commits + 1";

let writer: Writer | null = null;

self.onmessage = async ({ data }: MessageEvent<string | WriterStart | null>) => {
  if (typeof data === "string") {
    if (writer) self.postMessage(JSON.stringify(await writer.run(JSON.parse(data) as Batch)));
  } else if (data) {
    try {
      self.postMessage(start(data));
    } catch (error) {
      self.postMessage({
        ready: false,
        why: error instanceof Error ? error.message : String(error),
      } satisfies WriterReady);
    }
  } else {
    writer?.close();
    self.postMessage("closed");
  }
};

function start(given: WriterStart): WriterReady {
  const db = openFile(given.path);
  refuseForeign(db, given.path);
  prepareForWriting(db);
  migrate(db, given.path, given.now);
  db.run("INSERT OR IGNORE INTO house VALUES (1, ?, 1, 0)", [given.newEpoch]);
  const house = db.query<{ epoch: string; commits: number }, []>("SELECT epoch, commits FROM house").get();
  if (!house) throw new Error("The database has no house row.");
  const mark = readMark(given.markPath);
  const renewed = house.commits > 0 && (mark === null || house.commits < mark);
  if (renewed) db.run("UPDATE house SET epoch = ?, commits = ?", [given.newEpoch, Math.max(house.commits, mark ?? 0)]);
  const commits = renewed ? Math.max(house.commits, mark ?? 0) : house.commits;
  const keeper = new Mark(given.markPath);
  keeper.move(commits);
  writer = new Writer(db, keeper, commits, given.nonceKey);
  return { ready: true, epoch: renewed ? given.newEpoch : house.epoch, renewed };
}

function report(what: string, error: unknown): void {
  console.error(JSON.stringify({ level: "error", what, code: codeOf(error) }));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "unknown";
}

/** Not the action's fault but the disk's: nothing of this batch can be answered. */
function isStorageFault(error: unknown): boolean {
  return /^SQLITE_(FULL|IOERR|READONLY|CORRUPT|NOTADB|CANTOPEN|NOMEM|BUSY)/.test(codeOf(error));
}
