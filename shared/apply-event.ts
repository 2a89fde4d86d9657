import { happeningsAfter } from "./apply-happening.ts";
import { applyKept } from "./apply-kept.ts";
import { isAboutMessage, withChange } from "./apply-message.ts";
import {
  applyMyThreads,
  countReply,
  eachThread,
  forgetThreads,
  inThread,
  withReply,
  withReplyIn,
} from "./apply-thread.ts";
import { noteCalls, noteCallsIn } from "./called.ts";
import type { MemberRenamed, RoomEvent } from "./events.ts";
import type { At, HouseRooms, MyRooms } from "./frames.ts";
import type { Member, Message, MyBlock, MyRoom, RoomRole } from "./models.ts";
import { DEFAULTS } from "./notify.ts";
import type { Replica, RoomLog } from "./replica.ts";

/** `gap`: the event does not follow what is here; what lies between must be fetched before it can be applied. */
export type Applied = "applied" | "seen" | "gap";

/** Folds one event of a room's log into the replica. An event that is here already changes nothing. */
export function applyEvent(replica: Replica, event: RoomEvent): Applied {
  const log = replica.logs.get(event.room_id);
  if (!log) {
    moveHead(replica, event.room_id, event.seq, event.type === "message" ? event.n : 0);
    count(replica, event);
    return "seen";
  }
  // A page may hold more than was heard before it came: what it shows is counted by the events all the same.
  count(replica, event);
  if (event.seq <= log.seq) return "seen";
  if (event.seq !== log.seq + 1) return "gap";
  const happenings = happeningsAfter(log.happenings, event, log.messages.at(-1)?.seq ?? 0);
  const past = pastAfter(log.past, event);
  const next = { ...fold(log, event), happenings, past, threads: threadsAfter(log.threads, event) };
  replica.logs.set(event.room_id, next);
  moveHead(replica, event.room_id, next.seq, next.n);
  return "applied";
}

/** Seqs that exist and are not for this person: the log goes on behind them. */
export function applyHidden(replica: Replica, roomId: number, from: number, to: number): Applied {
  const log = replica.logs.get(roomId);
  if (!log || to <= log.seq) return "seen";
  if (from > log.seq + 1) return "gap";
  replica.logs.set(roomId, { ...log, seq: to });
  moveHead(replica, roomId, to, log.n);
  return "applied";
}

export function applyAt(replica: Replica, at: At): void {
  moveHead(replica, at.room_id, at.seq, at.n);
  if (at.own) countOwn(replica, at.room_id, at.n);
  if (at.thread) countReply(replica, at.room_id, at.seq, at.thread);
  if (at.called) noteCalls(replica, at.room_id, at.seq, at.called);
  if (at.gone) countGone(replica, at.room_id, { ...at.gone, seq: at.seq });
}

/** Rows of the person's stream. A row older than the one here changes nothing; a room that is gone takes its log along. */
export function applyMyRooms(replica: Replica, frame: MyRooms): void {
  if (frame.reset) replica.mine.clear();
  if (frame.reset) replica.blocks.clear();
  for (const row of frame.rooms) {
    const known = replica.mine.get(row.room.id);
    if (known && isNewer(known, row)) continue;
    // Who was out follows none of its threads any more: those that they follow since come anew.
    if (known && known.joined_seq < row.joined_seq) forgetThreads(replica, row.room.id);
    replica.mine.set(row.room.id, row);
    forgetCounted(replica, row);
  }
  for (const id of frame.gone) {
    replica.mine.delete(id);
    forgetThreads(replica, id);
    if (!replica.house.has(id)) forgetRoom(replica, id);
  }
  applyMyThreads(replica, frame);
  if (frame.preferences || frame.reset) replica.preferences = frame.preferences ?? DEFAULTS;
  for (const row of frame.blocks ?? []) applyBlock(replica, row);
  applyKept(replica, frame);
  replica.meVersion = Math.max(frame.version, frame.reset ? 0 : replica.meVersion);
}

/** A row is said again without a new version when what it counts has moved. */
function isNewer(known: MyRoom, row: MyRoom): boolean {
  return known.version > row.version || (known.version === row.version && known.counted_seq > row.counted_seq);
}

/** One that is taken away is older than nothing that is heard later: streams are told in order. */
function applyBlock(replica: Replica, row: MyBlock): void {
  if (row.version < (replica.blocks.get(row.user_id)?.version ?? 0)) return;
  if (row.blocked) replica.blocks.set(row.user_id, row);
  else replica.blocks.delete(row.user_id);
}

/** Rows of the house's stream: the public rooms. */
export function applyHouse(replica: Replica, frame: HouseRooms): void {
  if (frame.reset) replica.house.clear();
  for (const room of frame.rooms) {
    const known = replica.house.get(room.id);
    if (known && known.version > room.version) continue;
    replica.house.set(room.id, room);
    const mine = replica.mine.get(room.id);
    if (mine) replica.mine.set(room.id, { ...mine, room });
  }
  for (const id of frame.gone) {
    replica.house.delete(id);
    if (!replica.mine.has(id)) forgetRoom(replica, id);
  }
  replica.houseVersion = Math.max(frame.version, frame.reset ? 0 : replica.houseVersion);
}

/**
 * Own messages behind the cursor are not unread; those up to `counted_n` are in the server's count already. Each is
 * remembered by its number, because an ack, an event and a place may tell of them in any order and more than once.
 */
export function countOwn(replica: Replica, roomId: number, n: number): void {
  const row = replica.mine.get(roomId);
  if (row && n <= row.counted_n) return;
  const own = replica.own.get(roomId);
  if (own) own.add(n);
  else replica.own.set(roomId, new Set([n]));
}

/** A message that was deleted is not unread; whether the server's count has it in already is told by the seq. */
export function countGone(replica: Replica, roomId: number, gone: { n: number; user_id: number; seq: number }): void {
  const row = replica.mine.get(roomId);
  if (gone.user_id === replica.meId || (row && gone.seq <= row.counted_seq)) return;
  const known = replica.gone.get(roomId);
  if (known) known.set(gone.n, Math.min(gone.seq, known.get(gone.n) ?? gone.seq));
  else replica.gone.set(roomId, new Map([[gone.n, gone.seq]]));
}

export function forgetRoom(replica: Replica, roomId: number): void {
  replica.logs.delete(roomId);
  replica.own.delete(roomId);
  replica.gone.delete(roomId);
  replica.calls.delete(roomId);
  replica.heads.delete(roomId);
  forgetThreads(replica, roomId);
}

function fold(log: RoomLog, event: RoomEvent): RoomLog {
  switch (event.type) {
    case "message":
      return { ...log, seq: event.seq, n: event.n, messages: [...log.messages, event] };
    case "members.added":
      return { ...log, seq: event.seq, members: log.members && withMembers(log.members, event.members) };
    case "member.left":
    case "member.removed":
      return {
        ...log,
        seq: event.seq,
        members: log.members === null ? null : withoutMember(log.members, event.user_id),
      };
    case "member.renamed":
      return {
        ...log,
        seq: event.seq,
        messages: log.messages.map((message) => renamed(message, event)),
        members: log.members === null ? null : log.members.map((member) => withLook(member, event)),
      };
    case "member.role":
      return {
        ...log,
        seq: event.seq,
        members: log.members === null ? null : log.members.map((member) => withRole(member, event)),
      };
    case "room.changed":
      return { ...log, seq: event.seq };
    case "message.edited":
    case "message.deleted":
    case "reaction.added":
    case "reaction.removed":
    case "message.pinned":
    case "message.unpinned":
      return { ...log, seq: event.seq, messages: withChange(log.messages, event) };
    case "thread.replied":
      return { ...log, seq: event.seq, messages: withReply(log.messages, event.message) };
    default:
      return event satisfies never;
  }
}

/** The threads that are shown, after an event of their room. */
export function threadsAfter(threads: RoomLog["threads"], event: RoomEvent): RoomLog["threads"] {
  if (event.type === "thread.replied") return withReplyIn(threads, event.message);
  return eachThread(threads, (messages) => messagesAfter(messages, event));
}

/** What is shown of the past, after an event of the room: nothing new comes there, and what is there may change. */
function pastAfter(past: RoomLog["past"], event: RoomEvent): RoomLog["past"] {
  return past && { ...past, messages: messagesAfter(past.messages, event) };
}

/** Messages as events since have left them: renamed, edited, deleted, reacted to, replied to. */
export function withSince(messages: readonly Message[], events: readonly RoomEvent[]): Message[] {
  return [...events.reduce(messagesAfter, messages)];
}

function messagesAfter(messages: readonly Message[], event: RoomEvent): readonly Message[] {
  if (event.type === "member.renamed") return messages.map((message) => renamed(message, event));
  if (event.type === "thread.replied") return withReply(messages, event.message);
  return isAboutMessage(event) ? withChange(messages, event) : messages;
}

/** The message or member with the person's new name; those of others are the same objects still. */
export function renamed<Row extends { user_id: number; username: string }>(
  row: Row,
  { user_id, username }: { user_id: number; username: string },
): Row {
  return row.user_id === user_id ? { ...row, username } : row;
}

/** The member as they are drawn now; others are the same objects still. */
export function withLook(member: Member, { user_id, username, ...look }: MemberRenamed): Member {
  if (member.user_id !== user_id) return member;
  const { role } = member;
  return { user_id, username, role, ...lookOf(look) };
}

/** What was not chosen is left out. */
export function lookOf(chosen: {
  display_name?: string | undefined;
  hue?: number | null | undefined;
  guest?: true | number | undefined;
  gone?: true | undefined;
  deactivated_at?: number | null | undefined;
}) {
  return {
    ...(chosen.display_name ? { display_name: chosen.display_name } : {}),
    ...(chosen.hue == null ? {} : { hue: chosen.hue }),
    ...(chosen.guest ? ({ guest: true } as const) : {}),
    ...(chosen.gone || chosen.deactivated_at != null ? ({ gone: true } as const) : {}),
  };
}

/** The member with the role that the event gives them; others are the same objects still. */
function withRole(member: Member, { user_id, role }: { user_id: number; role: RoomRole }): Member {
  return member.user_id === user_id ? { ...member, role } : member;
}

function withMembers(members: readonly Member[], added: readonly Member[]): Member[] {
  const byId = new Map(members.map((member) => [member.user_id, member]));
  for (const member of added) byId.set(member.user_id, member);
  return [...byId.values()].sort((a, b) => a.user_id - b.user_id);
}

function withoutMember(members: readonly Member[], userId: number): Member[] {
  return members.filter((member) => member.user_id !== userId);
}

function moveHead(replica: Replica, roomId: number, seq: number, n: number): void {
  const head = replica.heads.get(roomId);
  replica.heads.set(roomId, { seq: Math.max(seq, head?.seq ?? 0), n: Math.max(n, head?.n ?? 0) });
}

function count(replica: Replica, event: RoomEvent): void {
  if (isOwnMessage(replica, event)) countOwn(replica, event.room_id, event.n);
  noteCallsIn(replica, event);
  const thread = inThread(event);
  if (thread) return countReply(replica, event.room_id, event.seq, thread);
  if (event.type !== "message.deleted") return;
  countGone(replica, event.room_id, { n: event.n, user_id: event.author_id, seq: event.seq });
}

function isOwnMessage(replica: Replica, event: RoomEvent): event is Message {
  return event.type === "message" && event.user_id === replica.meId;
}

function forgetCounted(replica: Replica, row: MyRoom): void {
  const own = replica.own.get(row.room.id);
  for (const n of own ?? []) if (n <= row.counted_n) own?.delete(n);
  const gone = replica.gone.get(row.room.id);
  for (const [n, seq] of gone ?? []) if (seq <= row.counted_seq) gone?.delete(n);
  const calls = replica.calls.get(row.room.id);
  for (const [id, { at }] of calls ?? []) if (at <= row.counted_seq) calls?.delete(id);
}
