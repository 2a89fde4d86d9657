import { join } from "node:path";
import { Refusal } from "#shared/errors.ts";
import type { Clock } from "../../clock.ts";
import type { Actor } from "../sql.ts";
import type { Store, WaitingSend } from "../store.ts";
import type { Tell } from "../tell.ts";
import { type BatchAnswer, type Outcome, type RefusalText, refusalFrom } from "../wire.ts";
import { Gathering } from "./gathering.ts";
import type { WriterReady, WriterStart } from "./writer.ts";

export interface SqliteSettings {
  /** The database file. */
  path: string;
  dataDir: string;
  nonceKey: Uint8Array;
  newEpoch: string;
  clock: Clock;
  /** A worker that dies takes the process along: half a store must not go on answering. */
  died: (why: string) => void;
}

const BATCH_MOST = 1_024;
const QUEUE_MOST = 50_000;

export async function openSqliteStore(settings: SqliteSettings): Promise<Store> {
  const writer = worker("writer");
  const start: WriterStart = {
    path: settings.path,
    markPath: join(settings.dataDir, "mark"),
    now: settings.clock.now(),
    nonceKey: settings.nonceKey,
    newEpoch: settings.newEpoch,
  };
  const ready = await new Promise<WriterReady>((resolve) => {
    writer.onerror = (event) => resolve({ ready: false, why: event.message });
    writer.onmessage = ({ data }: MessageEvent<WriterReady>) => resolve(data);
    writer.postMessage(start);
  });
  if (!ready.ready) {
    writer.terminate();
    throw new Error(ready.why);
  }
  const reader = worker("reader");
  reader.postMessage({ path: settings.path });
  return new SqliteStore(ready.epoch, writer, reader, settings);
}

/** Beside this file, or beside the one file that a build makes of the server. */
function worker(name: "writer" | "reader"): Worker {
  const ending = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new Worker(new URL(`./${name}.${ending}`, import.meta.url).href);
}

type Waiting =
  | { kind: "send"; text: string; waiting: WaitingSend }
  | { kind: "write"; text: string; resolve: (result: unknown) => void; reject: (error: Refusal) => void };

class SqliteStore implements Store {
  readonly epoch: string;
  readonly #writer: Worker;
  readonly #reader: Worker;
  readonly #clock: Clock;
  readonly #gathering = new Gathering();
  #stopWaiting: (() => void) | null = null;
  #queue: Waiting[] = [];
  #running: Waiting[] | null = null;
  #scheduled = false;
  #untold: (() => void)[] = [];
  #listen: (tell: Tell) => void = () => {};
  #answeredAll: () => void = () => {};
  readonly #questions = new Map<number, { resolve: (text: string) => void; reject: (error: Refusal) => void }>();
  #lastQuestion = 0;
  #closing: (() => void) | null = null;
  #sends = 0;
  #batches = 0;

  constructor(epoch: string, writer: Worker, reader: Worker, settings: SqliteSettings) {
    this.epoch = epoch;
    this.#writer = writer;
    this.#reader = reader;
    this.#clock = settings.clock;
    writer.onmessage = ({ data }: MessageEvent<string>) => this.#answered(data);
    reader.onmessage = ({ data }: MessageEvent<string>) => this.#read(data);
    writer.onerror = (event) => settings.died(`The store's writer failed: ${event.message}`);
    reader.onerror = (event) => settings.died(`The store's reader failed: ${event.message}`);
  }

  get counts() {
    return { sends: this.#sends, batches: this.#batches, waiting: this.#queue.length };
  }

  onTell(listen: (tell: Tell) => void): void {
    this.#listen = listen;
  }

  async told(): Promise<void> {
    if (this.#running) await new Promise<void>((go) => this.#untold.push(go));
  }

  onAnswered(run: () => void): void {
    this.#answeredAll = run;
  }

  send(roomId: number, userId: number, nonceJson: string | null, contentJson: string, waiting: WaitingSend): void {
    if (this.#queue.length >= QUEUE_MOST || this.#closing) return waiting.answer("unavailable");
    this.#enqueue({ kind: "send", text: `[0,${roomId},${userId},${nonceJson},${contentJson}]`, waiting });
  }

  write(name: string, actor: Actor, args?: unknown): Promise<never> {
    if (this.#queue.length >= QUEUE_MOST || this.#closing) return Promise.reject(new Refusal("unavailable"));
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const text = JSON.stringify([1, name, actor.userId, args ?? null]);
    this.#enqueue({ kind: "write", text, resolve, reject });
    return promise as Promise<never>;
  }

  async read(name: string, actor: Actor, args?: unknown): Promise<never> {
    return JSON.parse(await this.readText(name, actor, args)) as never;
  }

  readText(name: string, actor: Actor, args: unknown): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const id = ++this.#lastQuestion;
    if (this.#questions.size >= QUEUE_MOST) return Promise.reject(new Refusal("unavailable"));
    this.#questions.set(id, { resolve, reject });
    this.#reader.postMessage(JSON.stringify({ id, name, userId: actor.userId, args: args ?? null }));
    return promise;
  }

  async close(): Promise<void> {
    if (this.#queue.length > 0 || this.#running) await new Promise<void>((go) => (this.#closing = go));
    else this.#closing = () => {};
    // The writer last: the last connection to go takes the WAL along.
    for (const part of [this.#reader, this.#writer]) {
      await new Promise<void>((resolve) => {
        part.onmessage = () => resolve();
        part.postMessage(null);
      });
      part.terminate();
    }
  }

  #enqueue(item: Waiting): void {
    this.#queue.push(item);
    if (this.#running || this.#scheduled) return;
    // At the end of the turn, so that what one turn of the event loop brought goes as one batch.
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#next();
    });
  }

  #next(): void {
    if (this.#running || this.#queue.length === 0) return;
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    const patience = this.#gathering.patience(this.#queue.length, this.#clock.now());
    if (patience > 0) this.#stopWaiting = this.#clock.after(patience, () => this.#begin());
    else this.#begin();
  }

  #begin(): void {
    this.#stopWaiting = null;
    const batch = this.#queue.length <= BATCH_MOST ? this.#queue : this.#queue.slice(0, BATCH_MOST);
    this.#queue = this.#queue.length <= BATCH_MOST ? [] : this.#queue.slice(BATCH_MOST);
    this.#running = batch;
    let text = `{"now":${this.#clock.now()},"items":[`;
    for (let i = 0; i < batch.length; i++) text += i === 0 ? batch[i]?.text : `,${batch[i]?.text}`;
    this.#writer.postMessage(`${text}]}`);
  }

  #answered(data: string): void {
    const batch = this.#running ?? [];
    const untold = this.#untold;
    this.#untold = [];
    this.#running = null;
    const answer = JSON.parse(data) as BatchAnswer;
    this.#batches += 1;
    if (answer.ok) {
      this.#gathering.answered(batch.length, this.#queue.length, answer.flushMs, this.#clock.now());
    }
    // The next batch first: the writer works while this thread tells.
    this.#next();
    const outcomes = answer.ok ? answer.outcomes : batch.map(() => answer);
    for (let i = 0; i < batch.length; i++) this.#answer(batch[i], outcomes[i]);
    this.#answeredAll();
    for (let i = 0; i < batch.length; i++) this.#tell(batch[i], outcomes[i]);
    for (const go of untold) go();
    if (this.#closing && !this.#running && this.#queue.length === 0) this.#closing();
  }

  #answer(item: Waiting | undefined, outcome: Outcome | undefined): void {
    if (item?.kind !== "send" || outcome === undefined) return;
    if (typeof outcome === "string" || Array.isArray(outcome)) item.waiting.answer(outcome);
    else if ("refusal" in outcome) item.waiting.answer(outcome.refusal.code);
  }

  #tell(item: Waiting | undefined, outcome: Outcome | undefined): void {
    if (item === undefined || outcome === undefined || typeof outcome === "string") return;
    if (Array.isArray(outcome)) {
      if (item.kind !== "send" || outcome[4] === 1) return;
      this.#sends += 1;
      return item.waiting.tell(outcome);
    }
    if (item.kind === "send") return;
    if ("refusal" in outcome) return item.reject(refusalFrom(outcome.refusal));
    for (const tell of outcome.tells) this.#listen(tell);
    item.resolve(outcome.result);
  }

  #read(data: string): void {
    const space = data.indexOf(" ");
    const id = Number(data.slice(0, space));
    const question = this.#questions.get(id);
    if (!question) return;
    this.#questions.delete(id);
    const text = data.slice(space + 3);
    if (data[space + 1] === "+") question.resolve(text);
    else question.reject(refusalFrom(JSON.parse(text) as RefusalText));
  }
}
