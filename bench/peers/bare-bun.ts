/**
 * The upper bound on this ground: Bun's own `publish` and one bare table, written in the same thread. No accounts, no
 * members, no nonces, no log; a message is answered by being heard.
 *
 *   bun bench/peers/bare-bun.ts PORT DIRECTORY
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";

const [port = "0", directory = "."] = process.argv.slice(2);
const database = new Database(join(directory, "bare.sqlite"), { create: true, strict: true });
database.run("pragma journal_mode = wal");
database.run("pragma synchronous = full");
database.run("create table message (id integer primary key, room text not null, content text not null)");

const insert = database.prepare("insert into message (room, content) values (?, ?)");
let waiting: { room: string; text: string }[] = [];

const server = Bun.serve<{ rooms: string[] }>({
  hostname: "127.0.0.1",
  port: Number(port),
  fetch(request, bun) {
    const url = new URL(request.url);
    const first = Number(url.pathname.split("/").at(-1));
    const count = Number(url.searchParams.get("rooms") ?? 1);
    return bun.upgrade(request, { data: { rooms: roomsFrom(first, count) } })
      ? undefined
      : new Response("A socket, please.", { status: 426 });
  },
  websocket: {
    backpressureLimit: 1024 * 1024,
    closeOnBackpressureLimit: true,
    open(socket) {
      for (const room of socket.data.rooms) socket.subscribe(room);
      socket.send("welcome");
    },
    message(socket, text) {
      if (waiting.length === 0) setImmediate(store);
      waiting.push({ room: socket.data.rooms[0]!, text: text.toString() });
    },
  },
});
console.log(`bare-bun listens on ${server.port}`);

const lists = new Map<string, string[]>();

/** One list for all who ask for the same, so that an idle socket is weighed and not its list. */
function roomsFrom(first: number, count: number): string[] {
  const key = `${first} ${count}`;
  const rooms = lists.get(key) ?? Array.from({ length: count }, (_, index) => `room:${first + index}`);
  lists.set(key, rooms);
  return rooms;
}

/** What came in this turn of the loop is one transaction: the next turn's messages arrive while this one is flushed. */
function store() {
  const batch = waiting;
  waiting = [];
  database.run("begin immediate");
  for (const { room, text } of batch) insert.run(room, text);
  database.run("commit");
  for (const { room, text } of batch) server.publish(room, text);
}
