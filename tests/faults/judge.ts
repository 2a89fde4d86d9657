import type { Message } from "#shared/models.ts";
import { checkHistory, describeFaults, type HistoryEntry, type Verdict } from "../fuzz/check-history.ts";
import type { StoredFile, StoredRoom } from "./read-file.ts";
import { idOf } from "./told.ts";

/** What is left when the killing is over and everything has come to rest. */
export interface Evidence {
  /** With everybody's final reads. */
  history: HistoryEntry[];
  /** A room as one person reads it by pages. */
  pages: { reader: string; room: number; messages: readonly Message[] }[];
  /** A room as one device holds it, as far back as it has loaded it. */
  replicas: { device: string; room: number; messages: readonly Message[] }[];
  stored: StoredFile;
  /** What those who sent complained of. */
  complaints: readonly string[];
}

export interface Judgement {
  verdict: Verdict;
  failures: string[];
}

export function judge({ history, pages, replicas, stored, complaints }: Evidence): Judgement {
  const verdict = checkHistory([...history, ...readsOf(stored.rooms)]);
  const failures = [...complaints, ...stored.complaints.map((line) => `the file: ${line}`)];
  if (!verdict.valid) failures.push(describeFaults(verdict).trim());
  if (verdict.acknowledged === 0) failures.push("nothing was acknowledged, so nothing is proved");
  if (verdict.unknown > 0) failures.push(`asked again and never answered: ${verdict.unknown} sends`);
  if (verdict.refused > 0) failures.push(`${verdict.refused} sends were refused`);
  for (const room of stored.rooms) failures.push(...faultsOf(room));
  const messages = stored.rooms.reduce((sum, room) => sum + room.messages.length, 0);
  if (stored.nonces !== messages) failures.push(`the file has ${messages} messages by ${stored.nonces} nonces`);
  failures.push(...differences(pages, replicas));
  return { verdict, failures };
}

function readsOf(rooms: readonly StoredRoom[]): HistoryEntry[] {
  return rooms.map(({ id: room, messages }) => ({
    op: "read",
    p: "the file",
    node: "file",
    room,
    t0: Number.POSITIVE_INFINITY,
    t: Number.POSITIVE_INFINITY,
    final: true,
    items: messages.map(({ n, content }) => [n, idOf(content)] as const),
  }));
}

/** A room, its log and its messages are changed in one transaction: they must tell the same. */
function faultsOf({ id, seq, n, messages, log }: StoredRoom): string[] {
  const faults: string[] = [];
  if (messages.length !== n) faults.push(`room ${id} counts ${n} messages and has ${messages.length}`);
  if (log.length !== seq || log.some((each, at) => each !== at + 1)) {
    faults.push(`the log of room ${id} has ${log.length} entries and not 1 to ${seq}`);
  }
  const logged = new Set(log);
  const stray = messages.find((message) => !logged.has(message.seq));
  if (stray) faults.push(`message ${stray.id} of room ${id} is not in its log`);
  return faults;
}

function differences(pages: Evidence["pages"], replicas: Evidence["replicas"]): string[] {
  const found: string[] = [];
  const whole = new Map<number, readonly Message[]>();
  for (const { reader, room, messages } of pages) {
    const first = whole.get(room) ?? messages;
    whole.set(room, first);
    if (!areSame(first, messages)) found.push(`${reader} reads other messages in room ${room}`);
  }
  for (const { device, room, messages } of replicas) {
    const all = whole.get(room) ?? [];
    const isAny = messages.length > 0 || all.length === 0;
    if (!isAny || !areSame(all.slice(all.length - messages.length), messages)) {
      found.push(`${device} holds other messages of room ${room}`);
    }
  }
  return found;
}

function areSame(some: readonly Message[], others: readonly Message[]): boolean {
  return some.length === others.length && some.every((one, at) => Bun.deepEquals(one, others[at]));
}
