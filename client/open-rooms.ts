import { applyAt } from "#shared/apply-event.ts";
import { isAboutMessage } from "#shared/apply-message.ts";
import { eachThread } from "#shared/apply-thread.ts";
import { errors, Refusal } from "#shared/errors.ts";
import type { MessageEvent, RoomEvent } from "#shared/events.ts";
import type { ClientFrame, Closed, HelloFrame, Opened } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Message } from "#shared/models.ts";
import type { Talk } from "#shared/past.ts";
import { logFromPage, type Replica, type RoomLog } from "#shared/replica.ts";
import type { Api } from "./api.ts";
import { backoff } from "./backoff.ts";
import { type Clock, Timer } from "./clock.ts";
import { loadMembers, withMemberEvents } from "./load-members.ts";
import type { Random } from "./nonce.ts";
import { Reading } from "./reading.ts";
import type { RoomStatus, Sought } from "./room-view.ts";

export interface OpenRoomsOptions {
  replica: Replica;
  api: Api;
  clock: Clock;
  random: Random;
  keepOpen: number;
  /** Whether the frame was handed to a socket that is past its welcome. */
  transmit(frame: ClientFrame): boolean;
  /** Whether a page is of the history that the replica holds. If not, the next welcome tells which one it is. */
  isOurHistory(epoch: string): boolean;
  changed(roomId: number): void;
  /** A page arrived: how its authors are drawn may have changed while nothing was heard of the room. */
  loaded(messages: readonly Message[]): void;
}

const OPENED_WITHIN = 10_000;
const MOST_TRIES = 3;

/** The rooms that are shown or kept warm: their pages come by REST, and what follows a page by `open`. */
export class OpenRooms {
  readonly #options: OpenRoomsOptions;
  /** The most recently opened last. */
  readonly #rooms = new Map<number, OpenRoom>();
  #isStopped = false;

  constructor(options: OpenRoomsOptions) {
    this.#options = options;
  }

  async open(id: number): Promise<void> {
    const room = this.#rooms.get(id) ?? this.#newRoom(id);
    this.#rooms.delete(id);
    this.#rooms.set(id, room);
    this.#closeOldest();
    if (room.status === "ready") return;
    if (!room.load) this.#show(id, room, "loading");
    await (room.load ?? this.#load(id, room));
  }

  status(id: number): RoomStatus {
    return this.#rooms.get(id)?.status ?? "loading";
  }

  reading(id: number): Pick<Reading<RoomLog>, "older" | "newer" | "sight"> {
    return this.#rooms.get(id)?.reading ?? { older: "idle", newer: "idle", sight: { key: 0, at: null } };
  }

  /** Up to which seq a room is shown, 0 while its page is on the way; null: it is not shown. */
  shownUpTo(id: number): number | null {
    const room = this.#rooms.get(id);
    if (!room || isClosed(room.status)) return null;
    return this.#log(id)?.seq ?? 0;
  }

  hello(): Pick<HelloFrame, "rooms" | "open"> {
    const rooms: Record<string, number> = {};
    const open: number[] = [];
    for (const [id, room] of [...this.#rooms].reverse()) {
      const log = this.#log(id);
      room.ears = log ? "asked" : "shut";
      if (!log) continue;
      rooms[id] = log.seq;
      open.push(id);
    }
    return { rooms, open };
  }

  start(): void {
    this.#isStopped = false;
  }

  stop(): void {
    this.#isStopped = true;
    for (const room of this.#rooms.values()) room.again.clear();
  }

  lineDown(): void {
    for (const room of this.#rooms.values()) shutEars(room);
  }

  /** The hello is answered in full. */
  ready(): void {
    for (const [id, room] of this.#rooms) {
      const log = this.#log(id);
      if (isClosed(room.status) || room.load || room.answer.running) continue;
      if (!log) void this.#load(id, room);
      else if (room.ears !== "open") this.#ask(id, room);
    }
  }

  /** Another history began, and what was loaded of the former one is void. Pages are asked for when it is `ready`. */
  startOver(): void {
    for (const [id, room] of this.#rooms) {
      this.#drop(id, room);
      if (!isClosed(room.status)) this.#show(id, room, "loading");
    }
  }

  applied(event: RoomEvent): void {
    const room = this.#rooms.get(event.room_id);
    room?.memberEvents?.push(event);
    room?.reading.applied(event);
    if (room && isAboutMessage(event) && !saysAll(event)) void this.#askFor(event, room);
  }

  /** What it says is not for everybody in the room, so whoever shows the message asks for it. */
  /** The same for what came into the log while it was told. */
  missed(event: RoomEvent): void {
    const room = this.#rooms.get(event.room_id);
    if (room && isAboutMessage(event) && !saysAll(event)) void this.#askFor(event, room);
  }

  /** Another number for each log of the room. */
  runOf(id: number): number {
    return this.#rooms.get(id)?.run ?? 0;
  }

  async #askFor({ room_id: id, message_id, seq }: MessageEvent, room: OpenRoom): Promise<void> {
    const { run } = room;
    const isOld = () => isAnywhere(this.#log(id), (known) => known.id === message_id && known.changed < seq);
    if (!isOld()) return;
    const message = await settled(this.#options.api.message(message_id));
    const log = this.#log(id);
    if (room.run !== run || !log || !isOld()) return;
    if (message instanceof Error) return this.resync(id);
    const renew = (known: Message) => (known.id === message_id ? withNewerReplies(message, known) : known);
    const messages = log.messages.map(renew);
    const past = log.past && { ...log.past, messages: log.past.messages.map(renew) };
    const threads = eachThread(log.threads, (replies) => replies.map(renew));
    this.#options.replica.logs.set(id, { ...log, messages, past, threads });
    this.#options.changed(id);
  }

  /** One question at a time: the answer to the one that is out holds everything that is missing. */
  gap(roomId: number, seq: number): void {
    applyAt(this.#options.replica, { type: "at", room_id: roomId, seq, n: 0 });
    const room = this.#rooms.get(roomId);
    if (room?.ears === "open") this.#ask(roomId, room);
  }

  opened(frame: Opened): void {
    const id = frame.room_id;
    applyAt(this.#options.replica, { ...frame, type: "at" });
    const room = this.#rooms.get(id);
    const log = this.#log(id);
    if (!room || !log) return;
    if (log.seq < frame.seq) this.#ask(id, room);
    else heardAll(room);
  }

  resync(id: number): void {
    const room = this.#rooms.get(id);
    if (!room || room.load !== null || isClosed(room.status)) return;
    this.#drop(id, room);
    this.#show(id, room, "loading");
    this.#loadAfter(room.failures === 0 ? 0 : backoff(room.failures, this.#options.random), id, room);
  }

  closed(id: number, code: Closed["code"]): void {
    this.#options.replica.logs.delete(id);
    const room = this.#rooms.get(id);
    if (!room) return;
    this.#drop(id, room);
    this.#show(id, room, { closed: code });
  }

  /** Rows of a stream came and went: a room that went is closed, one that came back is shown again. */
  rowsChanged(came: readonly number[], gone: readonly number[]): void {
    for (const id of gone) if (this.#rooms.get(id)?.status === "ready" && !this.#log(id)) this.closed(id, "not_found");
    for (const id of came) {
      const room = this.#rooms.get(id);
      if (!room || room.load || !isClosed(room.status)) continue;
      this.#show(id, room, "loading");
      void this.#load(id, room);
    }
  }

  async loadOlder(id: number): Promise<void> {
    await this.#rooms.get(id)?.reading.loadOlder();
  }

  async loadNewer(id: number): Promise<void> {
    await this.#rooms.get(id)?.reading.loadNewer();
  }

  async seek(id: number, messageId: number): Promise<Sought> {
    return (await this.#rooms.get(id)?.reading.seek(messageId)) ?? "failed";
  }

  toNewest(id: number): void {
    this.#rooms.get(id)?.reading.toNewest();
  }

  /** The first of them, or those behind the ones that are there. */
  async loadMembers(id: number, more: boolean): Promise<void> {
    const room = this.#rooms.get(id);
    if (!room) return;
    room.wantsMembers = true;
    await room.load;
    const before = this.#log(id)?.members ?? null;
    const after = more && before ? room.membersFrom : null;
    if (room.memberEvents || !this.#log(id) || (more && after === null)) return;
    const { run } = room;
    const since: RoomEvent[] = [];
    room.memberEvents = since;
    const loaded = await settled(loadMembers(this.#options.api, id, after));
    const log = this.#log(id);
    if (room.run !== run || !log) return;
    room.memberEvents = null;
    if (loaded instanceof Error) return;
    room.membersFrom = loaded.next;
    const known = more ? (log.members ?? []) : [];
    const members = withMemberEvents([...known, ...loaded.members], since);
    this.#options.replica.logs.set(id, { ...log, members });
    this.#options.changed(id);
  }

  /** Whether there are members behind those that are there. */
  hasMoreMembers(id: number): boolean {
    return (this.#rooms.get(id)?.membersFrom ?? null) !== null;
  }

  #newRoom(id: number): OpenRoom {
    const { api, clock, replica, loaded, changed, isOurHistory } = this.#options;
    const reading = new Reading<RoomLog>({
      talk: () => this.#log(id),
      write: (log) => void replica.logs.set(id, log),
      heardUpTo: () => this.#log(id)?.seq ?? 0,
      page: (part) => api.messages(id, part),
      async message(messageId) {
        const message = await api.message(messageId);
        return message.room_id === id && message.thread === undefined ? message : null;
      },
      isOurHistory,
      loaded,
      missed: (event) => this.missed(event),
      changed: () => changed(id),
    });
    return newRoom(clock, reading);
  }

  #load(id: number, room: OpenRoom): Promise<void> {
    this.#drop(id, room);
    const load = this.#loadPage(id, room).finally(() => {
      if (room.load === load) room.load = null;
    });
    room.load = load;
    return load;
  }

  async #loadPage(id: number, room: OpenRoom): Promise<void> {
    const { run } = room;
    const page = await settled(this.#options.api.messages(id));
    if (room.run !== run) {
      await room.load;
      return;
    }
    if (page instanceof Error) {
      this.#failed(id, room, page);
      return;
    }
    if (!this.#options.isOurHistory(page.epoch)) return;
    this.#options.replica.logs.set(id, logFromPage(page));
    this.#options.loaded(page.items);
    applyAt(this.#options.replica, { type: "at", room_id: id, seq: page.seq, n: page.n });
    this.#ask(id, room);
    room.load = null;
    this.#show(id, room, "ready");
    if (room.wantsMembers) void this.loadMembers(id, false);
  }

  #failed(id: number, room: OpenRoom, error: Error): void {
    const refusal = error instanceof Refusal ? error : null;
    const code = refusal?.code ?? "offline";
    const isShut = code === "removed" || code === "not_found" || code === "forbidden";
    if (code === "offline" || errors[code].retry) {
      const named = (refusal?.retryAfter ?? 0) * 1_000;
      this.#loadAfter(named + backoff(room.failures, this.#options.random), id, room);
    }
    this.#show(id, room, isShut ? { closed: code } : { failed: code });
  }

  #loadAfter(ms: number, id: number, room: OpenRoom): void {
    if (this.#isStopped) return;
    room.failures += 1;
    room.again.set(ms, () => void this.#load(id, room));
  }

  #ask(id: number, room: OpenRoom): void {
    const { replica, transmit } = this.#options;
    const log = this.#log(id);
    if (!log || replica.epoch === null) return;
    if (room.tries >= MOST_TRIES) {
      this.resync(id);
      return;
    }
    if (!transmit({ type: "open", room_id: id, epoch: replica.epoch, seq: log.seq })) return;
    room.ears = "asked";
    room.tries += 1;
    room.answer.set(OPENED_WITHIN, () => this.#ask(id, room));
  }

  #closeOldest(): void {
    const most = Math.min(this.#options.keepOpen, limits.openRooms);
    for (const [id, room] of this.#rooms) {
      if (this.#rooms.size <= most) return;
      if (room.ears !== "shut") this.#options.transmit({ type: "close", room_id: id });
      this.#drop(id, room);
      this.#rooms.delete(id);
      this.#options.changed(id);
    }
  }

  /** What was asked for this log is answered to nobody. */
  #drop(id: number, room: OpenRoom): void {
    this.#options.replica.logs.delete(id);
    room.run += 1;
    room.load = null;
    room.again.clear();
    room.reading.dropped();
    room.memberEvents = null;
    room.membersFrom = null;
    shutEars(room);
  }

  #show(id: number, room: OpenRoom, status: RoomStatus): void {
    room.status = status;
    this.#options.changed(id);
  }

  #log(id: number) {
    return this.#options.replica.logs.get(id);
  }
}

interface OpenRoom {
  status: RoomStatus;
  readonly reading: Reading<RoomLog>;
  /** Another number for each log: answers that were asked for a former one are dropped. */
  run: number;
  load: Promise<void> | null;
  /** Loads and resyncs in a row without the room being heard to its end. */
  failures: number;
  again: Timer;
  /** Whether this socket tells the room's events: not, asked for, or all of them. */
  ears: "shut" | "asked" | "open";
  /** Runs while an `open` has no answer; one in the hello should have it before `ready`. */
  answer: Timer;
  tries: number;
  wantsMembers: boolean;
  /** Events since members were asked for; null: they are not being loaded. */
  memberEvents: RoomEvent[] | null;
  /** Where the members begin that are not loaded; null: all are, or none. */
  membersFrom: string | null;
}

function newRoom(clock: Clock, reading: Reading<RoomLog>): OpenRoom {
  return {
    status: "loading",
    reading,
    run: 0,
    load: null,
    failures: 0,
    again: new Timer(clock),
    ears: "shut",
    answer: new Timer(clock),
    tries: 0,
    wantsMembers: false,
    memberEvents: null,
    membersFrom: null,
  };
}

function shutEars(room: OpenRoom): void {
  room.ears = "shut";
  room.tries = 0;
  room.answer.clear();
}

function heardAll(room: OpenRoom): void {
  room.ears = "open";
  room.tries = 0;
  room.failures = 0;
  room.answer.clear();
}

function saysAll(event: MessageEvent): boolean {
  switch (event.type) {
    case "message.edited":
      return event.message !== null;
    case "message.deleted":
    case "message.pinned":
    case "message.unpinned":
      return true;
    case "reaction.added":
    case "reaction.removed":
      return event.emojis !== null;
    default:
      return event satisfies never;
  }
}

/** Whether there is such a message in the log, in the room's own talk or in a thread that is shown. */
function isAnywhere(log: RoomLog | undefined, is: (message: Message) => boolean): boolean {
  if (!log) return false;
  const isIn = ({ messages, past }: Talk) => messages.some(is) || past?.messages.some(is) === true;
  return isIn(log) || [...log.threads.values()].some((thread) => is(thread.root) || isIn(thread));
}

/** What was asked for may have been read before a reply that is known here. */
function withNewerReplies(message: Message, known: Message): Message {
  if ((known.replies?.n ?? 0) <= (message.replies?.n ?? 0)) return message;
  return known.replies ? { ...message, replies: known.replies } : message;
}

function isClosed(status: RoomStatus): boolean {
  return typeof status === "object" && "closed" in status;
}

function settled<Value>(promise: Promise<Value>): Promise<Value | Error> {
  return promise.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error))));
}
