import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, onlyChild, pinned, waitForPort } from "../machine.ts";
import type { Place } from "./contestant.ts";

export interface Running {
  pid: number;
  port: number;
  /** Its own, gone when it stops. */
  directory: string;
  stop(): Promise<void>;
  /** As the lack of memory ends it. */
  kill(): void;
}

const LISTENS_WITHIN_MS = 15_000;
const STOPS_WITHIN_MS = 10_000;

/** A run that is broken off leaves no server behind. */
const standing = new Set<() => void>();
process.on("exit", () => {
  for (const abandon of standing) abandon();
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => process.exit(130));

/** Starts a server of its own process, on its own core, with a directory that goes away with it. */
export async function startProcess(
  place: Place,
  command: (port: number, directory: string) => { words: string[]; env?: Record<string, string> },
): Promise<Running> {
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const { words, env } = command(port, directory);
  const delayed = place.flushDelayMs > 0 ? [...delayFlushes(place.flushDelayMs), ...words] : words;
  const child = Bun.spawn(pinned("server", place.cores, delayed), {
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const abandon = () => {
    if (child.exitCode === null && child.signalCode === null) process.kill(onlyChild(child.pid), "SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  };
  standing.add(abandon);
  const stop = async () => {
    standing.delete(abandon);
    if (child.exitCode === null && child.signalCode === null) process.kill(onlyChild(child.pid), "SIGTERM");
    const limit = setTimeout(() => child.kill("SIGKILL"), STOPS_WITHIN_MS);
    await child.exited;
    clearTimeout(limit);
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await waitForPort(port, child.exited, LISTENS_WITHIN_MS);
  } catch (error) {
    standing.delete(abandon);
    child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
    const said = (await new Response(child.stderr).text()).trim().split("\n").slice(-3).join(" / ");
    throw new Error(`${error instanceof Error ? error.message : error}${said && `: ${said}`}`);
  }
  return {
    pid: place.flushDelayMs > 0 ? onlyChild(child.pid) : child.pid,
    port,
    directory,
    stop,
    kill: () => child.kill("SIGKILL"),
  };
}

/** seccomp keeps strace out of every other call, which would cost more than what is measured. */
function delayFlushes(ms: number): string[] {
  const calls = "fdatasync,fsync";
  const inject = `inject=${calls}:delay_enter=${ms * 1000}`;
  return ["strace", "-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "-e", `trace=${calls}`, "-e", inject];
}
