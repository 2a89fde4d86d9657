import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { programs } from "./build.ts";
import { type Cores, flushMs, pinned, waitForQuiet } from "./machine.ts";

/** What a server's frames look like to the load client. */
export interface Dialect {
  port: number;
  /** What tells a sender that its message arrived: an `ack`, or hearing itself. */
  answers: "own" | "ack";
  /** What may have no gap: the server's `seq`, or each sender's own counter. */
  order: "counter" | "seq";
  /** How the frame of a delivered message begins. */
  delivery: string;
  /** Instead of the 100 bytes of everyone else. */
  contentBytes?: number;
}

/** Sockets that do the same. */
export interface Group {
  count: number;
  room: number;
  path: string;
  headers?: string[];
  steps?: { say?: string; await?: string }[];
  sender?: { inFlight: number; message: string };
  stalls?: boolean;
  /** A plain HTTP connection instead of a socket: its requests are sent in turn. */
  requests?: { method: string; path: string; body?: unknown }[];
}

export interface Task {
  dialect: Dialect;
  groups: Group[];
  pid: number;
  cores: Cores;
  warmMs: number;
  windowMs: number;
  windows?: number;
  rate?: number;
  requestRate?: number;
  contentBytes?: number;
  /** Something that is measured has to run on the load client's core: it may not spin there. */
  yields?: boolean;
  onStalled?: (clientPort: number) => void;
}

/** Sockets that stay: they speak now and then, and come back elsewhere when they are cut. */
export interface Staying {
  /** Where those that are cut from now on come back, in turn. */
  refuge(ports: readonly number[]): void;
  /** The next time that all that were away are live again: how many they were, and how long the last one took. */
  back(): Promise<{ away: number; seconds: number }>;
  end(): Promise<void>;
}

export interface Times {
  count: number;
  p50: number;
  p99: number;
  p999: number;
  most: number;
}

/** What the load client prints of one window; times are microseconds, processor use is seconds. */
export interface Window {
  seconds: number;
  deliveries: number;
  answers: number;
  sent: number;
  withheld: number;
  bytes: number;
  reads: number;
  answer: Times;
  last: Times;
  request: Times;
  lay: Lay | null;
  /** Seconds in which the client found nothing to read. */
  idle: number;
  own_cpu: number;
  server_cpu: number;
  machine_cpu: number;
}

export interface Outcome {
  windows: Window[];
  /** Anything here makes the run void. */
  faults: string[];
  drained: { bytes: number; cut: boolean }[];
  /** What a flush cost just before. */
  flushMs: number;
}

/** Whether the two processors shared a cache; `load/distance.c` tells why it matters. */
export type Lay = "near" | "far";

type Line =
  | ({ event: "window"; distances: [number, number] } & Omit<Window, "lay">)
  | { event: "held" }
  | { event: "back"; away: number; seconds: number }
  | { event: "stalled"; port: number }
  | { event: "drained"; bytes: number; cut: boolean }
  | ({ event: "end" } & Record<string, number>);

const OPENING_MS = 60_000;
const QUIET_WITHIN_MS = 10_000;

export async function runLoad(task: Task): Promise<Outcome> {
  await waitForQuiet(QUIET_WITHIN_MS);
  const outcome: Outcome = { windows: [], faults: [], drained: [], flushMs: flushMs() };
  const { child, remove } = startLoad(task, []);
  const limit = setTimeout(
    () => child.kill("SIGKILL"),
    OPENING_MS + task.warmMs + task.windowMs * (task.windows ?? 1) * 2,
  );
  for await (const line of linesOf(child.stdout)) {
    if (line.event === "window") outcome.windows.push({ ...line, lay: layOf(line.distances) });
    else if (line.event === "stalled") task.onStalled?.(line.port);
    else if (line.event === "drained") outcome.drained.push(line);
    else if (line.event === "end") outcome.faults.push(...faultsOf(line));
  }
  const said = (await new Response(child.stderr).text()).trim();
  if ((await child.exited) !== 0) throw new Error(said || "the load client ended without a word");
  if (outcome.faults.length > 0 && said) outcome.faults.push(said.split("\n")[0] ?? "");
  clearTimeout(limit);
  remove();
  return outcome;
}

const NEAR_NS = 200;

/** Looked at before and after; null when it changed meanwhile. */
function layOf([before, after]: [number, number]): Lay | null {
  if (before < NEAR_NS !== after < NEAR_NS) return null;
  return before < NEAR_NS ? "near" : "far";
}

/** Opens every socket and keeps them until `release`. */
export async function holdSockets(task: Task): Promise<{ release: () => Promise<void> }> {
  const { child, remove } = startLoad(task, ["hold"]);
  const release = async () => {
    child.kill();
    await child.exited;
    remove();
  };
  for await (const line of linesOf(child.stdout)) if (line.event === "held") return { release };
  throw new Error((await new Response(child.stderr).text()).trim());
}

/** Opens every socket and keeps it alive. `again` is what who comes back says first. */
export async function keepSockets(task: Task, again: string): Promise<Staying> {
  const { child, remove } = startLoad(task, ["stays", `again ${again}`]);
  const lines = linesOf(child.stdout);
  const next = async <Event extends Line["event"]>(event: Event): Promise<Extract<Line, { event: Event }>> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error((await new Response(child.stderr).text()).trim() || "the load client ended");
      if (value.event === event) return value as Extract<Line, { event: Event }>;
    }
  };
  await next("held");
  return {
    refuge: (ports) => {
      child.stdin.write(`${ports.join(" ")}\n`);
      child.stdin.flush();
    },
    back: () => next("back"),
    async end() {
      child.kill();
      await child.exited;
      remove();
    },
  };
}

function startLoad(task: Task, staying: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const path = join(folder, "plan");
  writeFileSync(path, planOf(task, staying));
  const child = Bun.spawn(pinned("load", task.cores, [programs.load, path]), {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  return { child, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** `load/plan.c` reads this. */
function planOf(task: Task, staying: readonly string[]): string {
  const { dialect } = task;
  const lines = [
    `port ${dialect.port}`,
    `answers ${dialect.answers}`,
    `order ${dialect.order}`,
    `delivery ${dialect.delivery}`,
    `content ${dialect.contentBytes ?? task.contentBytes ?? 100}`,
    `warm ${task.warmMs}`,
    `windows ${task.windows ?? 1} ${task.windowMs}`,
    `watch ${task.pid}`,
    `rate ${task.rate ?? 0}`,
    `request-rate ${task.requestRate ?? 0}`,
  ];
  lines.push(...staying);
  if (task.cores === "one" && !task.yields) lines.push("spins");
  for (const group of task.groups) {
    lines.push(`group ${group.count}`, `room ${group.room}`, `path ${group.path}`);
    for (const header of group.headers ?? []) lines.push(`header ${header}`);
    for (const step of group.steps ?? [])
      lines.push(step.say === undefined ? `await ${step.await}` : `say ${step.say}`);
    if (group.sender) lines.push(`sender ${group.sender.inFlight} ${group.sender.message}`);
    if (group.stalls) lines.push("stalls");
    for (const { method, path, body } of group.requests ?? [])
      lines.push(`request ${method} ${path}${body === undefined ? "" : ` ${JSON.stringify(body)}`}`);
  }
  return `${lines.join("\n")}\n`;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

function faultsOf(end: Record<string, unknown>): string[] {
  return Object.entries(end)
    .filter(([name, count]) => name !== "event" && typeof count === "number" && count > 0)
    .map(([name, count]) => `${count} ${name.replace("_", " ")}`);
}
