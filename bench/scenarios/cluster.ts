import { makeCrowd } from "../contestants/crowd.ts";
import { type Nats, startNats } from "../contestants/nats.ts";
import { startPostgres } from "../contestants/postgres.ts";
import { type Running, startProcess } from "../contestants/process.ts";
import { type Group, keepSockets, type Staying } from "../load.ts";
import { cpuSeconds, residentBytes } from "../machine.ts";
import type { Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const NODES = 3;
const SOCKETS = 15_000;
const QUICK_SOCKETS = 2_000;
const SETTLES_MS = 8_000;
const IDLE_MS = 15_000;
const AFTER_JOIN_MS = 5_000;
const SAMPLE_MS = 250;
const SECRET = "of the measurements alone, and long enough";

const place = { cores: "all", flushDelayMs: 0 } as const;

export const cluster: Scenario = {
  name: "cluster",
  title: `Cluster: ${NODES} nodes with ${SOCKETS.toLocaleString("en")} idle sockets each`,
  conditions:
    "every socket another person with a session, a member of 20 private rooms of 30 people; nodes, PostgreSQL, NATS and clients share the machine; who is cut comes back as clients do, by fewest connections; a quick run has 2,000 each",
  run: (bench) => measure(bench.wanted === 1 ? QUICK_SOCKETS : SOCKETS, bench.say),
};

interface Node extends Running {
  readonly name: string;
  readonly began: number;
  readonly readyMs: number;
}

async function measure(sockets: number, say: (text: string) => void): Promise<Row[]> {
  const postgres = await startPostgres(place.cores);
  const nats = await startNats(place.cores);
  const standing: Node[] = [];
  const clients: Staying[] = [];
  const start = async (name: string) => {
    const node = await startNode(name, { DATABASE_URL: postgres.url, NATS_URL: nats.url, SECRET_KEY: SECRET });
    standing.push(node);
    return node;
  };
  try {
    const first = await start("a");
    say(`cluster · ${NODES * sockets} people are made`);
    const crowd = await makeCrowd(postgres.url, SECRET, NODES * sockets);
    const nodes = [first, await start("b"), await start("c")] as [Node, Node, Node];
    const before = nodes.map(({ pid }) => residentBytes(pid));
    const opening = performance.now();
    const opened = nodes.map(({ port, pid }, at) => {
      const groups = crowd.tokens.slice(at * sockets, (at + 1) * sockets).map(socketOf);
      const dialect = { port, answers: "ack", order: "seq", delivery: '{"type":"message"' } as const;
      return keepSockets({ dialect, groups, pid, cores: place.cores, warmMs: 0, windowMs: 0 }, crowd.again);
    });
    for (const each of opened) clients.push(await each);
    const openedIn = (performance.now() - opening) / 1000;
    say(`cluster · ${NODES * sockets} sockets opened in ${openedIn.toFixed(1)} s`);
    await Bun.sleep(SETTLES_MS);
    const rows = [memoryRow(nodes, before, sockets, openedIn)];
    const all = { nodes, nats, postgres: postgres.pid };
    const idle = await use(all, () => Bun.sleep(IDLE_MS));
    rows.push(idleRow(idle, nodes));
    say(`cluster · idle: ${JSON.stringify(rows.at(-1)?.also)}`);

    const [a, b, c] = nodes;
    let joined: Node | null = null;
    const joining = await use(all, async () => {
      joined = await start("d");
      await Bun.sleep(AFTER_JOIN_MS);
    });
    const d = joined as unknown as Node;
    rows.push(joinRow(d, joining, idle, nodes));
    say(`cluster · a fourth joined in ${d.readyMs.toFixed(0)} ms`);

    // So many that nobody has more than 20,000, which is as many files as a process may have in many places.
    for (const client of clients) client.refuge([d, d, d, d, b, c].map(({ port }) => port));
    const drained = await leave("drained, SIGTERM", [b, c, d], clients.slice(0, 1), () => void a.stop());
    rows.push(drained);
    say(`cluster · ${drained.shape}: ${drained.runs} s, ${JSON.stringify(drained.also)}`);

    const e = await start("e");
    for (const client of clients) client.refuge([e, e, e, d].map(({ port }) => port));
    const killed = await leave("killed, SIGKILL", [c, d, e], clients.slice(0, 2), () => b.kill());
    rows.push(killed);
    say(`cluster · ${killed.shape}: ${killed.runs} s, ${JSON.stringify(killed.also)}`);
    return rows;
  } finally {
    await Promise.all(clients.map((client) => client.end()));
    await Promise.all(standing.map((node) => node.stop()));
    nats.stop();
    await postgres.stop();
  }
}

async function startNode(name: string, more: Record<string, string>): Promise<Node> {
  const began = performance.now();
  const running = await startProcess(place, (port, directory) => ({
    words: [process.execPath, `${import.meta.dir}/../../bin/parlour.ts`, "start"],
    env: { HOST: "127.0.0.1", PORT: String(port), DATA_DIR: directory, RATE_LIMITS: "off", LOG_LEVEL: "warn", ...more },
  }));
  while (!(await fetch(`http://127.0.0.1:${running.port}/readyz`).catch(() => null))?.ok) await Bun.sleep(10);
  return { ...running, name, began, readyMs: performance.now() - began };
}

function socketOf(token: string): Group {
  const steps = [{ say: '{"type":"hello"}' }, { await: '"type":"ready"' }];
  return { count: 1, room: 0, path: "/ws", headers: [`Authorization: Bearer ${token}`], steps };
}

interface Used {
  seconds: number;
  /** Of a core, each node's. */
  nodes: number[];
  postgres: number;
  nats: number;
  /** On the bus, a second. */
  messages: number;
  bytes: number;
}

async function use(
  all: { nodes: readonly Node[]; nats: Nats; postgres: number },
  run: () => Promise<unknown>,
): Promise<Used> {
  const look = async () => ({
    at: performance.now() / 1000,
    nodes: all.nodes.map(({ pid }) => cpuSeconds(pid)),
    postgres: cpuSeconds(all.postgres, true),
    nats: cpuSeconds(all.nats.pid),
    ...(await all.nats.said()),
  });
  const from = await look();
  await run();
  const to = await look();
  const seconds = to.at - from.at;
  return {
    seconds,
    nodes: to.nodes.map((used, at) => (used - (from.nodes[at] ?? 0)) / seconds),
    postgres: (to.postgres - from.postgres) / seconds,
    nats: (to.nats - from.nats) / seconds,
    messages: (to.messages - from.messages) / seconds,
    bytes: (to.bytes - from.bytes) / seconds,
  };
}

/** From the signal until everybody who was on that node is live on others; what the others took for it meanwhile. */
async function leave(how: string, others: readonly Node[], gone: readonly Staying[], end: () => void): Promise<Row> {
  const before = others.map(({ pid }) => cpuSeconds(pid));
  let last = before;
  let peakCpu = 0;
  let peakBytes = 0;
  let lookedAt = performance.now();
  const began = lookedAt;
  const timer = setInterval(() => {
    const now = others.map(({ pid }) => cpuSeconds(pid));
    const seconds = (performance.now() - lookedAt) / 1000;
    for (const [at, used] of now.entries()) peakCpu = Math.max(peakCpu, (used - (last[at] ?? 0)) / seconds);
    for (const { pid } of others) peakBytes = Math.max(peakBytes, residentBytes(pid));
    last = now;
    lookedAt = performance.now();
  }, SAMPLE_MS);
  end();
  const back = await Promise.all(gone.map((client) => client.back()));
  clearInterval(timer);
  const seconds = (performance.now() - began) / 1000;
  const away = back.reduce((sum, each) => sum + each.away, 0);
  const used = others.reduce((sum, { pid }, at) => sum + cpuSeconds(pid) - (before[at] ?? 0), 0);
  const also = {
    "CPU of the others": `${used.toFixed(1)} s`,
    "busiest in a quarter of a second": `${(peakCpu * 100).toFixed(0)} %`,
    "largest RSS": `${(peakBytes / 1e6).toFixed(0)} MB`,
  };
  return {
    shape: `a node is ${how}`,
    who: `${away} away`,
    unit: "s until all are live",
    runs: [seconds],
    also,
    faults: [],
  };
}

function memoryRow(nodes: readonly Node[], before: readonly number[], sockets: number, openedIn: number): Row {
  const runs = nodes.map(({ pid }, at) => (residentBytes(pid) - (before[at] ?? 0)) / sockets);
  const also = {
    "RSS before": `${((before[0] ?? 0) / 1e6).toFixed(0)} MB`,
    "all opened in": `${openedIn.toFixed(1)} s`,
  };
  return { shape: `${sockets} sockets a node`, who: "a node", unit: "bytes RSS a socket", runs, also, faults: [] };
}

function idleRow(idle: Used, nodes: readonly Node[]): Row {
  const also = {
    PostgreSQL: percent(idle.postgres),
    NATS: percent(idle.nats),
    "on the bus": `${idle.messages.toFixed(1)} messages, ${idle.bytes.toFixed(0)} bytes a second of ${nodes.length} nodes`,
  };
  const runs = idle.nodes.map((share) => share * 100);
  return { shape: "nobody speaks", who: "a node", unit: "% of a core", runs, also, faults: [] };
}

function joinRow(node: Node, joining: Used, idle: Used, nodes: readonly Node[]): Row {
  const more = (now: number, then: number) => (now - then) * joining.seconds;
  const cpu = joining.nodes.reduce((sum, share, at) => sum + more(share, idle.nodes[at] ?? 0), 0);
  const also = {
    "on the bus": `${Math.max(0, more(joining.messages, idle.messages)).toFixed(0)} messages more than at rest`,
    "CPU of the others": `${Math.max(0, cpu).toFixed(2)} s more than at rest, of ${nodes.length}`,
  };
  return {
    shape: "a node joins",
    who: node.name,
    unit: "ms until it is ready",
    runs: [node.readyMs],
    also,
    faults: [],
  };
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} % of a core`;
}
