import { join } from "node:path";
import type { Server } from "bun";
import { Refusal } from "#shared/errors.ts";
import type { RoomEvent } from "#shared/events.ts";
import { Budgets } from "./auth/budgets.ts";
import { guessesOfOne, sharedGuesses } from "./auth/guesses.ts";
import { deriveKeys } from "./auth/keys.ts";
import { Passwords } from "./auth/passwords.ts";
import type { Signed } from "./auth/sessions.ts";
import { SignedIn } from "./auth/signed-in.ts";
import { sharedTickets, TicketsOfOne } from "./auth/tickets.ts";
import type { Bus } from "./bus/bus.ts";
import { LocalBus } from "./bus/local.ts";
import type { NatsPlace } from "./bus/nats.ts";
import { type Clock, systemClock } from "./clock.ts";
import { joinCluster, type Node } from "./cluster/node.ts";
import type { Config } from "./config.ts";
import { keptSecret, ownFolders } from "./data-folder.ts";
import { doorAnswers } from "./door-answers.ts";
import { createApp } from "./http/app.ts";
import { callerOf } from "./http/caller.ts";
import { originAllowed } from "./http/cross-origin.ts";
import type { ServedFiles } from "./http/served-files.ts";
import { listen } from "./listen.ts";
import type { Log } from "./log.ts";
import { Mail } from "./mail/mail.ts";
import { postBySmtp } from "./mail/post-letter.ts";
import { Sends } from "./messages/send.ts";
import { openDoor } from "./operator-door.ts";
import { Push } from "./push/push.ts";
import { Acks } from "./realtime/acks.ts";
import { AddressCount } from "./realtime/address-count.ts";
import { collectAfterWaves } from "./realtime/after-a-wave.ts";
import { Hub } from "./realtime/hub.ts";
import { Presence } from "./realtime/presence.ts";
import type { Realtime } from "./realtime/realtime.ts";
import { attentiveAmong, seenHere } from "./realtime/seen.ts";
import type { SocketEnd } from "./realtime/socket.ts";
import { streamsOfOne } from "./realtime/streams.ts";
import { tell, tellMessage } from "./realtime/tell.ts";
import { type Doors, upgrade } from "./realtime/upgrade.ts";
import { sweepErased } from "./rooms/sweep-erased.ts";
import { sendDue } from "./scheduled/send-due.ts";
import type { Services } from "./services.ts";
import { isMoved, openStore } from "./store/open-store.ts";
import { PausingStore } from "./store/pausing-store.ts";
import { NOBODY, type Store } from "./store/store.ts";
import { localUrl } from "./url.ts";

/** What another node may have ended is asked for anew after so long, whether healing says so or not. */
const CONFIRMED_WITHIN = 2_000;

/** How long requests that are under way when the server stops are waited for. */
const ANSWERS_WITHIN = 5_000;
const LOOKS_EVERY = 50;

export interface Running {
  readonly url: string;
  readonly store: Store;
  /** Nobody has an account yet. */
  readonly empty: boolean;
  /** Tells clients when to come back, lets go of them and closes the store. */
  stop(): Promise<void>;
}

export interface Given {
  log: Log;
  /** The page's folder, or its files by their names. */
  webDir: string | ServedFiles;
  clock?: Clock;
  random?: (bytes: number) => Uint8Array;
  /** A part of the process died that it cannot go on without. */
  died?: (why: string) => void;
  /** Which one of several processes on one port this is, from 1. */
  worker?: number;
  /** What goes between the bus and this node: for tests of a bus that is worse than any. */
  bus?: (bus: Bus) => Bus;
}

/** Builds each part once, in the order of what needs what, and listens. */
export async function startServer(config: Config, given: Given): Promise<Running> {
  const clock = given.clock ?? systemClock;
  const random = given.random ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
  // The folder itself belongs to whatever started the workers.
  const own = given.worker === undefined ? config.dataDir : join(config.dataDir, `worker-${given.worker}`);
  const letGo = ownFolders({ ...config, dataDir: own }, clock);
  try {
    return await start(config, { ...given, clock, random }, letGo);
  } catch (error) {
    letGo();
    throw error;
  }
}

async function start(
  config: Config,
  given: Given & { clock: Clock; random: (bytes: number) => Uint8Array },
  letGo: () => void,
): Promise<Running> {
  const { clock, random, log } = given;
  const keys = deriveKeys(config.secretKey ?? keptSecret(config.dataDir, random));
  const died =
    given.died ??
    ((why) => {
      throw new Error(why);
    });
  const opened = await openStore({
    database: config.database,
    dataDir: config.dataDir,
    nonceKey: keys.nonces,
    newEpoch: Buffer.from(random(9)).toString("base64url"),
    clock,
    died,
    warn: (line) => log.warn(line),
  });
  const store = new PausingStore(opened, clock, () => isMoved(config.database));
  let native: Server<SocketEnd> | null = null;
  const hub = new Hub((topic, text) => native?.publish(topic, text), clock);
  const presence = new Presence(hub, clock);
  // A second process may be there at any time, also by mistake and with no bus between the two.
  const isShared = config.database.kind === "postgres";
  const signedIn = new SignedIn(store, keys, clock, {
    forMs: isShared ? CONFIRMED_WITHIN : Number.POSITIVE_INFINITY,
    monotonic: () => performance.now(),
  });
  const tickets = isShared ? sharedTickets(store, random) : new TicketsOfOne(clock, random);
  const stopSweeping = sweepErased(store, clock);
  const stopSending = sendDue(store, clock, log);
  const acks = new Acks();
  store.onAnswered(() => acks.give());
  const remembered = {
    forget: (sessionId: string) => signedIn.forget(sessionId),
    forgetUser: (userId: number) => signedIn.forgetUser(userId),
    keepOnly: (confirmed: Iterable<Signed>, at: number) => signedIn.keepOnly(confirmed, at),
    renamed(userId: number, username: string) {
      presence.renamed(userId, username);
      signedIn.renamed(userId, username);
      sends.renamed(userId, username);
    },
  };
  const node = isShared ? await nodeOfMany() : nodeOfOne();
  const attentive = async (userIds: readonly number[]) => attentiveAmong(await node.seen(userIds));
  const push = config.push ? new Push({ place: config.push, keys, store, clock, random, log, attentive }) : null;
  const mail = config.smtp
    ? new Mail({ store, clock, keys, log, attentive, ...config.smtp, post: postBySmtp(config.smtp) })
    : null;
  const sends = new Sends(store, (author, roomId, place, text) => {
    node.say(author, roomId, place, text);
    push?.said(roomId, place.seq);
  });
  store.onTell((what) => {
    node.tell(what);
    if (what.to === "room" && isSaid(what.event)) push?.said(what.event.room_id, what.event.seq);
  });
  async function seenHereOnly(userIds: readonly number[]) {
    return seenHere(hub, userIds, clock.now());
  }
  function nodeOfOne(): Node {
    return {
      streams: streamsOfOne(store),
      say: (author, roomId, place, text) => tellMessage(hub, author, roomId, place, text),
      tell: (what) => tell(hub, remembered, what),
      present: async (roomId) => presence.in(roomId),
      seen: seenHereOnly,
      close: async () => {},
    };
  }
  async function nodeOfMany(): Promise<Node> {
    const bus: Bus = config.nats ? await busOf(config.nats, given) : new LocalBus();
    const joined = joinCluster({
      bus,
      hearsOthers: config.nats !== null,
      store,
      hub,
      presence,
      clock,
      monotonic: () => performance.now(),
      random,
      warn: (line) => log.warn(line),
      remembered,
      isHeard: (topic) => (native?.subscriberCount(topic) ?? 0) > 0,
      restored: () => died("The database was put back from another copy. Start again, and every client begins anew."),
      outgrown: () =>
        void stop().then(() =>
          died("A newer Parlour has changed the database. Start that version in this one's place."),
        ),
    });
    // Nobody is waited for who cannot answer.
    return config.nats ? joined : { ...joined, seen: seenHereOnly };
  }
  const budgets = new Budgets(clock, config.rateLimits);
  const services: Services = {
    config,
    clock,
    random,
    log,
    store,
    keys,
    passwords: new Passwords(),
    budgets,
    guesses: isShared ? sharedGuesses(store, config.rateLimits) : guessesOfOne(budgets),
    signedIn,
    tickets,
    presence: { in: node.present, seen: node.seen },
    sends,
    push,
    mail,
    house: { startedAt: clock.now(), sockets: () => hub.connections },
  };
  const realtime: Realtime = {
    store,
    sends,
    hub,
    presence,
    streams: node.streams,
    acks,
    clock,
    addresses: new AddressCount(),
    limited: config.rateLimits,
    roomCreation: config.roomCreation,
    takeRoom: (userId) => budgets.take("room", String(userId)),
    authenticate: (token) => signedIn.byToken(token),
  };
  const doors: Doors = {
    realtime,
    redeemTicket: async (ticket) => {
      const sessionId = await tickets.redeem(ticket);
      if (sessionId === null) throw new Refusal("unauthorized", "The ticket was used, has expired, or never was.");
      return signedIn.bySession(sessionId);
    },
    originAllowed: (origin, host) => originAllowed(config, origin, host),
  };
  const app = createApp(services, { webDir: given.webDir, connections: () => hub.connections });
  const undo = async () => {
    push?.end();
    mail?.end();
    await node.close();
    await store.close();
  };
  native = await listenOr(undo, config, {
    isOneOfMany: given.worker !== undefined,
    async fetch(request, server) {
      const requestId = Buffer.from(random(9)).toString("base64url");
      const url = URL.parse(request.url);
      // The address is put together with the Host header, which may hold anything.
      if (!url) return plainText(400, "The Host header is not the name of a server.", requestId);
      const caller = callerOf(config, request, server);
      if (url.pathname === "/ws" || url.pathname.startsWith("/ws/")) {
        const upgraded = await upgrade(doors, server, request, url, caller.address);
        return upgraded ? undefined : plainText(426, "This address speaks WebSocket.", requestId);
      }
      return app.fetch(request, { caller, requestId });
    },
  });
  const url = localUrl(config, native.port ?? config.port);
  const shutDoor =
    (given.worker ?? 1) > 1
      ? () => {}
      : openDoor(config.dataDir, doorAnswers(config, store, url), () =>
          log.warn("there is no way in for tools while the server runs: no socket could be made in the data folder"),
        );
  const stopCollecting = collectAfterWaves(
    clock,
    () => hub.connections,
    () => Bun.gc(true),
  );
  const pass = (ms: number) => new Promise<void>((go) => clock.after(ms, go));
  const stopNow = async () => {
    shutDoor();
    push?.end();
    mail?.end();
    stopSweeping();
    stopSending();
    stopCollecting();
    for (const listener of [...hub.everyone()]) {
      listener.drain(500 + Math.floor((random(1)[0] ?? 0) * 17));
    }
    // Close frames need a turn to leave before the listener goes.
    await pass(LOOKS_EVERY);
    // Nobody new is taken, and whoever has asked is answered.
    void native?.stop();
    for (let waited = 0; (native?.pendingRequests ?? 0) > 0 && waited < ANSWERS_WITHIN; waited += LOOKS_EVERY) {
      await pass(LOOKS_EVERY);
    }
    await native?.stop(true);
    // What is committed last is still said to the other nodes.
    await store.close();
    await node.close();
    letGo();
  };
  let stopping: Promise<void> | null = null;
  const stop = () => {
    stopping ??= stopNow();
    return stopping;
  };
  return { url, store, empty: await store.read("is-empty", NOBODY), stop };
}

function isSaid({ type }: RoomEvent): boolean {
  return type === "message" || type === "thread.replied";
}

async function busOf(place: NatsPlace, given: Given & { random: (bytes: number) => Uint8Array }): Promise<Bus> {
  // What speaks to NATS weighs megabytes, which a server without it need not carry.
  const { NatsBus } = await import("./bus/nats.ts");
  const bus = new NatsBus({
    place,
    name: "parlour",
    random: () => (given.random(1)[0] ?? 0) / 256,
    warn: (line) => given.log.warn(line),
  });
  return given.bus?.(bus) ?? bus;
}

/** For what never reaches the app. */
function plainText(status: number, line: string, requestId: string): Response {
  const headers = { "x-request-id": requestId, "x-content-type-options": "nosniff" };
  return new Response(`${line}\n`, {
    status,
    headers: status === 426 ? { ...headers, upgrade: "websocket" } : headers,
  });
}

async function listenOr(undo: () => Promise<void>, ...given: Parameters<typeof listen>): Promise<Server<SocketEnd>> {
  try {
    return listen(...given);
  } catch (error) {
    await undo();
    throw error;
  }
}
