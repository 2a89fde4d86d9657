import { applyAt, applyEvent, applyHidden, applyHouse, applyMyRooms } from "#shared/apply-event.ts";
import { applySaved } from "#shared/apply-kept.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Ack, ErrorFrame, HelloFrame, MyRooms, ServerFrame, Welcome } from "#shared/frames.ts";
import type { Message, MyRoom, User } from "#shared/models.ts";
import { DEFAULTS } from "#shared/notify.ts";
import { emptyReplica, type Replica, unreadInThread } from "#shared/replica.ts";
import { ActiveRooms } from "./active-rooms.ts";
import { type Api, createApi, type Fetch } from "./api.ts";
import type { Clock } from "./clock.ts";
import { Connection, type Line } from "./connection.ts";
import { type DraftStorage, Drafts } from "./drafts.ts";
import type { Random } from "./nonce.ts";
import { OpenRooms } from "./open-rooms.ts";
import { OpenThreads } from "./open-threads.ts";
import { PendingEdits } from "./pending-edits.ts";
import { People } from "./people.ts";
import { ReadCursors } from "./read-cursors.ts";
import { RoomList } from "./room-list.ts";
import type { RoomRow, RoomView, Sought, ThreadView } from "./room-view.ts";
import { SeenPeople } from "./seen-people.ts";
import { type PendingSend, type SendPlace, SendQueue, type SendStorage } from "./send-queue.ts";
import type { Session } from "./session.ts";
import type { OpenSocket } from "./socket.ts";
import { ThreadCursors } from "./thread-cursors.ts";
import { Typing } from "./typing.ts";

export type { Line } from "./connection.ts";
export type { RoomRow, RoomStatus, RoomView, Sought, ThreadView } from "./room-view.ts";
export type { PendingSend, SendEars, SendStorage, StoredSend } from "./send-queue.ts";

export interface ChatOptions {
  /** Where the server is, without a slash at the end: `https://chat.example`. */
  base: string;
  session: Session;
  openSocket: OpenSocket;
  fetch: Fetch;
  clock: Clock;
  random: Random;
  queue: SendStorage;
  /** Without it, what the server was not told of is lost with the tab. */
  drafts?: DraftStorage;
  /** How many rooms are kept open, the most recently opened first. */
  keepOpen?: number;
}

/** For bots, tests and tools, which want each thing as it happens. */
export type Notice =
  | { readonly type: "event"; readonly event: RoomEvent }
  | { readonly type: "ack"; readonly ack: Ack }
  | { readonly type: "error"; readonly error: ErrorFrame }
  | { readonly type: "line"; readonly line: Line }
  | { readonly type: "raw"; readonly text: string };

const READ_AT_ONCE = 50;
const READ_AGAIN = 2_000;

/** A chat without a face: what the web, bots, tests and load tools talk to. */
export class Chat {
  readonly api: Api;
  readonly replica: Replica = emptyReplica();
  /** How people are drawn whose ids stand in messages. */
  readonly people: People;
  /** Who of the people on the page is connected. */
  readonly seen: SeenPeople;
  me: User | null = null;
  readonly #clock: Clock;
  readonly #connection: Connection;
  readonly #rooms: OpenRooms;
  readonly #threads: OpenThreads;
  readonly #queue: SendQueue;
  readonly #edits: PendingEdits;
  readonly #reads: ReadCursors;
  readonly #threadReads: ThreadCursors;
  readonly #drafts: Drafts;
  readonly #typing: Typing;
  readonly #active = new ActiveRooms();
  readonly #list: RoomList;
  readonly #views = new Map<number, RoomView>();
  readonly #threadViews = new Map<number, ThreadView>();
  readonly #watchers = new Set<() => void>();
  readonly #listeners = new Set<(notice: Notice) => void>();
  #isTelling = false;

  constructor(options: ChatOptions) {
    const { clock, random } = options;
    this.#clock = clock;
    const { replica } = this;
    const transmit = (frame: Parameters<Connection["send"]>[0]) => this.#connection.send(frame);
    const changed = (roomId: number) => this.#changed(roomId);
    this.api = createApi(options);
    this.#list = new RoomList(() => clock.now());
    this.#connection = new Connection({
      ...options,
      hello: () => this.#hello(),
      heard: (frame) => this.#heard(frame),
      raw: (text) => this.#notice({ type: "raw", text }),
      changed: (line) => this.#lineChanged(line),
    });
    this.people = new People({ api: this.api, clock, changed: () => this.#changed() });
    this.seen = new SeenPeople({ api: this.api, clock, changed: () => this.#changed() });
    this.#rooms = new OpenRooms({
      replica,
      api: this.api,
      clock,
      random,
      keepOpen: options.keepOpen ?? 5,
      transmit,
      isOurHistory: (epoch) => this.#isOurHistory(epoch),
      changed: (roomId) => this.#logChanged(roomId),
      loaded: (messages) => this.people.again(new Set(messages.map((message) => message.user_id))),
    });
    this.#threads = new OpenThreads({
      replica,
      api: this.api,
      runOf: (roomId) => this.#rooms.runOf(roomId),
      isOurHistory: (epoch) => this.#isOurHistory(epoch),
      missed: (event) => this.#rooms.missed(event),
      loaded: (messages) => this.people.again(new Set(messages.map((message) => message.user_id))),
      changed,
    });
    this.#queue = new SendQueue({
      clock,
      random,
      storage: options.queue,
      transmit,
      shownUpTo: (roomId) => this.#rooms.shownUpTo(roomId),
      changed,
    });
    this.#edits = new PendingEdits(this.api, () => {
      this.#views.clear();
      this.#changed();
    });
    this.#reads = new ReadCursors({ replica, clock, transmit, changed });
    this.#threadReads = new ThreadCursors({ replica, clock, transmit, changed });
    const storage = options.drafts ?? { load: () => [], save: () => {} };
    this.#drafts = new Drafts({ replica, api: this.api, clock, storage, changed: () => this.#changed() });
    this.#typing = new Typing({ clock, transmit, changed });
  }

  get line(): Line {
    return this.#connection.line;
  }

  start(): void {
    this.#rooms.start();
    this.#connection.start();
  }

  stop(): void {
    this.#drafts.stop();
    this.#queue.stop();
    this.#rooms.stop();
    this.people.stop();
    this.seen.stop();
    this.#connection.stop();
  }

  /** The page is looked at again, or somebody pressed "try now". */
  wake(): void {
    this.#connection.wake();
  }

  /** Somebody pressed, typed or turned to this device, whatever they did with it. */
  acted(): void {
    this.#connection.acted();
  }

  online(): void {
    this.#connection.online();
  }

  offline(): void {
    this.#connection.offline();
  }

  /** Ends when the room is shown or cannot be; never rejects. What came of it is in `room(id).status`. */
  openRoom(id: number): Promise<void> {
    return this.#rooms.open(id);
  }

  /** One page at a time; never rejects. What came of it is in `room(id).older`. */
  loadOlder(id: number): Promise<void> {
    return this.#rooms.loadOlder(id);
  }

  /** After what was sought, towards the newest; never rejects. What came of it is in `room(id).newer`. */
  loadNewer(id: number): Promise<void> {
    return this.#rooms.loadNewer(id);
  }

  /** Shows the messages around one, however far back it is: `room(id).log.past` until they meet the newest. */
  seek(roomId: number, messageId: number): Promise<Sought> {
    return this.#rooms.seek(roomId, messageId);
  }

  /** Shows the newest messages again. */
  toNewest(roomId: number): void {
    this.#rooms.toNewest(roomId);
  }

  /** Into `room(id).log.members`, of an open room, and again whenever its log begins anew. Never rejects. */
  loadMembers(id: number): Promise<void> {
    return this.#rooms.loadMembers(id, false);
  }

  /** Of a very large room those behind the ones that are there. */
  loadMoreMembers(id: number): Promise<void> {
    return this.#rooms.loadMembers(id, true);
  }

  /** A thread of an open room, until it is closed. Never rejects. What came of it is in `thread(…).status`. */
  openThread(roomId: number, rootId: number): Promise<void> {
    return this.#threads.open(roomId, rootId);
  }

  closeThread(rootId: number): void {
    this.#threads.close(rootId);
  }

  loadOlderReplies(rootId: number): Promise<void> {
    return this.#threads.loadOlder(rootId);
  }

  loadNewerReplies(rootId: number): Promise<void> {
    return this.#threads.loadNewer(rootId);
  }

  /** The same in a thread that is open. */
  seekReply(rootId: number, replyId: number): Promise<Sought> {
    return this.#threads.seek(rootId, replyId);
  }

  toNewestReplies(rootId: number): void {
    this.#threads.toNewest(rootId);
  }

  /** Answers the nonce. */
  send(roomId: number, content: string, place: SendPlace = {}): string {
    this.#typing.sent(roomId);
    return this.#queue.add(roomId, content, place);
  }

  retry(nonce: string): void {
    this.#queue.retry(nonce);
  }

  /** Of a message that has no place yet: the edit is made when it has. */
  editPending(nonce: string, content: string): void {
    this.#edits.edit(nonce, content);
  }

  discard(nonce: string): void {
    this.#edits.discard(nonce);
    this.#queue.discard(nonce);
  }

  markRead(roomId: number, seq: number): void {
    this.#reads.mark(roomId, seq);
  }

  /** Everything that is known of the room, and what one follows in it. */
  markRoomRead(roomId: number): void {
    const { heads, threads, threadHeads } = this.replica;
    const { seq = 0 } = heads.get(roomId) ?? {};
    this.#reads.mark(roomId, seq);
    for (const [rootId, { room_id, n }] of threads) {
      if (room_id !== roomId || unreadInThread(this.replica, rootId) === 0) continue;
      this.#threadReads.mark(rootId, { seq, n: Math.max(n, threadHeads.get(rootId)?.n ?? 0) });
    }
  }

  /** Room after room where there are many, as a socket is heard. */
  markAllRead(): void {
    const unread = this.rooms().filter((row) => row.unread + row.unreadThreads + row.called > 0);
    for (const { room } of unread.slice(0, READ_AT_ONCE)) this.markRoomRead(room.id);
    if (unread.length > READ_AT_ONCE) this.#clock.after(READ_AGAIN, () => this.markAllRead());
  }

  /** From this message on the room, or the thread in which it stands, is unread again, on every device. */
  async markUnread({ room_id, id, thread }: Pick<Message, "room_id" | "id" | "thread">): Promise<void> {
    if (thread === undefined) this.#reads.unmark(room_id);
    else this.#threadReads.unmark(thread);
    await this.api.markUnread(id);
  }

  /** A thread that is open, to its end. */
  markThreadRead(roomId: number, rootId: number): void {
    const last = this.replica.logs.get(roomId)?.threads.get(rootId)?.messages.at(-1);
    if (last) this.#threadReads.mark(rootId, last);
  }

  /** What one has written in the room or the thread and not sent, here or on another device. */
  draft(roomId: number, thread?: number): string {
    return this.#drafts.of(roomId, thread);
  }

  writeDraft(roomId: number, content: string, thread?: number): void {
    this.#drafts.write(content, roomId, thread);
  }

  /** Saves a message for later, or takes it off the list. */
  async save(id: number, on: boolean): Promise<void> {
    if (on) applySaved(this.replica, await this.api.saveMessage(id));
    else await this.api.unsaveMessage(id);
    this.#changed();
  }

  typing(roomId: number): void {
    this.#typing.say(roomId);
  }

  room(id: number): RoomView {
    const known = this.#views.get(id);
    if (known) return known;
    const view: RoomView = {
      log: this.replica.logs.get(id) ?? null,
      status: this.#rooms.status(id),
      ...readingOf(this.#rooms.reading(id)),
      hasMoreMembers: this.#rooms.hasMoreMembers(id),
      pending: this.#pending(id, undefined),
      typing: this.#typing.names(id, (userId, username) => this.people.face(userId)?.display_name ?? username),
      active: this.#active.in(id),
    };
    this.#views.set(id, view);
    return view;
  }

  thread(roomId: number, rootId: number): ThreadView {
    const view: ThreadView = {
      log: this.replica.logs.get(roomId)?.threads.get(rootId) ?? null,
      status: this.#threads.status(rootId),
      ...readingOf(this.#threads.reading(rootId)),
      pending: this.#pending(roomId, rootId),
      readSeq: this.replica.threads.get(rootId)?.read_seq ?? null,
      notify: this.replica.threads.get(rootId)?.notify ?? null,
    };
    const known = this.#threadViews.get(rootId);
    if (known && isSameThread(known, view)) return known;
    this.#threadViews.set(rootId, view);
    return view;
  }

  #pending(roomId: number, thread: number | undefined): PendingSend[] {
    const sends = this.#queue.in(roomId).filter((send) => send.thread === thread);
    return sends.map((send) => this.#edits.shown(send));
  }

  rooms(): readonly RoomRow[] {
    return this.#list.of(this.replica);
  }

  /** Called after anything changed, at most once a microtask. */
  subscribe(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  on(listener: (notice: Notice) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #hello(): HelloFrame {
    const { epoch, meVersion: me, houseVersion: house } = this.replica;
    if (epoch === null) return { type: "hello" };
    return { type: "hello", epoch, me, house, ...this.#rooms.hello() };
  }

  #lineChanged(line: Line): void {
    if (line.state !== "live") this.#queue.lineDown();
    if (line.state !== "live" && line.state !== "catching-up") {
      this.#rooms.lineDown();
      this.#typing.lineDown();
    }
    this.#notice({ type: "line", line });
    this.#changed();
  }

  #heard(frame: ServerFrame): void {
    switch (frame.type) {
      case "welcome":
        this.#welcome(frame);
        break;
      case "me":
        this.#myRooms(frame);
        break;
      case "house":
        applyHouse(this.replica, frame);
        this.#rowsChanged({ rooms: [], gone: frame.gone });
        break;
      case "ready":
        this.#rooms.ready();
        this.#threads.ready();
        this.#threadReads.ready();
        this.#reads.ready();
        this.#queue.lineUp();
        this.#edits.ready();
        this.#drafts.ready();
        this.people.again();
        break;
      case "message":
      case "members.added":
      case "member.left":
      case "member.removed":
      case "member.renamed":
      case "member.role":
      case "room.changed":
      case "thread.replied":
      case "message.edited":
      case "message.deleted":
      case "reaction.added":
      case "reaction.removed":
      case "message.pinned":
      case "message.unpinned":
        this.#event(frame);
        break;
      case "at":
        applyAt(this.replica, frame);
        this.#changed();
        break;
      case "opened":
        this.#rooms.opened(frame);
        break;
      case "hidden":
        this.#hidden(frame.room_id, frame.from, frame.to);
        break;
      case "resync":
        this.#rooms.resync(frame.room_id);
        break;
      case "closed":
        this.#rooms.closed(frame.room_id, frame.code);
        break;
      case "ack":
        this.#queue.acked(frame);
        this.#edits.acked(frame);
        this.#reads.acked(frame);
        this.#notice({ type: "ack", ack: frame });
        break;
      case "error":
        this.#queue.refused(frame);
        this.#notice({ type: "error", error: frame });
        break;
      case "typing":
        if (frame.user_id !== this.replica.meId) this.#typing.heard(frame);
        break;
      case "join":
      case "leave":
        this.#active.heard(frame);
        if (frame.type === "leave") this.#typing.ended(frame.room_id, frame.user_id);
        this.#changed(frame.room_id);
        break;
      case "active_users":
        this.#active.told(frame);
        this.#changed(frame.room_id);
        break;
      case "draining":
      case "pong":
        break;
      default:
        frame satisfies never;
        this.#unknown(frame);
    }
  }

  #hidden(roomId: number, from: number, to: number): void {
    if (applyHidden(this.replica, roomId, from, to) !== "gap") this.#logChanged(roomId);
    else this.#rooms.gap(roomId, to);
  }

  /** Said by a newer server. Of an event that is not known its place is: the log goes on behind it. */
  #unknown(frame: Partial<Record<"room_id" | "seq" | "actor_id", unknown>>): void {
    const { room_id, seq, actor_id } = frame;
    if (typeof room_id !== "number" || typeof seq !== "number" || typeof actor_id !== "number") return;
    this.#hidden(room_id, seq, seq);
  }

  #welcome({ epoch, user }: Welcome): void {
    const { replica } = this;
    const isOther =
      replica.epoch !== null && (replica.epoch !== epoch || (replica.meId !== 0 && replica.meId !== user.id));
    this.me = user;
    replica.epoch = epoch;
    replica.meId = user.id;
    if (isOther) this.#startOver();
    this.#changed();
  }

  #startOver(): void {
    const { replica } = this;
    replica.meVersion = 0;
    replica.houseVersion = 0;
    replica.preferences = DEFAULTS;
    for (const known of [
      replica.mine,
      replica.house,
      replica.own,
      replica.gone,
      replica.calls,
      replica.heads,
      replica.logs,
    ])
      known.clear();
    replica.threads.clear();
    replica.threadHeads.clear();
    this.#reads.startOver();
    this.#threadReads.startOver();
    this.#rooms.startOver();
    this.people.startOver();
  }

  #myRooms(frame: MyRooms): void {
    const back = frame.rooms.filter((row) => this.#wasAway(row));
    applyMyRooms(this.replica, frame);
    this.#reads.rowsChanged();
    this.#threadReads.rowsChanged();
    this.#rowsChanged(frame);
    for (const { room } of back) this.#rooms.resync(room.id);
  }

  /** Put out and let in again since: what is open to the person now may begin elsewhere than the log that is here. */
  #wasAway(row: MyRoom): boolean {
    const known = this.replica.mine.get(row.room.id);
    return row.room.kind !== "public" && known !== undefined && known.joined_seq < row.joined_seq;
  }

  #rowsChanged({ rooms, gone }: { rooms: MyRooms["rooms"]; gone: number[] }): void {
    this.#rooms.rowsChanged(
      rooms.map((row) => row.room.id),
      gone,
    );
    for (const id of gone) this.#logChanged(id);
    this.#changed();
  }

  #event(event: RoomEvent): void {
    const applied = applyEvent(this.replica, event);
    if (applied === "gap") this.#rooms.gap(event.room_id, event.seq);
    if (applied === "applied") {
      this.#rooms.applied(event);
      this.#threads.applied(event);
    }
    if (event.type === "member.renamed") this.people.heard(event);
    if (event.type === "members.added") this.people.met(event.members);
    if (event.type === "member.renamed") this.#active.renamed(event.room_id, event.user_id, event.username);
    if (event.type === "thread.replied" && event.message.user_id === this.replica.meId && applied === "applied") {
      this.#queue.shown(event.message);
    }
    if (event.type === "message") {
      this.#typing.ended(event.room_id, event.user_id);
      if (event.user_id === this.replica.meId && applied === "applied") this.#queue.shown(event);
    }
    this.#logChanged(event.room_id);
    if (applied === "applied") this.#notice({ type: "event", event });
  }

  /** A page of another history: the next welcome says which one is true, and shown rooms are loaded again after it. */
  #isOurHistory(epoch: string): boolean {
    this.replica.epoch ??= epoch;
    if (this.replica.epoch === epoch) return true;
    this.#connection.reconnect();
    return false;
  }

  #logChanged(roomId: number): void {
    this.#queue.settle(roomId);
    this.#threads.tend(roomId);
    if (this.#rooms.shownUpTo(roomId) === null) this.#active.forget(roomId);
    this.#changed(roomId);
  }

  #changed(roomId?: number): void {
    if (roomId !== undefined) this.#views.delete(roomId);
    this.#list.stale();
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const watcher of this.#watchers) watcher();
    });
  }

  #notice(notice: Notice): void {
    for (const listener of this.#listeners) listener(notice);
  }
}

function readingOf({ older, newer, sight }: Pick<RoomView, "older" | "newer" | "sight">) {
  return { older, newer, sight };
}

function isSameThread(a: ThreadView, b: ThreadView): boolean {
  return (
    a.log === b.log &&
    a.status === b.status &&
    a.older === b.older &&
    a.newer === b.newer &&
    a.sight === b.sight &&
    a.readSeq === b.readSeq &&
    a.notify === b.notify &&
    a.pending.length === b.pending.length &&
    a.pending.every((send, at) => send === b.pending[at])
  );
}
