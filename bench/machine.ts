import {
  closeSync,
  existsSync,
  fdatasyncSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { createServer } from "node:net";
import { arch, cpus, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";

/** One core each for server and load client, or both for whoever wants them. */
export type Cores = "one" | "all";

export function pinned(side: "server" | "load", cores: Cores, command: string[]): string[] {
  const wanted = first ? ["nice", "-n", "-15", ...command] : command;
  if (cores === "all" || !Bun.which("taskset")) return wanted;
  return ["taskset", "-c", side === "server" ? "0" : "1", ...wanted];
}

let first = false;

/** On a machine that others use too: what is measured goes before them. Only root may. */
export function goFirst(): void {
  first = true;
  // Where the kernel shares the processors among sessions, a process's own niceness counts within its session only.
  if (existsSync(AUTOGROUP)) writeFileSync(AUTOGROUP, "-15");
}

const AUTOGROUP = "/proc/self/autogroup";

const QUIET_SHARE = 0.1;
const LOOKS_MS = 250;

/** Waits for a moment in which nobody else uses the machine, but not for ever. */
export async function waitForQuiet(mostMs: number): Promise<void> {
  let before = busySeconds();
  for (const until = performance.now() + mostMs; performance.now() < until; ) {
    await Bun.sleep(LOOKS_MS);
    const now = busySeconds();
    if ((now - before) / (LOOKS_MS / 1000) / cpus().length < QUIET_SHARE) return;
    before = now;
  }
}

function busySeconds(): number {
  return cpus().reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores of ${model}, ${memory} GiB, Linux ${release()} ${arch()}, Bun ${Bun.version}`;
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

export async function waitForPort(port: number, exited: Promise<number>, withinMs: number): Promise<void> {
  let code: number | undefined;
  void exited.then((value) => {
    code = value;
  });
  for (const until = performance.now() + withinMs; performance.now() < until; await Bun.sleep(20)) {
    if (code !== undefined) throw new Error(`it ended with ${code} before it listened`);
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).catch(() => undefined);
    if (socket === undefined) continue;
    socket.end();
    return;
  }
  throw new Error(`it did not listen within ${withinMs} ms`);
}

const FLUSHES = 15;

/** What a flush of one page costs just now: a disk that others use, too, may take several times its best. */
export function flushMs(): number {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const file = openSync(join(folder, "flushed"), "w");
  const page = new Uint8Array(4096);
  const times = Array.from({ length: FLUSHES }, () => {
    const began = performance.now();
    writeSync(file, page);
    fdatasyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(folder, { recursive: true });
  return times.toSorted((a, b) => a - b)[FLUSHES >> 1] ?? 0;
}

export function residentBytes(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(found?.[1] ?? 0) * 1024;
}

/** What a process has used so far, and with `all` the processes that it started. */
export function cpuSeconds(pid: number, all = false): number {
  const stat = (of: number | string) => readFileSync(`/proc/${of}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const used = (words: string[]) => (Number(words[11]) + Number(words[12])) / TICKS_A_SECOND;
  if (!all) return used(stat(pid));
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return found.reduce((sum, name) => {
    try {
      const words = stat(name);
      return Number(name) === pid || Number(words[1]) === pid ? sum + used(words) : sum;
    } catch {
      return sum; // It has ended meanwhile.
    }
  }, 0);
}

const TICKS_A_SECOND = 100;

/** The process that `strace` or `taskset` was asked to start, when they stay its parent. */
export function onlyChild(pid: number): number {
  const path = `/proc/${pid}/task/${pid}/children`;
  const child = existsSync(path) ? Number(readFileSync(path, "utf8").trim().split(" ")[0]) : 0;
  return child || pid;
}

/** Whether the server's end of a connection still stands; a reader that does not read cannot notice its end. */
export function serverHolds(serverPort: number, clientPort: number): boolean {
  const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");
  const established = "01";
  return ["/proc/net/tcp", "/proc/net/tcp6"].some((path) =>
    readFileSync(path, "utf8")
      .split("\n")
      .some((line) => {
        const [, local = "", remote = "", state] = line.trim().split(/\s+/);
        return local.endsWith(`:${hex(serverPort)}`) && remote.endsWith(`:${hex(clientPort)}`) && state === established;
      }),
  );
}
