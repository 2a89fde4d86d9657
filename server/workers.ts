import type { Subprocess } from "bun";
import type { Config } from "./config.ts";

/** What one of several processes is told on its command line. */
export interface StartWords {
  /** Null: one process, which is the server. */
  workers: number | null;
  /** Which one of several this process is, from 1. */
  worker: number | null;
}

/** Why the words after `start` cannot be meant, in one line. */
export class WorkersFault extends Error {}

const MOST = 64;

export function readStartWords(words: readonly string[]): StartWords {
  const [name, value, ...more] = words;
  if (name === undefined) return { workers: null, worker: null };
  const count = Number(value);
  if ((name !== "--workers" && name !== "--worker") || more.length > 0) {
    throw new WorkersFault(`"start" knows --workers N, and not "${words.join(" ")}".`);
  }
  if (!Number.isInteger(count) || count < 1 || count > MOST) {
    throw new WorkersFault(`--workers is "${value ?? ""}": it must be a whole number from 1 to ${MOST}.`);
  }
  return name === "--workers" ? { workers: count, worker: null } : { workers: null, worker: count };
}

export function refuseWorkers(config: Config): void {
  if (config.database.kind === "sqlite") {
    throw new WorkersFault(
      "--workers starts several processes on one database, and an SQLite file has one process to itself: set DATABASE_URL to a PostgreSQL and NATS_URL to a nats-server, or start without --workers.",
    );
  }
  if (!config.nats) {
    throw new WorkersFault("--workers needs NATS_URL: by it the processes hear of each other at once.");
  }
  if (config.port === 0) {
    throw new WorkersFault("--workers needs a PORT that all of them share: PORT 0 would be another one for each.");
  }
}

export interface WorkersSettings {
  count: number;
  /** Starts one; the number is its own. */
  command: (worker: number) => string[];
  warn: (line: string) => void;
  wait?: (ms: number) => Promise<void>;
}

export interface Workers {
  /** What the first one said when it ran. */
  readonly said: string;
  readonly pids: number[];
  stop(): Promise<void>;
}

const REST_LEAST = 500;
const REST_MOST = 30_000;
/** One that lived for so long did not die of how it was started. */
const LIVED = 60_000;
const STOPS_WITHIN = 15_000;

/**
 * So many processes of the same server on one port. One that dies is started again, after a rest that grows while it goes
 * on dying. They end with this process, however it ends: each reads a line from it that breaks.
 */
export async function startWorkers(settings: WorkersSettings): Promise<Workers> {
  const wait = settings.wait ?? ((ms: number) => Bun.sleep(ms));
  const running = new Map<number, Worker>();
  let isStopping = false;
  const keep = async (at: number, first: Worker) => {
    let rest = REST_LEAST;
    for (let worker = first; ; ) {
      running.set(at, worker);
      const began = performance.now();
      const code = await worker.child.exited;
      running.delete(at);
      if (isStopping) return;
      if (performance.now() - began > LIVED) rest = REST_LEAST;
      settings.warn(`worker ${at} ended (${code}) and is started again in ${rest} ms`);
      await wait(rest);
      rest = Math.min(rest * 2, REST_MOST);
      if (isStopping) return;
      worker = startOne(settings.command(at));
    }
  };
  const stop = async () => {
    isStopping = true;
    const all = [...running.values()];
    for (const { child } of all) child.kill("SIGTERM");
    const ended = Promise.all(all.map(({ child }) => child.exited));
    await Promise.race([ended, Bun.sleep(STOPS_WITHIN)]);
    for (const { child } of all) if (child.exitCode === null) child.kill("SIGKILL");
  };
  // The first one alone, because what is wrong is wrong for all and is said once.
  const first = startOne(settings.command(1));
  const said = await first.said;
  if (said === null) throw new WorkersFault("The first worker did not start; it says why above.");
  void keep(1, first);
  for (let at = 2; at <= settings.count; at++) void keep(at, startOne(settings.command(at)));
  return {
    said,
    get pids() {
      return [...running.values()].map(({ child }) => child.pid);
    },
    stop,
  };
}

interface Worker {
  child: Subprocess<"pipe", "pipe", "inherit">;
  /** Null when it ended without saying that it runs. */
  said: Promise<string | null>;
}

function startOne(command: string[]): Worker {
  const child = Bun.spawn(command, { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
  return { child, said: firstWords(child.stdout) };
}

/** All that it says is read, or it would wait for its reader one day. */
async function firstWords(stdout: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  void (async () => {
    let said = "";
    for await (const part of stdout.pipeThrough(new TextDecoderStream())) {
      if (said.endsWith("\n")) continue;
      said += part;
      if (said.includes("Parlour is at") && said.endsWith("\n")) resolve(said);
    }
    resolve(null);
  })();
  return promise;
}

/** For a worker: runs when the process that started it is gone. */
export async function whenAbandoned(run: () => void): Promise<void> {
  for await (const _ of Bun.stdin.stream());
  run();
}
