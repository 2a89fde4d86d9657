import { createApi } from "#client/api.ts";
import { systemClock } from "#client/clock.ts";
import { deriveKeys } from "#server/auth/keys.ts";
import { parseConfig } from "#server/config.ts";
import { openStore } from "#server/store/open-store.ts";
import { eventually } from "#tests/support/eventually.ts";
import { type Face, manyPeople, SECRET } from "#tests/support/many-people.ts";
import { startNats } from "#tests/support/nats.ts";
import type { Person } from "#tests/support/people.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import type { HistoryEntry } from "../fuzz/check-history.ts";
import { readAll, settled } from "./final-reads.ts";
import { Ghost } from "./ghost.ts";
import { type Judgement, judge } from "./judge.ts";
import { KillableServer } from "./killable-server.ts";
import { readPostgres } from "./read-postgres.ts";
import { Talker } from "./talker.ts";

export interface ClusterWishes {
  seconds: number;
  people: number;
  rooms: number;
  /** Messages a second, of all together. */
  rate: number;
  natsAway: number;
  nodePaused: number;
  say(line: string): void;
}

export interface ClusterSeason {
  judgement: Judgement;
  /** Send to receive by sockets of other nodes, in milliseconds, while nothing was broken and while the bus was away. */
  calm: Spread;
  withoutBus: Spread;
  removals: number;
}

export interface Spread {
  count: number;
  p50: number;
  p99: number;
  most: number;
}

const NODES = 3;
const ROOMS_EACH = 3;
const LIVE_WITHIN = 90_000;

/**
 * Three nodes as processes on one PostgreSQL and one NATS, and people who talk all the time, each on one node. The bus is
 * killed and started, a node is killed and started, the database is restarted and crashes, and a node is made to stand still; people
 * are removed all the while. What was acknowledged, heard and stored in the end is held against each other.
 */
export async function clusterSeason(wishes: ClusterWishes): Promise<ClusterSeason> {
  const postgres = await testPostgres();
  if (!postgres.own) throw new Error("The database is restarted here: leave TEST_DATABASE_URL out.");
  const databaseUrl = await postgres.createDatabase();
  const nats = await startNats();
  const env = { DATABASE_URL: databaseUrl, NATS_URL: nats.url, SECRET_KEY: SECRET };
  const nodes = await Promise.all(Array.from({ length: NODES }, () => KillableServer.start({ env })));
  const history: HistoryEntry[] = [];
  const talkers: Talker[] = [];
  const ghosts: Ghost[] = [];
  const urlOf = (at: number) => nodes[at % NODES]?.url ?? "";
  try {
    const { faces, owner, rooms } = await furnish(env, urlOf(0), wishes);
    const every = (1_000 * wishes.people) / wishes.rate;
    for (const [at, face] of faces.entries()) {
      const own = Array.from({ length: ROOMS_EACH }, (_, i) => rooms[(at + i * 17) % rooms.length] ?? 0);
      const person = personOf(face, urlOf(at));
      if (at % 10 === 9) ghosts.push(new Ghost(person, urlOf(at), own));
      else talkers.push(new Talker(`${face.username}@${at % NODES}`, person, urlOf(at), own, history, { every }));
    }
    const live = () => talkers.filter(({ chat }) => chat.line.state === "live").length;
    await eventually(() => {
      if (live() < talkers.length) throw new Error(`${live()} of ${talkers.length} are live.`);
    }, LIVE_WITHIN);
    wishes.say(`${talkers.length} talk in ${rooms.length} rooms, ${ghosts.length} listen and are removed`);
    const times = await breakThings(wishes, { nodes, nats, postgres: postgres.own, owner, ghosts });
    for (const talker of talkers) talker.rest();
    const reader = personOf(owner, urlOf(0));
    await settled(talkers, reader, rooms);
    const pages = [];
    for (let at = 0; at < NODES; at++) {
      pages.push(...(await readAll(personOf(owner, urlOf(at)), `node ${at}`, rooms, history)));
    }
    const stored = await readPostgres(databaseUrl);
    const complaints = [
      // While the database is away that is the right answer, and the client asks again by itself.
      ...talkers.flatMap(({ faults }) => faults.filter((fault) => !/: (unavailable|unknown)$/.test(fault))),
      ...ghosts.flatMap((ghost) => ghost.judge(stored.removals)),
    ];
    const replicas = talkers.flatMap(({ name, chat }) =>
      [...chat.replica.logs].map(([room, log]) => ({ device: name, room, messages: log.messages })),
    );
    const judgement = judge({ history, pages, replicas, stored, complaints });
    const { calm, withoutBus } = times;
    return {
      judgement,
      calm: spread(history, calm[0], calm[1]),
      withoutBus: spread(history, withoutBus[0], withoutBus[1]),
      removals: stored.removals.length,
    };
  } finally {
    for (const one of [...talkers, ...ghosts]) one.end();
    for (const node of nodes) await node[Symbol.asyncDispose]();
    await nats.stop();
  }
}

interface Breakable {
  nodes: readonly KillableServer[];
  nats: { stop(): Promise<void>; start(): Promise<void> };
  postgres: { stop(mode: "fast" | "immediate"): Promise<void>; start(): Promise<void> };
  owner: Face;
  ghosts: readonly Ghost[];
}

type Time = [from: number, to: number];

async function breakThings(wishes: ClusterWishes, { nodes, nats, postgres, owner, ghosts }: Breakable) {
  const [healthy, killed, paused] = nodes as [KillableServer, KillableServer, KillableServer];
  const began = performance.now();
  const part = wishes.seconds * 1_000;
  const at = (share: number) => Bun.sleep(Math.max(0, began + part * share - performance.now()));
  const removing = removeSome(personOf(owner, healthy.url), ghosts, part);
  await at(0.12);
  const calm: Time = [began + 2_000, performance.now()];
  wishes.say(`the bus is killed for ${wishes.natsAway} s`);
  await nats.stop();
  const withoutBus: Time = [performance.now(), 0];
  await Bun.sleep(wishes.natsAway * 1_000);
  withoutBus[1] = performance.now();
  await nats.start();
  await at(0.32);
  wishes.say("a node is killed, and started after 3 s");
  await killed.kill();
  await Bun.sleep(3_000);
  await killed.start();
  await at(0.5);
  wishes.say("the database is restarted, and then crashes");
  for (const mode of ["fast", "immediate"] as const) {
    await postgres.stop(mode);
    await Bun.sleep(1_000);
    await postgres.start();
    await Bun.sleep(2_000);
  }
  await at(0.68);
  wishes.say(`a node stands still for ${wishes.nodePaused} s`);
  process.kill(paused.pid, "SIGSTOP");
  await Bun.sleep(wishes.nodePaused * 1_000);
  process.kill(paused.pid, "SIGCONT");
  await at(1);
  await removing;
  return { calm, withoutBus };
}

/** One after the other, over the whole time, whatever is broken just then. */
async function removeSome(owner: Person, ghosts: readonly Ghost[], during: number): Promise<void> {
  const wanted = ghosts.flatMap((ghost) => ghost.rooms.slice(1).map((room) => ({ ghost, room })));
  for (const { ghost, room } of wanted) {
    await Bun.sleep((during * 0.9) / wanted.length);
    await owner.api.removeMember(room, ghost.person.id).catch(() => {});
  }
}

async function furnish(env: Record<string, string>, url: string, wishes: ClusterWishes) {
  const store = await openStore({
    database: parseConfig(env).database,
    dataDir: "",
    nonceKey: deriveKeys(SECRET).nonces,
    newEpoch: "",
    clock: systemClock,
    died: (why) => {
      throw new Error(why);
    },
    warn: () => {},
  });
  const [owner, ...faces] = await manyPeople(store, wishes.people + 1);
  await store.close();
  if (!owner) throw new Error("Nobody was made.");
  const { api } = personOf(owner, url);
  const rooms: number[] = [];
  for (let at = 0; at < wishes.rooms; at++) {
    rooms.push((await api.createRoom({ name: `room ${at}`, kind: at % 2 ? "private" : "public" })).id);
  }
  for (const [at, room] of rooms.entries()) {
    const here = faces.filter((_, who) =>
      Array.from({ length: ROOMS_EACH }, (_, i) => (who + i * 17) % rooms.length).includes(at),
    );
    await api.addMembers(
      room,
      here.map(({ id }) => id),
    );
  }
  return { faces, owner, rooms };
}

function personOf({ id, username, token }: Face, base: string): Person {
  const session = { accessToken: async () => token, rejected() {} };
  const api = createApi({ base, fetch, clock: systemClock, session });
  const device = () => {
    throw new Error("This one has its device already.");
  };
  return { id, username, password: "", session, api, token: session.accessToken, device };
}

/** How long it took from a send to each who heard it on another node, for sends of that time. */
function spread(history: readonly HistoryEntry[], from: number, to: number): Spread {
  const sent = new Map<string, { at: number; node: string }>();
  const took: number[] = [];
  for (const entry of history) {
    if (entry.op === "send" && entry.ty === "invoke" && entry.t >= from && entry.t < to) {
      sent.set(entry.id, { at: entry.t, node: nodeOf(entry.p) });
    } else if (entry.op === "recv") {
      const send = sent.get(entry.id);
      if (send && send.node !== nodeOf(entry.p)) took.push(entry.t - send.at);
    }
  }
  took.sort((a, b) => a - b);
  const share = (part: number) => Math.round((took[Math.floor((took.length - 1) * part)] ?? 0) * 10) / 10;
  return { count: took.length, p50: share(0.5), p99: share(0.99), most: share(1) };
}

function nodeOf(name: string): string {
  return name.slice(name.lastIndexOf("@"));
}
