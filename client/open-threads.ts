import { threadsAfter, withSince } from "#shared/apply-event.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Message } from "#shared/models.ts";
import type { Replica, ThreadLog } from "#shared/replica.ts";
import type { Api } from "./api.ts";
import type { RoomStatus, RoomView } from "./room-view.ts";

export interface OpenThreadsOptions {
  replica: Replica;
  api: Api;
  /** Another number for each log of the room: what was asked for a former one is dropped. */
  runOf(roomId: number): number;
  isOurHistory(epoch: string): boolean;
  /** What happened to a message while its thread was on the way, which may have to be asked for. */
  missed(event: RoomEvent): void;
  loaded(messages: readonly Message[]): void;
  changed(roomId: number): void;
}

/** Threads that are shown at once. */
const MOST_OPEN = 5;

/** The threads that are shown: their pages come by REST, and what follows a page with the log of their room. */
export class OpenThreads {
  readonly #options: OpenThreadsOptions;
  readonly #threads = new Map<number, OpenThread>();

  constructor(options: OpenThreadsOptions) {
    this.#options = options;
  }

  async open(roomId: number, rootId: number): Promise<void> {
    const known = this.#threads.get(rootId);
    const thread: OpenThread = known ?? { roomId, rootId, status: "loading", older: "idle", since: null };
    this.#threads.delete(rootId);
    this.#threads.set(rootId, thread);
    for (const [id] of this.#threads) if (this.#threads.size > MOST_OPEN) this.close(id);
    if (typeof thread.status === "object") thread.status = "loading";
    await this.#tend(thread);
  }

  close(rootId: number): void {
    const thread = this.#threads.get(rootId);
    if (!thread) return;
    this.#threads.delete(rootId);
    this.#write(thread, null);
  }

  status(rootId: number): RoomStatus {
    return this.#threads.get(rootId)?.status ?? "loading";
  }

  older(rootId: number): RoomView["older"] {
    return this.#threads.get(rootId)?.older ?? "idle";
  }

  /** The log of a room began, perhaps anew: its threads are loaded to it. */
  tend(roomId: number): void {
    for (const thread of this.#threads.values()) if (thread.roomId === roomId) void this.#tend(thread);
  }

  /** The line is back: what could not be loaded is asked for again. */
  ready(): void {
    for (const thread of this.#threads.values()) {
      if (isFailed(thread.status)) thread.status = "loading";
      void this.#tend(thread);
    }
  }

  applied(event: RoomEvent): void {
    for (const thread of this.#threads.values()) if (thread.roomId === event.room_id) thread.since?.push(event);
  }

  async loadOlder(rootId: number): Promise<void> {
    const thread = this.#threads.get(rootId);
    const before = thread && this.#log(thread)?.before;
    if (!thread || thread.since || before === null || before === undefined) return;
    thread.older = "loading";
    this.#options.changed(thread.roomId);
    const answer = await this.#ask(thread, before);
    if (answer === null) return;
    const log = this.#log(thread);
    const isFit = !(answer instanceof Error) && log !== undefined;
    thread.older = isFit ? "idle" : "failed";
    if (isFit) {
      const { page, since } = answer;
      const first = log.messages[0]?.seq ?? Number.POSITIVE_INFINITY;
      const older = withSince(page.messages, since).filter((message) => message.seq < first);
      this.#write(thread, { ...log, messages: [...older, ...log.messages], before: page.before });
      for (const event of since) this.#options.missed(event);
    }
    this.#options.changed(thread.roomId);
  }

  async #tend(thread: OpenThread): Promise<void> {
    const log = this.#options.replica.logs.get(thread.roomId);
    if (!log || thread.since || log.threads.has(thread.rootId) || typeof thread.status === "object") return;
    const answer = await this.#ask(thread, undefined);
    if (answer === null) return;
    if (answer instanceof Error) thread.status = statusOf(answer);
    else {
      thread.status = "ready";
      let threads: ReadonlyMap<number, ThreadLog> = new Map([[thread.rootId, answer.page]]);
      for (const event of answer.since) threads = threadsAfter(threads, event);
      this.#write(thread, threads.get(thread.rootId) ?? null);
      for (const event of answer.since) this.#options.missed(event);
    }
    this.#options.changed(thread.roomId);
  }

  /** A page, and what was heard since it was asked for; null: it is wanted no more, or not of this log. */
  async #ask(
    thread: OpenThread,
    before: number | undefined,
  ): Promise<{ page: ThreadLog; since: readonly RoomEvent[] } | Error | null> {
    const { api, runOf, isOurHistory, loaded } = this.#options;
    const { roomId, rootId } = thread;
    const run = runOf(roomId);
    const since: RoomEvent[] = [];
    thread.since = since;
    const part = before === undefined ? {} : { before };
    const page = await api.thread(roomId, rootId, part).catch((error: unknown) => asError(error));
    thread.since = null;
    if (this.#threads.get(rootId) !== thread) return null;
    if (runOf(roomId) !== run || !this.#options.replica.logs.has(roomId)) {
      thread.older = "idle";
      void this.#tend(thread);
      return null;
    }
    if (page instanceof Error) return page;
    if (!isOurHistory(page.epoch)) return null;
    loaded(page.items);
    return { page: { root: page.root, messages: page.items, before: page.before }, since };
  }

  #log({ roomId, rootId }: OpenThread): ThreadLog | undefined {
    return this.#options.replica.logs.get(roomId)?.threads.get(rootId);
  }

  #write({ roomId, rootId }: OpenThread, thread: ThreadLog | null): void {
    const { logs } = this.#options.replica;
    const log = logs.get(roomId);
    if (!log) return;
    const threads = new Map(log.threads);
    if (thread) threads.set(rootId, thread);
    else threads.delete(rootId);
    logs.set(roomId, { ...log, threads });
  }
}

interface OpenThread {
  readonly roomId: number;
  readonly rootId: number;
  status: RoomStatus;
  older: RoomView["older"];
  /** What was heard since a page was asked for; null: none is on its way. */
  since: RoomEvent[] | null;
}

function statusOf(error: Error): RoomStatus {
  const code = error instanceof Refusal ? error.code : "offline";
  if (code === "removed" || code === "not_found" || code === "forbidden") return { closed: code };
  return { failed: code };
}

function isFailed(status: RoomStatus): boolean {
  return typeof status === "object" && "failed" in status;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
