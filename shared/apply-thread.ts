import type { RoomEvent } from "./events.ts";
import type { At, MyRooms } from "./frames.ts";
import type { Message } from "./models.ts";
import type { Replica, ThreadHead, ThreadLog } from "./replica.ts";

/** Messages after somebody replied in the thread of one of them; who knows of the reply already changes nothing. */
export function withReply(messages: readonly Message[], reply: Message): readonly Message[] {
  const at = messages.findLastIndex((message) => message.id === reply.thread);
  const root = messages[at];
  return root ? messages.with(at, replied(root, reply)) : messages;
}

const REPLIERS = 3;

function replied(root: Message, reply: Message): Message {
  const { n = 0, people = [] } = root.replies ?? {};
  if (reply.n <= n) return root;
  return { ...root, replies: { n: reply.n, last_at: reply.timestamp, people: withReplier(people, reply.user_id) } };
}

/** Who wrote in a thread last, the latest first. */
export function withReplier(people: readonly number[], userId: number): number[] {
  return [userId, ...people.filter((id) => id !== userId)].slice(0, REPLIERS);
}

type Threads = ReadonlyMap<number, ThreadLog>;

/** The threads that are shown after one more reply in one of them. */
export function withReplyIn(threads: Threads, reply: Message): Threads {
  const thread = reply.thread === undefined ? undefined : threads.get(reply.thread);
  if (!thread) return threads;
  const isNew = reply.n > (thread.messages.at(-1)?.n ?? 0);
  const messages = isNew ? [...thread.messages, reply] : thread.messages;
  return new Map(threads).set(thread.root.id, { ...thread, root: replied(thread.root, reply), messages });
}

/** All messages of each thread made others, the one that it hangs on as well. */
export function eachThread(threads: Threads, change: (messages: readonly Message[]) => readonly Message[]): Threads {
  let next = threads;
  for (const [id, thread] of threads) {
    const messages = change(thread.messages);
    const past = thread.past && { ...thread.past, messages: change(thread.past.messages) };
    const root = change([thread.root])[0] ?? thread.root;
    const isSame =
      root === thread.root && isEach(messages, thread.messages) && isEach(past?.messages, thread.past?.messages);
    if (!isSame) next = new Map(next).set(id, { ...thread, root, messages, past });
  }
  return next;
}

function isEach(messages: readonly Message[] = [], former: readonly Message[] = []): boolean {
  return messages.every((message, at) => message === former[at]);
}

/** Rows of threads that one follows. One that is older than the row here changes nothing. */
export function applyMyThreads(replica: Replica, frame: MyRooms): void {
  if (frame.reset) replica.threads.clear();
  for (const row of frame.threads ?? []) {
    const known = replica.threads.get(row.root_id);
    if (known && known.version > row.version) continue;
    if (row.following) replica.threads.set(row.root_id, row);
    else replica.threads.delete(row.root_id);
    const head = replica.threadHeads.get(row.root_id);
    for (const n of head?.own ?? []) if (n <= row.n) head?.own.delete(n);
    for (const [n, seq] of head?.gone ?? []) if (seq <= row.counted_seq) head?.gone.delete(n);
  }
}

/** What an event says of a thread to those who follow it: somebody replied there, or a reply was deleted. */
export function inThread(event: RoomEvent): NonNullable<At["thread"]> | null {
  if (event.type === "thread.replied") {
    const { thread: id = 0, n, user_id } = event.message;
    return { id, n, user_id };
  }
  if (event.type !== "message.deleted" || event.thread === undefined) return null;
  return { id: event.thread, n: event.n, user_id: event.author_id, gone: true };
}

/** Somebody replied, or a reply was deleted: said by an event or by a place, in any order and more than once. */
export function countReply(
  replica: Replica,
  roomId: number,
  seq: number,
  { id, n, user_id, gone }: NonNullable<At["thread"]>,
): void {
  const head = headOf(replica, roomId, id);
  const isOwn = user_id === replica.meId;
  if (!gone) {
    head.n = Math.max(head.n, n);
    if (isOwn) head.own.add(n);
  } else if (!isOwn) head.gone.set(n, Math.min(seq, head.gone.get(n) ?? seq));
}

export function forgetThreads(replica: Replica, roomId: number): void {
  for (const [id, head] of replica.threadHeads) if (head.roomId === roomId) replica.threadHeads.delete(id);
  for (const [id, row] of replica.threads) if (row.room_id === roomId) replica.threads.delete(id);
}

function headOf(replica: Replica, roomId: number, rootId: number): ThreadHead {
  const known = replica.threadHeads.get(rootId);
  if (known) return known;
  const head: ThreadHead = { roomId, n: 0, own: new Set(), gone: new Map() };
  replica.threadHeads.set(rootId, head);
  return head;
}
