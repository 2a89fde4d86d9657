import { spawn } from "node:child_process";

export interface ChildEnd {
  /** The exit code; a child that was killed or never started has none. */
  code: number | null;
  /** Why it did not come to its own end. */
  cut: string | null;
  output: string;
}

/** Runs a command to its end, and ends with it all that it started. */
export function runChild(
  command: readonly string[],
  options: { cwd: string; env: NodeJS.ProcessEnv; milliseconds: number; stop: AbortSignal; heard(text: string): void },
): Promise<ChildEnd> {
  return new Promise((resolve) => {
    const [program = "", ...words] = command;
    // A group of its own, so that what it leaves behind can be found and ended by the group's id.
    const stdio: ["ignore", "pipe", "pipe"] = ["ignore", "pipe", "pipe"];
    const child = spawn(program, words, { cwd: options.cwd, env: options.env, stdio, detached: true });
    let output = "";
    let cut: string | null = null;
    let killer: Timer | undefined;

    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        options.heard(text);
      });
    }
    const cutOff = (why: string) => {
      cut ??= why;
      signalGroup(child.pid, "SIGTERM");
      killer ??= setTimeout(() => signalGroup(child.pid, "SIGKILL"), 5_000);
    };
    const deadline = setTimeout(() => cutOff("took too long"), options.milliseconds);
    const stopped = () => cutOff("was interrupted");
    options.stop.addEventListener("abort", stopped, { once: true });
    const settle = (code: number | null) => {
      clearTimeout(deadline);
      clearTimeout(killer);
      options.stop.removeEventListener("abort", stopped);
      resolve({ code, cut, output });
    };
    child.on("error", (error) => {
      cut ??= `did not start: ${error.message}`;
      settle(null);
    });
    child.on("exit", (_, signal) => {
      if (signal !== null) cut ??= `was killed by ${signal}`;
      signalGroup(child.pid, "SIGKILL"); // or what it left behind would hold its output open, and "close" never come
    });
    child.on("close", (code) => settle(code));
  });
}

function signalGroup(leader: number | undefined, signal: "SIGTERM" | "SIGKILL"): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, signal);
  } catch {
    // Nobody is left in the group.
  }
}
