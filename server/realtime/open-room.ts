import { Refusal } from "#shared/errors.ts";
import type { ClientFrame, HelloFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import { catchUp } from "./catch-up.ts";
import type { Connection } from "./connection.ts";
import { keys, topics } from "./hub.ts";
import { isMessageText } from "./tell.ts";

type OpenFrame = Extract<ClientFrame, { type: "open" }>;

/** Every event after the client's seq, in order, and from then on every event of the room. */
export async function openRoom(connection: Connection, frame: OpenFrame): Promise<void> {
  // Those that are being opened count: a burst of frames is handled before the first of them is answered.
  const rooms = new Set([...connection.open, ...connection.opening.keys()]);
  if (rooms.size >= limits.openRooms && !rooms.has(frame.room_id)) {
    throw new Refusal("rate_limited", `At most ${limits.openRooms} rooms can be open on one socket. Close one.`);
  }
  await resumeRoom(connection, frame.room_id, cursorIn(connection, frame.epoch, frame.seq), limits.resumePerRoom, true);
}

/** What each room of a hello has missed: those to be open first, then the others, within one bound for all. */
export async function resumeRooms(connection: Connection, hello: HelloFrame): Promise<void> {
  const cursors = new Map(Object.entries(hello.rooms ?? {}).map(([id, seq]) => [Number(id), seq]));
  const open = new Set(hello.open ?? []);
  let left: number = limits.resumeInAll;
  for (const roomId of new Set([...open, ...cursors.keys()])) {
    const seq = cursors.get(roomId);
    // A room to be open of which the client holds nothing yet: it will ask with the seq of a page.
    if (seq === undefined || connection.isClosed) continue;
    left -= await resumeRoom(connection, roomId, cursorIn(connection, hello.epoch, seq), left, open.has(roomId));
  }
}

/** A cursor of another history is ahead of everything: it can only be answered with `resync`. */
function cursorIn(connection: Connection, epoch: string | undefined, seq: number): number {
  return epoch === connection.realtime.store.epoch ? seq : Number.MAX_SAFE_INTEGER;
}

/** Returns how many events it took. */
async function resumeRoom(
  connection: Connection,
  roomId: number,
  after: number,
  most: number,
  stayOpen: boolean,
): Promise<number> {
  const { hub, store, streams, presence } = connection.realtime;
  const attempt = connection.nextAttempt();
  connection.opening.set(roomId, attempt);
  const current = () => connection.opening.get(roomId) === attempt;
  let taken = 0;
  let head = { seq: 0, n: 0 };
  const beginAnew = (seq: number) => {
    connection.closeToPlaces(roomId);
    connection.say({ type: "resync", room_id: roomId, seq });
  };
  const read = async (): Promise<number | null> => {
    await streams.openRoom(roomId);
    if (!current()) return null;
    const missed = await store.read("missed", connection, { roomId, after, most });
    if (!current()) return null;
    if (missed.kind === "resync") {
      beginAnew(missed.seq);
      return null;
    }
    presence.heed(missed.room);
    taken = missed.frames.length;
    head = { seq: missed.seq, n: missed.n };
    for (const frame of missed.frames) {
      connection.say(frame);
      await connection.outflow();
    }
    await streams.roomReached(roomId, missed.seq);
    return current() ? missed.seq : null;
  };
  const cutover = (since: string[]) => {
    for (const text of since) connection.sayText(text);
    connection.opening.delete(roomId);
    if (!stayOpen || connection.isClosed) return;
    if (!connection.open.has(roomId)) {
      connection.open.add(roomId);
      presence.enter(roomId, connection.userId, connection.username);
    }
    connection.deafen(topics.at(roomId));
    connection.listen(topics.talk(roomId));
    connection.listen(topics.room(roomId));
    const spoken = since.filter(isMessageText).length;
    connection.say({ type: "opened", room_id: roomId, seq: head.seq + since.length, n: head.n + spoken });
    connection.say(presence.in(roomId));
  };
  try {
    if ((await catchUp(hub, keys.room(roomId), read, cutover)) === "lost") beginAnew(head.seq);
  } catch (error) {
    if (!current()) return taken;
    connection.opening.delete(roomId);
    if (!(error instanceof Refusal) || (error.status !== 403 && error.status !== 404)) throw error;
    connection.closeRoom(roomId);
    connection.roomIsNotMine(roomId);
    connection.say({ type: "closed", room_id: roomId, code: closedCode(error) });
  }
  return taken;
}

function closedCode(error: Refusal): "removed" | "not_found" | "forbidden" {
  if (error.code === "removed" || error.code === "not_found") return error.code;
  return "forbidden";
}
