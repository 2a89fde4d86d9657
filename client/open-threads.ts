import { threadsAfter } from "#shared/apply-event.ts";
import { Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Message } from "#shared/models.ts";
import type { Replica, ThreadLog } from "#shared/replica.ts";
import type { Api } from "./api.ts";
import { Reading } from "./reading.ts";
import type { RoomStatus, Sought } from "./room-view.ts";

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
    const thread = known ?? this.#newThread(roomId, rootId);
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
    thread.reading.dropped();
    this.#write(thread, null);
  }

  status(rootId: number): RoomStatus {
    return this.#threads.get(rootId)?.status ?? "loading";
  }

  reading(rootId: number): Pick<Reading<ThreadLog>, "older" | "newer" | "sight"> {
    return this.#threads.get(rootId)?.reading ?? { older: "idle", newer: "idle", sight: { key: 0, at: null } };
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
    for (const thread of this.#threads.values()) {
      if (thread.roomId !== event.room_id) continue;
      thread.since?.push(event);
      thread.reading.applied(event);
    }
  }

  async loadOlder(rootId: number): Promise<void> {
    await this.#threads.get(rootId)?.reading.loadOlder();
  }

  async loadNewer(rootId: number): Promise<void> {
    await this.#threads.get(rootId)?.reading.loadNewer();
  }

  async seek(rootId: number, replyId: number): Promise<Sought> {
    return (await this.#threads.get(rootId)?.reading.seek(replyId)) ?? "failed";
  }

  toNewest(rootId: number): void {
    this.#threads.get(rootId)?.reading.toNewest();
  }

  #newThread(roomId: number, rootId: number): OpenThread {
    const { api, replica, isOurHistory, loaded, missed, changed } = this.#options;
    const at = { roomId, rootId };
    const reading = new Reading<ThreadLog>({
      talk: () => this.#log(at),
      write: (log) => this.#write(at, log),
      heardUpTo: () => replica.logs.get(roomId)?.seq ?? 0,
      page: (part) => api.thread(roomId, rootId, part),
      async message(id) {
        const message = await api.message(id);
        return message.thread === rootId ? message : null;
      },
      isOurHistory,
      loaded,
      missed,
      changed: () => changed(roomId),
    });
    return { roomId, rootId, status: "loading", reading, since: null };
  }

  async #tend(thread: OpenThread): Promise<void> {
    const log = this.#options.replica.logs.get(thread.roomId);
    if (!log || thread.since || log.threads.has(thread.rootId) || typeof thread.status === "object") return;
    thread.reading.dropped();
    const answer = await this.#ask(thread);
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
  async #ask(thread: OpenThread): Promise<{ page: ThreadLog; since: readonly RoomEvent[] } | Error | null> {
    const { api, runOf, isOurHistory, loaded } = this.#options;
    const { roomId, rootId } = thread;
    const run = runOf(roomId);
    const since: RoomEvent[] = [];
    thread.since = since;
    const page = await api.thread(roomId, rootId).catch((error: unknown) => asError(error));
    thread.since = null;
    if (this.#threads.get(rootId) !== thread) return null;
    if (runOf(roomId) !== run || !this.#options.replica.logs.has(roomId)) {
      void this.#tend(thread);
      return null;
    }
    if (page instanceof Error) return page;
    if (!isOurHistory(page.epoch)) return null;
    loaded(page.items);
    return { page: { root: page.root, messages: page.items, happenings: [], before: page.before, past: null }, since };
  }

  #log({ roomId, rootId }: ThreadAt): ThreadLog | undefined {
    return this.#options.replica.logs.get(roomId)?.threads.get(rootId);
  }

  #write({ roomId, rootId }: ThreadAt, thread: ThreadLog | null): void {
    const { logs } = this.#options.replica;
    const log = logs.get(roomId);
    if (!log) return;
    const threads = new Map(log.threads);
    if (thread) threads.set(rootId, thread);
    else threads.delete(rootId);
    logs.set(roomId, { ...log, threads });
  }
}

interface ThreadAt {
  readonly roomId: number;
  readonly rootId: number;
}

interface OpenThread extends ThreadAt {
  readonly reading: Reading<ThreadLog>;
  status: RoomStatus;
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
