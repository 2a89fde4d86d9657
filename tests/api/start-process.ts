import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dir, "../..");

export interface Ended {
  readonly code: number;
  /** What it said on either way out, line by line. */
  readonly lines: readonly string[];
}

export interface Started {
  readonly process: Bun.Subprocess<"ignore", "pipe", "pipe">;
  /** Resolves with its address once it listens; rejects with what it said if it ends before that. */
  readonly ready: Promise<string>;
  readonly ended: Promise<Ended>;
}

/** Starts Parlour as an operator does: another process, and nothing in its environment but what is given. */
export function startProcess(env: Record<string, string>, folder = emptyFolder()): Started {
  const process_ = Bun.spawn([process.execPath, join(root, "bin/parlour.ts"), "start"], {
    cwd: folder,
    env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", PORT: "0", DATA_DIR: join(folder, "data"), ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const said: string[] = [];
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  // Nobody may be waiting for it when it ends.
  ready.catch(() => {});
  const reading = [process_.stdout, process_.stderr].map((stream) =>
    eachLine(stream, (line) => {
      said.push(line);
      const url = /^Parlour is at (\S+)/.exec(line)?.[1];
      if (url) resolve(url);
    }),
  );
  const ended = Promise.all([process_.exited, ...reading]).then(([code]) => {
    const lines = said.filter((line) => line !== "" && !line.startsWith("Building the page"));
    reject(new Error(`It ended with ${code}: ${lines.join("\n")}`));
    return { code, lines };
  });
  return { process: process_, ready, ended };
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "parlour-process-"));
}

async function eachLine(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) take(line);
  }
  if (rest !== "") take(rest);
}
