import { programs } from "../build.ts";
import type { Dialect, Group } from "../load.ts";
import type { Contestant, Shape } from "./contestant.ts";
import { startProcess } from "./process.ts";

/** Those that only pass texts on: the room is in the path, a message is its text, and hearing it is its answer. */

export const limitJoined = plain({
  name: "C, joined",
  about: "the limit: epoll, what came in one wake-up is one write per receiver; stores nothing",
  stores: false,
  words: (port) => [programs.fanout, String(port), "joined"],
});

/** A frame of Parlour's says who, when and which beside the 100 bytes; this is the limit for as many bytes. */
export const limitAsLong = plain({
  name: "C, joined, 290 bytes",
  about: "the limit with messages as long as Parlour's whole frame",
  stores: false,
  contentBytes: 290,
  words: (port) => [programs.fanout, String(port), "joined"],
});

export const limitEach = plain({
  name: "C, each",
  about: "epoll, one write per delivery; stores nothing",
  stores: false,
  words: (port) => [programs.fanout, String(port), "each"],
});

export const bareBun = plain({
  name: "bare Bun",
  about: "Bun's publish and one bare SQLite table, flushed, in one thread; no accounts, members, nonces, log",
  stores: true,
  words: (port, directory) => [process.execPath, `${import.meta.dir}/../peers/bare-bun.ts`, String(port), directory],
});

/** The same bound for as many bytes as Parlour's frames have. */
export const bareBunAsLong = plain({
  name: "bare Bun, 290 bytes",
  about: "bare Bun with messages as long as Parlour's whole frame",
  stores: true,
  contentBytes: 290,
  words: (port, directory) => [process.execPath, `${import.meta.dir}/../peers/bare-bun.ts`, String(port), directory],
});

export const wsLoop = plain({
  name: "ws on Node",
  about: "the package ws, a loop over the sockets; stores nothing",
  stores: false,
  words: (port) => ["node", `${import.meta.dir}/../peers/ws-loop.mjs`, String(port)],
});

function plain(peer: {
  name: string;
  about: string;
  stores: boolean;
  contentBytes?: number;
  words: (port: number, directory: string) => string[];
}): Contestant {
  return {
    name: peer.name,
    about: peer.about,
    stores: peer.stores,
    async start(place) {
      const { pid, port, stop } = await startProcess(place, (at, directory) => ({ words: peer.words(at, directory) }));
      const dialect: Dialect = { port, answers: "own", order: "counter", delivery: "~" };
      if (peer.contentBytes !== undefined) dialect.contentBytes = peer.contentBytes;
      return {
        pid,
        dialect,
        stop,
        gather: async (shape) => Array.from({ length: shape.rooms }, (_, room) => gatherRoom(room, shape)).flat(),
        idlers: async (count, rooms) => [{ count, room: 0, path: `/room/0?rooms=${rooms}` }],
      };
    },
  };
}

function gatherRoom(room: number, { members, senders, inFlight, stalled = 0 }: Shape): Group[] {
  const path = `/room/${room}`;
  return [
    { count: senders, room, path, sender: { inFlight, message: "$content" } },
    { count: members - senders, room, path },
    { count: stalled, room, path, stalls: true },
  ];
}
