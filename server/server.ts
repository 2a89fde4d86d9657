import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Server } from "bun";
import { limits } from "#shared/limits.ts";
import { Budgets } from "./auth/budgets.ts";
import { deriveKeys } from "./auth/keys.ts";
import { Passwords } from "./auth/passwords.ts";
import { SignedIn } from "./auth/signed-in.ts";
import { Tickets } from "./auth/tickets.ts";
import { type Clock, systemClock } from "./clock.ts";
import type { Config } from "./config.ts";
import { createApp } from "./http/app.ts";
import { callerOf } from "./http/caller.ts";
import { originAllowed } from "./http/cross-origin.ts";
import type { Log } from "./log.ts";
import { Sends } from "./messages/send.ts";
import { AddressCount } from "./realtime/address-count.ts";
import { Hub } from "./realtime/hub.ts";
import { Presence } from "./realtime/presence.ts";
import type { Realtime } from "./realtime/realtime.ts";
import type { SocketEnd } from "./realtime/socket.ts";
import { tell, tellMessage } from "./realtime/tell.ts";
import { type Doors, upgrade } from "./realtime/upgrade.ts";
import { sweepRooms } from "./rooms/sweep-rooms.ts";
import type { Services } from "./services.ts";
import { openSqliteStore } from "./store/sqlite/open-store.ts";
import { ownFolder } from "./store/sqlite/owner.ts";
import { NOBODY, type Store } from "./store/store.ts";

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
  webDir: string;
  clock?: Clock;
  random?: (bytes: number) => Uint8Array;
  /** A part of the process died that it cannot go on without. */
  died?: (why: string) => void;
}

/** Builds each part once, in the order of what needs what, and listens. */
export async function startServer(config: Config, given: Given): Promise<Running> {
  const clock = given.clock ?? systemClock;
  const random = given.random ?? ((bytes) => crypto.getRandomValues(new Uint8Array(bytes)));
  const letGo = own(config, clock);
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
  const store = await openSqliteStore({
    path: config.database.path,
    dataDir: config.dataDir,
    nonceKey: keys.nonces,
    newEpoch: Buffer.from(random(9)).toString("base64url"),
    now: clock.now,
    died:
      given.died ??
      ((why) => {
        throw new Error(why);
      }),
  });
  let native: Server<SocketEnd> | null = null;
  const hub = new Hub((topic, text) => native?.publish(topic, text), clock);
  const presence = new Presence(hub, clock);
  const sends = new Sends(store, (roomId, place, text) => tellMessage(hub, roomId, place, text));
  const signedIn = new SignedIn(store, keys, clock);
  const tickets = new Tickets(clock, random);
  const forget = (sessionId: string) => {
    signedIn.forget(sessionId);
    tickets.forget(sessionId);
  };
  const stopSweeping = sweepRooms(store, clock);
  store.onTell((what) => tell(hub, { forget, forgetUser: (userId) => signedIn.forgetUser(userId) }, what));
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
    signedIn,
    tickets,
    presence,
    sends,
  };
  const realtime: Realtime = {
    store,
    sends,
    hub,
    presence,
    clock,
    addresses: new AddressCount(),
    limited: config.rateLimits,
    roomCreation: config.roomCreation,
    takeRoom: (userId) => budgets.take("room", String(userId)),
    authenticate: (token) => signedIn.byToken(token),
  };
  const doors: Doors = {
    realtime,
    redeemTicket: (ticket) => tickets.redeem(ticket),
    originAllowed: (origin, host) => originAllowed(config, origin, host),
  };
  const app = createApp(services, { webDir: given.webDir, connections: () => hub.connections });
  native = listen(config, {
    fetch(request, server) {
      const url = new URL(request.url);
      const caller = callerOf(config, request, server);
      if (url.pathname === "/ws" || url.pathname.startsWith("/ws/")) {
        return upgrade(doors, server, request, url, caller.address);
      }
      return app.fetch(request, { caller, requestId: Buffer.from(random(9)).toString("base64url") });
    },
  });
  const stop = async () => {
    stopSweeping();
    for (const listener of [...hub.everyone()]) {
      listener.drain(500 + Math.floor((random(1)[0] ?? 0) * 17));
    }
    // Close frames need a turn to leave before the listener goes.
    await new Promise<void>((go) => clock.after(50, go));
    await native?.stop(true);
    await store.close();
    letGo();
  };
  return { url: urlOf(config, native.port ?? config.port), store, empty: await store.read("is-empty", NOBODY), stop };
}

function listen(
  config: Config,
  {
    fetch,
  }: { fetch: (request: Request, server: Server<SocketEnd>) => Response | undefined | Promise<Response | undefined> },
): Server<SocketEnd> {
  try {
    return Bun.serve<SocketEnd>({
      hostname: config.host,
      port: config.port,
      ...(config.tls ? { tls: { cert: Bun.file(config.tls.cert), key: Bun.file(config.tls.key) } } : {}),
      maxRequestBodySize: limits.bodyBytes * 2,
      idleTimeout: 30,
      fetch,
      error: () => new Response("Something went wrong.\n", { status: 500 }),
      websocket: {
        // A subscriber over its limit would lose messages silently; closed, it comes back and is given them.
        backpressureLimit: limits.queuedBytes,
        closeOnBackpressureLimit: true,
        maxPayloadLength: limits.frameBytes,
        perMessageDeflate: false,
        idleTimeout: limits.silentFor / 1_000,
        sendPings: true,
        open: (ws) => ws.data.opened(ws),
        message: (ws, text) => ws.data.heard(typeof text === "string" ? text : new TextDecoder().decode(text)),
        drain: (ws) => ws.data.drained(),
        close: (ws, code) => ws.data.closed(code),
      },
    });
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") {
      throw new Error(`PORT ${config.port} is in use by another program. Stop it, or choose another PORT.`);
    }
    throw error;
  }
}

function own(config: Config, clock: Clock): () => void {
  const folders = [...new Set([config.dataDir, dirname(config.database.path)])];
  const holder = {
    pid: process.pid,
    since: new Date(clock.now()).toISOString(),
    what: `a Parlour server on port ${config.port}`,
  };
  const owned: (() => void)[] = [];
  for (const folder of folders) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
    } catch {
      throw new Error(
        `The data folder ${folder} cannot be made. Give this user the right to, or choose another DATA_DIR.`,
      );
    }
    owned.push(ownFolder(folder, holder));
  }
  return () => {
    for (const letGo of owned) letGo();
  };
}

/** Made at the first start. Whoever has it can sign in as anybody, so only the owner of the folder may read it. */
function keptSecret(dataDir: string, random: (bytes: number) => Uint8Array): string {
  const path = join(dataDir, "secret");
  if (!existsSync(path)) {
    writeFileSync(path, Buffer.from(random(48)).toString("base64url"), { mode: 0o600, flag: "wx" });
    chmodSync(path, 0o600);
  }
  return readFileSync(path, "utf8").trim();
}

function urlOf(config: Config, port: number): string {
  const scheme = config.tls ? "https" : "http";
  const host = ["0.0.0.0", "::"].includes(config.host) ? "localhost" : config.host;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
