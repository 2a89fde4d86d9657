import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "../compare.ts";
import { freePort, pinned, residentBytes, waitForQuiet } from "../machine.ts";
import type { Row } from "../result.ts";
import type { Scenario } from "./scenario.ts";

const ROUNDS = 7;
const SETTLES_MS = 2_000;
const WITHIN_MS = 10_000;

const programs = [
  { who: "bare Bun", words: (port: number, at: string) => [`${import.meta.dir}/../peers/bare-bun.ts`, `${port}`, at] },
  { who: "Parlour", words: () => [`${import.meta.dir}/../../bin/parlour.ts`, "start"] },
];

export const start: Scenario = {
  name: "start",
  title: "Start: an empty server, the page built before",
  conditions: `from the start of the process to its first answer, and its RSS ${SETTLES_MS / 1000} s later; an empty data folder each time; budgets 150 ms and 60 MB`,
  async run(bench) {
    const rows = programs.flatMap(({ who }): Row[] => [
      { shape: "first answer", who, unit: "ms", runs: [], also: {}, faults: [] },
      { shape: "RSS, empty", who, unit: "MB", runs: [], also: {}, faults: [] },
    ]);
    // The first one of each builds what is not built, and is not counted.
    for (let round = 0; round <= (bench.wanted > 1 ? ROUNDS : 1); round++) {
      for (const { who, words } of programs) {
        const { ms, bytes } = await once(words);
        if (round === 0) continue;
        const [first, rss] = rows.filter((row) => row.who === who);
        first?.runs.push(ms);
        rss?.runs.push(bytes / 1e6);
        say(bench, who, ms, bytes);
      }
    }
    return rows;
  },
};

async function once(words: (port: number, directory: string) => string[]): Promise<{ ms: number; bytes: number }> {
  await waitForQuiet(SETTLES_MS);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const env = { ...process.env, HOST: "127.0.0.1", PORT: String(port), DATA_DIR: directory, LOG_LEVEL: "warn" };
  const command = pinned("server", "all", [process.execPath, ...words(port, directory)]);
  const began = performance.now();
  const child = Bun.spawn(command, { env, stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  try {
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
      await answer?.arrayBuffer();
      if (answer) break;
      if (child.exitCode !== null || performance.now() - began > WITHIN_MS) throw new Error("it did not answer");
      await Bun.sleep(1);
    }
    const ms = performance.now() - began;
    await Bun.sleep(SETTLES_MS);
    return { ms, bytes: residentBytes(child.pid) };
  } finally {
    child.kill();
    await child.exited;
    rmSync(directory, { recursive: true, force: true });
  }
}

function say(bench: Bench, who: string, ms: number, bytes: number): void {
  bench.say(`start · ${who}: ${ms.toFixed(0)} ms, ${(bytes / 1e6).toFixed(1)} MB`);
}
