import { readFileSync } from "node:fs";
import { eventually } from "#tests/support/eventually.ts";

/**
 * The words before a program's own by which it runs under strace, which writes to `file`. The program stays the child
 * of whoever starts it, and its pid is its own.
 */
export function underStrace(file: string, ...expressions: string[]): string[] {
  const each = expressions.flatMap((expression) => ["-e", expression]);
  return ["strace", "-D", "-f", "--seccomp-bpf", "-q", "-y", "-s", "300", "-o", file, ...each];
}

/** Strace, from Debian's own packages where they may be installed. */
export async function needStrace(): Promise<void> {
  if (Bun.which("strace") === null && process.getuid?.() === 0 && Bun.which("apt-get") !== null) {
    const install = "apt-get update -qq; apt-get install -qq -y strace";
    await Bun.spawn(["sh", "-c", install], { stdout: "ignore", stderr: "ignore" }).exited;
  }
  if (Bun.which("strace") === null) throw new Error("strace is not installed: run `apt-get install strace` as root.");
}

/** All that was traced of a process that has ended. */
export async function traceOf(file: string, pid: number): Promise<string> {
  const end = new RegExp(String.raw`^${pid} +\+\+\+ (exited|killed)`, "m");
  let text = "";
  await eventually(() => {
    text = readFileSync(file, "utf8");
    if (!end.test(text)) throw new Error(`The trace of process ${pid} does not end.`);
  });
  return text;
}
