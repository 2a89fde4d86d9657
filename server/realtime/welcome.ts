import type { HelloFrame } from "#shared/frames.ts";
import { limits } from "#shared/limits.ts";
import type { User } from "#shared/models.ts";
import { catchUp } from "./catch-up.ts";
import { type Connection, nothingYet } from "./connection.ts";
import { keys, topics } from "./hub.ts";
import { streamText } from "./stream-chunk.ts";

/** Answers a hello with who one is, what changed in the two streams, and where one's rooms stand. */
export async function welcome(connection: Connection, user: User, hello: HelloFrame): Promise<void> {
  const { hub, store, clock } = connection.realtime;
  const sameHistory = hello.epoch === store.epoch;
  connection.say({
    type: "welcome",
    epoch: store.epoch,
    user,
    session_id: connection.sessionId,
    heartbeat: limits.heartbeatEvery,
    now: clock.now(),
  });
  const goLive = (topic: string) => (since: string[]) => {
    for (const text of since) connection.sayText(text);
    connection.listen(topic);
  };
  // Own messages until now are counted in the rows that are read next.
  connection.meanwhile?.own.splice(0);
  const gone = hub.recordGone();
  try {
    const me = await catchUp(
      hub,
      keys.me(user.id),
      () => sayMyRooms(connection, sameHistory ? (hello.me ?? 0) : 0),
      goLive(topics.me(user.id)),
    );
    if (me === "lost") return tooSlow(connection);
    const house = await catchUp(
      hub,
      keys.house,
      () => sayHouse(connection, sameHistory ? (hello.house ?? 0) : 0),
      // What is told to the house is not told to its guests: who becomes one, or is one no more, logs in again.
      user.role === "guest" ? () => {} : goLive(topics.house),
    );
    if (house === "lost") return tooSlow(connection);
    await sayPlaces(connection, gone.said);
  } finally {
    gone.end();
  }
}

/** Of these streams nothing may be left out: whoever comes back is told what changed since. */
function tooSlow(connection: Connection): void {
  connection.end("tooSlow", "More happened than could be kept while this was read.");
}

async function sayMyRooms(connection: Connection, since: number): Promise<number> {
  const { streams } = connection.realtime;
  await streams.openPerson(connection.userId);
  const version = await sayStream(connection, "my-rooms", since);
  await streams.personReached(connection.userId, version);
  return version;
}

async function sayHouse(connection: Connection, since: number): Promise<number> {
  const version = await sayStream(connection, "house", since);
  await connection.realtime.streams.houseReached(version);
  return version;
}

/**
 * Chunk by chunk. All carry the version of the first, because a row that changes between two chunks was recorded since
 * the first and comes again behind them.
 */
async function sayStream(connection: Connection, name: "my-rooms" | "house", since: number): Promise<number> {
  let version: number | null = null;
  let from: number | null = 0;
  while (from !== null && !connection.isClosed) {
    const chunk = streamText(await connection.realtime.store.readText(name, connection, { since, from }), version);
    version = chunk.version;
    connection.sayText(chunk.frame);
    await connection.outflow();
    from = chunk.next;
  }
  return version ?? 0;
}

/** What was told while they were read is said behind them, so that no place of a quiet room is missed. */
async function sayPlaces(
  connection: Connection,
  saidGone: () => readonly { roomId: number; text: string }[] | null,
): Promise<void> {
  const { hub, store } = connection.realtime;
  const since = hub.recordPlaces();
  const replies = hub.recordReplies();
  try {
    const asked = [store.read("my-places", connection), store.read("my-threads", connection)] as const;
    const [read, followed] = await Promise.all(asked);
    const [gone, replied] = [saidGone(), replies.said()];
    if (!gone || !replied) return tooSlow(connection);
    connection.together(() => {
      const { gained, lost, own, threads } = connection.meanwhile ?? nothingYet();
      connection.meanwhile = null;
      const seqs = new Map<number, number>();
      for (const { room_id, seq, n } of read) {
        if (lost.has(room_id)) continue;
        gained.set(room_id, gained.get(room_id));
        seqs.set(room_id, seq);
        connection.say({ type: "at", room_id, seq, n });
      }
      for (const [roomId, counted] of gained) {
        connection.listenToPlaces(roomId, { told: seqs.get(roomId) ?? 0, counted });
        const told = since.places.get(roomId);
        if (told !== undefined) connection.sayText(told);
      }
      for (const { roomId, text } of gone) if (gained.has(roomId)) connection.sayText(text);
      for (const at of own) if (gained.has(at.room_id)) connection.say(at);
      const heard = new Map(followed.map(({ root_id, room_id }) => [root_id, room_id]));
      for (const [rootId, roomId] of threads) heard.set(rootId, roomId ?? 0);
      for (const [rootId, roomId] of heard) if (gained.has(roomId)) connection.threadIsMine(roomId, rootId);
      for (const { rootId, text } of replied) if (gained.has(heard.get(rootId) ?? 0)) connection.sayText(text);
    });
  } finally {
    since.end();
    replies.end();
  }
}
