import type { ActiveUsers, HouseRooms } from "#shared/frames.ts";
import type { Bus } from "../bus/bus.ts";
import type { Clock } from "../clock.ts";
import type { SayMessage } from "../messages/send.ts";
import { type Hub, keys, topics } from "../realtime/hub.ts";
import type { Presence } from "../realtime/presence.ts";
import type { SeenNow } from "../realtime/seen.ts";
import type { Streams } from "../realtime/streams.ts";
import { tell } from "../realtime/tell.ts";
import { NOBODY, type Store } from "../store/store.ts";
import type { Tell } from "../store/tell.ts";
import { Attention } from "./attention.ts";
import { FrameStream } from "./frame-stream.ts";
import { framesSince } from "./frames-since.ts";
import { Heal } from "./heal.ts";
import { HeldPeople } from "./held-people.ts";
import { HeldRooms } from "./held-rooms.ts";
import { HeldSessions, type SessionsParts } from "./held-sessions.ts";
import { lookForOthers } from "./others.ts";
import { type NodeParts, subjectIn } from "./parts.ts";
import { entryOfEvent, entryOfMessage } from "./room-entry.ts";
import { Views } from "./views.ts";

export interface NodeSettings {
  bus: Bus;
  /** False: the bus leads nowhere, and this is meant to be the only one. */
  hearsOthers: boolean;
  store: Store;
  hub: Hub;
  presence: Presence;
  clock: Clock;
  monotonic: () => number;
  random: (bytes: number) => Uint8Array;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
  remembered: SessionsParts["remembered"];
  isHeard(topic: string): boolean;
  /** The database was put back from another copy: this process knows another history. */
  restored(): void;
  /** A newer version has migrated it further than this one can go. */
  outgrown(): void;
}

/** One of several processes on one database. */
export interface Node {
  readonly streams: Streams;
  readonly say: SayMessage;
  /** Who has the room open, on whatever node. */
  present(roomId: number): Promise<ActiveUsers>;
  /** Who of these was seen when, on whatever node. */
  seen(userIds: readonly number[]): Promise<ReadonlyMap<number, SeenNow>>;
  /** What this node has committed. */
  tell(what: Tell): void;
  close(): Promise<void>;
}

export function joinCluster(settings: NodeSettings): Node {
  const { bus, store, hub, presence, clock, monotonic, remembered } = settings;
  const node = Buffer.from(settings.random(9)).toString("base64url");
  const parts: NodeParts = { node, bus, store, hub, clock, monotonic, isHeard: settings.isHeard };
  const attention = new Attention(parts);
  const views = new Views({ ...parts, presence });
  const rooms = new HeldRooms({
    ...parts,
    inView: (roomId) => views.open(roomId),
    outOfView: (roomId) => views.close(roomId),
    isWaitedFor: (roomId) => presence.isHere(roomId),
    sayAgain: (userId, roomId) => void people.sayAgain(userId, roomId),
    isMember: (userId, roomId) => people.isMember(userId, roomId),
    mayStillDeliver: () => heal.mayDeliver,
  });
  const people = new HeldPeople({ ...parts, isDeaf: (roomId, userId) => rooms.isDeaf(roomId, userId) });
  const sessions = new HeldSessions({ hub, remembered });
  const house = houseStream(parts);
  const accounts = bus.subscribe(subjectIn(store, "accounts"), (text) =>
    tell(hub, remembered, JSON.parse(text) as Tell),
  );
  const heal = new Heal({
    store,
    clock,
    monotonic,
    random: () => (settings.random(1)[0] ?? 0) / 256,
    holds: () => ({
      rooms: rooms.ids,
      sessions: sessions.ids,
      people: people.ids,
      usedSince: sessions.usedSince(clock.now()),
    }),
    healed(now, asked, at) {
      sessions.heal(asked.sessions, now.sessions, at);
      rooms.heal(asked.rooms, now.rooms);
      people.heal(now.people);
      house.expect(now.house);
      rooms.release();
      people.release();
    },
    lost() {
      for (const listener of [...hub.everyone()]) listener.end("unavailable", "The database does not answer.");
    },
    restored: settings.restored,
    outgrown: settings.outgrown,
  });
  const endLooking = lookForOthers(settings, { node, bus: settings.hearsOthers ? 1 : 0 });
  bus.onBack(() => void heal.now());
  return {
    streams: {
      openRoom: (roomId) => rooms.open(roomId),
      listRoom: (roomId, userId, known) => rooms.list(roomId, userId, known),
      openPerson: async (userId) => {
        await people.open(userId);
        const places = await store.read("my-places", { userId });
        await rooms.holdAll(places.map((place) => place.room_id));
      },
      roomReached: (roomId, seq) => rooms.reached(roomId, seq),
      personReached: (userId, version) => people.reached(userId, version),
      houseReached: (version) => house.reached(version),
      mention: (roomId, text) => views.mention(roomId, text),
      get mayDeliver() {
        return heal.mayDeliver;
      },
    },
    say: (author, roomId, place, text) => {
      rooms.said(roomId, { ...entryOfMessage(place, author.userId, text), author });
    },
    tell(what) {
      switch (what.to) {
        case "room":
          return rooms.said(what.event.room_id, entryOfEvent(what.event, what.n));
        case "person":
          return people.said(what.userId, what.frame);
        case "house":
          bus.publish(subjectIn(store, "house"), JSON.stringify(what.frame));
          return house.said(what.frame);
        case "ears":
          if (what.userId === "everyone") return rooms.deleted(what.roomId);
          return rooms.deafen(what.roomId, what.userId, what.from, what.code);
        case "sessions":
        case "name":
        case "account":
          bus.publish(subjectIn(store, "accounts"), JSON.stringify(what));
          return tell(hub, remembered, what);
        default:
          return what satisfies never;
      }
    },
    async present(roomId) {
      await views.look(roomId);
      return presence.in(roomId);
    },
    seen: (userIds) => attention.of(userIds),
    async close() {
      heal.end();
      endLooking();
      attention.end();
      views.end();
      house.end();
      accounts.end();
      await bus.close();
    },
  };
}

function houseStream(parts: NodeParts): FrameStream<HouseRooms> {
  const { store, hub } = parts;
  return new FrameStream<HouseRooms>(parts, {
    subject: subjectIn(store, "house"),
    head: async () => (await store.read("held", NOBODY, NOTHING)).house,
    since: (since) => framesSince((from) => store.read("house", NOBODY, { since, from })),
    say: (frame) => hub.say(keys.house, topics.house, frame.version, JSON.stringify(frame)),
  });
}

const NOTHING = { rooms: [], sessions: [], people: [], usedSince: 0 };
