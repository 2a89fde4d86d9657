import { type ErrorCode, errors, Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import type { Ack, ClientFrame, HelloFrame, ServerFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { Member, Message, MessagePage, MyRoom, Room, User } from "#shared/models.ts";
import type { FakeClock } from "./clock.ts";
import { FakeNetwork, type Line } from "./network.ts";

/** A server small enough to be seen through, which speaks the protocol as its page says. */
export class FakeServer {
  epoch = "epoch-1";
  readonly network: FakeNetwork;
  resumePerRoom: number = limits.resumePerRoom;
  pageMost: number = limits.pageDefault;
  /** Rows that change are told with the next that does, as a busy server joins them. */
  holdsRows = false;
  /** What the next sends are refused with, one each. */
  readonly refusals: ErrorCode[] = [];
  readonly requests: string[] = [];
  isSignedOut = false;
  readonly #clock: FakeClock;
  readonly #users = new Map<number, User>();
  readonly #rooms = new Map<number, FakeRoom>();
  readonly #nonces = new Map<string, { ack: Ack; content: string }>();
  #version = 0;
  #messages = 0;
  #tokens = 0;
  #validFrom = 0;

  constructor(clock: FakeClock) {
    this.#clock = clock;
    this.network = new FakeNetwork(clock, {
      userOf: (token) => this.#userOf(token),
      heard: (line, frame) => this.#heard(line, frame),
      left: (line) => line.open.clear(),
    });
  }

  addUser(id: number, username: string): User {
    const user: User = { id, username, role: "user", created_at: this.#time() };
    this.#users.set(id, user);
    return user;
  }

  addRoom(id: number, name: string, memberIds: number[], kind: Room["kind"] = "private"): void {
    this.#version += 1;
    const room: Room = {
      id,
      kind,
      name,
      description: "",
      posting: "members",
      archived: false,
      created_by: null,
      created_at: this.#time(),
      version: this.#version,
    };
    this.#rooms.set(id, { room, log: [], people: new Map(), removed: new Set(), hidden: new Set() });
    for (const userId of memberIds) this.addMember(id, userId);
  }

  addMember(roomId: number, userId: number): void {
    const room = this.#room(roomId);
    this.#version += 1;
    room.removed.delete(userId);
    const { seq, n } = place(room);
    room.people.set(userId, { read_seq: seq + 1, read_n: n, version: this.#version, gone: false });
    const member: Member = { user_id: userId, username: this.#users.get(userId)?.username ?? "", role: "member" };
    this.#append(room, (logged) => ({ ...logged, type: "members.added", members: [member] }));
    this.#tellRow(room, userId);
  }

  removeMember(roomId: number, userId: number): void {
    const room = this.#room(roomId);
    this.#version += 1;
    room.people.set(userId, { read_seq: 0, read_n: 0, version: this.#version, gone: true });
    room.removed.add(userId);
    for (const line of this.network.lines()) {
      if (line.userId !== userId) continue;
      if (line.open.delete(roomId)) line.say({ type: "closed", room_id: roomId, code: "removed" });
      if (line.live) line.say({ type: "me", version: this.#version, reset: false, rooms: [], gone: [roomId] });
    }
    this.#append(room, (logged) => ({ ...logged, type: "member.removed", user_id: userId }));
  }

  /** Somebody writes; whoever did is answered before the room hears it. */
  post(roomId: number, userId: number, content: string, answer: (message: Message) => void = () => {}): void {
    const room = this.#room(roomId);
    this.#messages += 1;
    const id = this.#messages;
    const n = place(room).n + 1;
    const username = this.#users.get(userId)?.username ?? "";
    this.#append(
      room,
      ({ actor_id: _, ...logged }) => ({
        ...logged,
        type: "message",
        id,
        n,
        changed: logged.seq,
        user_id: userId,
        username,
        content,
      }),
      (event) => event.type === "message" && answer(event),
    );
  }

  rename(userId: number, username: string): void {
    for (const room of this.#rooms.values()) {
      if (!room.people.has(userId)) continue;
      this.#append(room, (logged) => ({ ...logged, type: "member.renamed", user_id: userId, username }));
    }
  }

  /** An event that this person may not see. */
  hide(roomId: number): void {
    const room = this.#room(roomId);
    const seq = room.log.length + 1;
    room.hidden.add(seq);
    this.#append(room, (logged) => ({ ...logged, type: "room.changed", room: room.room }));
  }

  /** An event of a kind that is not known yet. */
  sayNewer(roomId: number): void {
    this.#append(this.#room(roomId), (logged) => ({ ...logged, type: "poll.opened" }) as unknown as RoomEvent);
  }

  /** Another device of this person takes back what was read after `seq`. */
  markUnread(roomId: number, userId: number, seq: number): void {
    const room = this.#room(roomId);
    const row = room.people.get(userId);
    if (!row) throw new Error("not a member");
    this.#version += 1;
    const read = room.log.slice(0, seq).filter((event) => event.type === "message");
    room.people.set(userId, { ...row, read_seq: seq, read_n: read.length, version: this.#version });
    this.#tellRow(room, userId);
  }

  type(roomId: number, userId: number): void {
    const username = this.#users.get(userId)?.username ?? "";
    this.#tellOpen(roomId, { type: "typing", room_id: roomId, user_id: userId, username });
  }

  /** Brings back an older copy: everything after so many events of each room never was. */
  restore(epoch: string, keep = Number.POSITIVE_INFINITY): void {
    this.epoch = epoch;
    for (const room of this.#rooms.values()) room.log.splice(keep);
    for (const [nonce, { ack }] of this.#nonces) {
      if (this.#room(ack.room_id).log.length < ack.seq) this.#nonces.delete(nonce);
    }
    this.network.cut();
  }

  /** Access tokens given out until now are not good any more. */
  expireTokens(): void {
    this.#validFrom = this.#tokens;
  }

  endSession(): void {
    this.isSignedOut = true;
    this.expireTokens();
    for (const line of this.network.lines()) line.close(4401, "This session has ended.");
  }

  messages(roomId: number): Message[] {
    return this.#room(roomId).log.filter((event): event is Message => event.type === "message");
  }

  place(roomId: number): { seq: number; n: number } {
    return place(this.#room(roomId));
  }

  readSeq(roomId: number, userId: number): number {
    return this.#room(roomId).people.get(userId)?.read_seq ?? 0;
  }

  unread(roomId: number, userId: number): number {
    const read = this.readSeq(roomId, userId);
    return this.messages(roomId).filter((message) => message.seq > read && message.user_id !== userId).length;
  }

  readonly fetch = async (url: string, init?: RequestInit): Promise<Response> => {
    await new Promise<void>((done) => this.#clock.after(2, done));
    if (this.network.isDown) throw new TypeError("fetch failed");
    const { pathname, searchParams } = new URL(url);
    this.requests.push(`${init?.method ?? "GET"} ${pathname}`);
    let answer: Response;
    try {
      answer = Response.json(this.#answer(pathname, searchParams, init), { status: 200 });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      answer = Response.json({ code: error.code, detail: error.message }, { status: error.status });
    }
    await new Promise<void>((done) => this.#clock.after(2, done));
    if (this.network.isDown) throw new TypeError("fetch failed");
    return answer;
  };

  #answer(path: string, query: URLSearchParams, init: RequestInit | undefined): unknown {
    if (path === "/api/v1/token" || path === "/api/v1/token/refresh") return this.#token(1);
    const token = (init?.headers as Record<string, string> | undefined)?.authorization?.replace("Bearer ", "") ?? "";
    const userId = this.#userOf(token);
    if (userId === null) throw new Refusal("token_expired");
    const [, messageId] = /^\/api\/v1\/messages\/(\d+)$/.exec(path) ?? [];
    if (messageId !== undefined) return this.#message(Number(messageId), userId);
    const [, id, what] = /^\/api\/v1\/rooms\/(\d+)\/(\w+)$/.exec(path) ?? [];
    const room = this.#rooms.get(Number(id));
    if (!room) throw new Refusal("not_found");
    if (room.removed.has(userId)) throw new Refusal("removed");
    if (what === "messages") return this.#page(room, query);
    if (what === "members")
      return this.#members(room, Number(query.get("cursor") ?? 0), Number(query.get("limit") ?? 2));
    throw new Refusal("not_found");
  }

  #token(userId: number) {
    if (this.isSignedOut) throw new Refusal("session_ended");
    this.#tokens += 1;
    const access_token = `${userId}.${this.#tokens}`;
    return {
      access_token,
      token_type: "bearer",
      expires_in: limits.accessTokenSeconds,
      refresh_token: `r${this.#tokens}`,
    };
  }

  #userOf(token: string): number | null {
    const [userId, serial] = token.split(".");
    return Number(serial) > this.#validFrom ? Number(userId) : null;
  }

  #message(id: number, userId: number): Message {
    for (const room of this.#rooms.values()) {
      if (room.removed.has(userId)) continue;
      const found = this.messages(room.room.id).find((message) => message.id === id);
      if (found) return found;
    }
    throw new Refusal("not_found");
  }

  #page(room: FakeRoom, query: URLSearchParams): MessagePage {
    const all = this.messages(room.room.id);
    const firstFrom = (seq: number) => all.findIndex((message) => message.seq >= seq);
    const placeOf = (seq: number) => (firstFrom(seq) < 0 ? all.length : firstFrom(seq));
    let to = all.length;
    if (query.has("before")) to = placeOf(Number(query.get("before")));
    if (query.has("after")) to = Math.min(all.length, placeOf(Number(query.get("after")) + 1) + this.pageMost);
    if (query.has("around")) to = Math.min(all.length, placeOf(Number(query.get("around"))) + (this.pageMost >> 1) + 1);
    const from = query.has("after") ? placeOf(Number(query.get("after")) + 1) : Math.max(0, to - this.pageMost);
    const items = all.slice(from, to);
    return {
      epoch: this.epoch,
      ...place(room),
      items,
      before: from > 0 ? (items[0]?.seq ?? null) : null,
      after: to < all.length ? (items.at(-1)?.seq ?? null) : null,
    };
  }

  #members(room: FakeRoom, after: number, limit: number) {
    const ids = [...room.people].filter(([id, row]) => !row.gone && id > after).map(([id]) => id);
    const part = ids.sort((a, b) => a - b).slice(0, limit);
    return {
      items: part.map((id) => ({ user_id: id, username: this.#users.get(id)?.username ?? "", role: "member" })),
      next: ids.length > part.length ? String(part.at(-1)) : null,
    };
  }

  #heard(line: Line, frame: ClientFrame): void {
    switch (frame.type) {
      case "hello":
        this.#greet(line, frame);
        break;
      case "open":
        this.#resume(line, frame.room_id, frame.epoch === this.epoch ? frame.seq : Number.POSITIVE_INFINITY);
        break;
      case "close":
        line.open.delete(frame.room_id);
        break;
      case "send":
        this.#send(line, frame);
        break;
      case "read":
        this.#read(line, frame.room_id, frame.seq);
        break;
      case "typing":
        if (line.open.has(frame.room_id)) this.type(frame.room_id, line.userId);
        break;
      case "ping":
        line.say({ type: "pong" });
        break;
      default:
        frame satisfies never;
    }
  }

  #greet(line: Line, hello: HelloFrame): void {
    const user = this.#users.get(line.userId);
    if (!user) throw new Error("nobody");
    const isOurs = hello.epoch === this.epoch;
    const since = isOurs ? (hello.me ?? 0) : 0;
    const heartbeat = limits.heartbeatEvery;
    line.say({ type: "welcome", epoch: this.epoch, user, session_id: "s", heartbeat, now: this.#clock.now() });
    const rooms: MyRoom[] = [];
    const gone: number[] = [];
    for (const room of this.#rooms.values()) {
      const row = room.people.get(line.userId);
      if (!row || row.version <= since) continue;
      if (!row.gone) rooms.push(this.#row(room, line.userId));
      else if (since > 0) gone.push(room.room.id);
    }
    line.say({ type: "me", version: this.#version, reset: since === 0, rooms, gone });
    line.say({ type: "house", version: this.#version, reset: since === 0, rooms: [], gone: [] });
    line.live = true;
    for (const room of this.#rooms.values()) {
      const row = room.people.get(line.userId);
      if (row && !row.gone) line.say({ type: "at", room_id: room.room.id, ...place(room) });
    }
    for (const id of hello.open ?? []) {
      const seq = hello.rooms?.[id];
      if (seq !== undefined) this.#resume(line, id, isOurs ? seq : Number.POSITIVE_INFINITY);
    }
    line.say({ type: "ready" });
  }

  #resume(line: Line, roomId: number, after: number): void {
    const room = this.#rooms.get(roomId);
    if (!room || room.removed.has(line.userId)) {
      line.say({ type: "closed", room_id: roomId, code: room ? "removed" : "not_found" });
      return;
    }
    const { seq, n } = place(room);
    if (after > seq || seq - after > this.resumePerRoom) {
      line.open.delete(roomId);
      line.say({ type: "resync", room_id: roomId, seq });
      return;
    }
    for (const event of room.log.slice(after)) this.#tell(line, room, event);
    line.open.add(roomId);
    line.say({ type: "opened", room_id: roomId, seq, n });
    line.say({ type: "active_users", room_id: roomId, users: [], count: 0 });
  }

  #send(line: Line, { nonce, room_id, content }: Extract<ClientFrame, { type: "send" }>): void {
    const refuse = (code: ErrorCode) => line.say({ type: "error", code, detail: errors[code].detail, nonce, room_id });
    const refused = this.refusals.shift();
    const row = this.#rooms.get(room_id)?.people.get(line.userId);
    const known = this.#nonces.get(`${line.userId} ${nonce}`);
    if (refused) refuse(refused);
    else if (!row || row.gone) refuse("not_member");
    else if (known && known.content !== content) refuse("nonce_reused");
    else if (known) line.say(known.ack);
    else {
      this.post(room_id, line.userId, content, ({ id, seq, n, timestamp }) => {
        const ack: Ack = { type: "ack", nonce, room_id, id, seq, n, timestamp };
        this.#nonces.set(`${line.userId} ${nonce}`, { ack, content });
        line.say(ack);
      });
    }
  }

  #read(line: Line, roomId: number, seq: number): void {
    const room = this.#room(roomId);
    const row = room.people.get(line.userId);
    if (!row || row.gone || seq <= row.read_seq) return;
    this.#version += 1;
    const read = room.log.slice(0, seq).filter((event) => event.type === "message");
    room.people.set(line.userId, { ...row, read_seq: seq, read_n: read.length, version: this.#version });
    this.#tellRow(room, line.userId);
  }

  #append(room: FakeRoom, make: (logged: Logged) => RoomEvent, first: (event: RoomEvent) => void = () => {}): void {
    const seq = room.log.length + 1;
    const event = make({ room_id: room.room.id, seq, timestamp: this.#time(), actor_id: 1 });
    room.log.push(event);
    first(event);
    for (const line of this.network.lines()) {
      if (line.open.has(room.room.id)) {
        this.#tell(line, room, event);
      } else if (line.live && room.people.has(line.userId) && !room.removed.has(line.userId)) {
        line.say({ type: "at", room_id: room.room.id, ...place(room) });
      }
    }
  }

  #tell(line: Line, room: FakeRoom, event: RoomEvent): void {
    const { seq } = event;
    if (room.hidden.has(seq)) line.say({ type: "hidden", room_id: room.room.id, from: seq, to: seq });
    else line.say(event);
  }

  #tellOpen(roomId: number, frame: ServerFrame): void {
    for (const line of this.network.lines()) if (line.open.has(roomId)) line.say(frame);
  }

  #tellRow(room: FakeRoom, userId: number): void {
    if (this.holdsRows) return;
    const rooms = [this.#row(room, userId)];
    for (const line of this.network.lines()) {
      if (line.userId !== userId || !line.live) continue;
      line.say({ type: "me", version: this.#version, reset: false, rooms, gone: [] });
    }
  }

  #row(room: FakeRoom, userId: number): MyRoom {
    const row = room.people.get(userId);
    if (!row) throw new Error("not a member");
    const own = this.messages(room.room.id).filter(
      (message) => message.user_id === userId && message.seq > row.read_seq,
    );
    const { read_seq, read_n, version } = row;
    const counted = { counted_n: place(room).n, counted_seq: place(room).seq };
    return {
      room: room.room,
      role: "member",
      people: [],
      joined_seq: 1,
      read_seq,
      read_n,
      mine: own.length,
      ...counted,
      version,
    };
  }

  #room(id: number): FakeRoom {
    const room = this.#rooms.get(id);
    if (!room) throw new Error(`no room ${id}`);
    return room;
  }

  #time(): string {
    return new Date(this.#clock.now()).toISOString();
  }
}

interface FakeRoom {
  readonly room: Room;
  readonly log: RoomEvent[];
  readonly people: Map<number, { read_seq: number; read_n: number; version: number; gone: boolean }>;
  readonly removed: Set<number>;
  /** Seqs that nobody may see. */
  readonly hidden: Set<number>;
}

interface Logged {
  room_id: number;
  seq: number;
  timestamp: string;
  actor_id: number;
}

function place(room: FakeRoom): { seq: number; n: number } {
  return { seq: room.log.length, n: room.log.filter((event) => event.type === "message").length };
}
