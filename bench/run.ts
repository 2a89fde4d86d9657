import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { buildPrograms } from "./build.ts";
import type { Bench } from "./compare.ts";
import { parlour, parlourOnPostgres } from "./contestants/parlour.ts";
import { bareBun, limitAsLong, limitEach, limitJoined, wsLoop } from "./contestants/plain.ts";
import { describeMachine, goFirst } from "./machine.ts";
import { plotOf } from "./plot.ts";
import { pageOf, tableOf } from "./report.ts";
import type { Result } from "./result.ts";
import { cluster } from "./scenarios/cluster.ts";
import { durable, slowDisk } from "./scenarios/durable.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { history } from "./scenarios/history.ts";
import { idle } from "./scenarios/idle.ts";
import { latency } from "./scenarios/latency.ts";
import { mixed } from "./scenarios/mixed.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { slowReader } from "./scenarios/slow-reader.ts";
import { start } from "./scenarios/start.ts";

const scenarios = [start, fanOut, durable, slowDisk, latency, history, idle, slowReader, mixed, cluster];
const contestants = [limitJoined, limitAsLong, limitEach, bareBun, wsLoop, parlour, parlourOnPostgres];
const folder = import.meta.dir;

const words = process.argv.slice(2);
const quick = words.includes("--quick");
const options = ["--quick", "--first"];
if (words.includes("--first")) goFirst();
const names = words.filter((word) => !word.startsWith("--"));
const unknown = names.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0 || words.some((word) => word.startsWith("--") && !options.includes(word))) {
  console.error(`npm run bench -- [--quick] [--first] [${scenarios.map(({ name }) => name).join(" | ")}]`);
  process.exit(2);
}

const bench: Bench = {
  ...(quick
    ? { wanted: 1, roundsMost: 1, warmMs: 500, windows: 2, windowMs: 500, openWindowMs: 1000 }
    : { wanted: 3, roundsMost: 4, warmMs: 1000, windows: 4, windowMs: 600, openWindowMs: 2500 }),
  say: (text) => console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`),
};

try {
  buildPrograms();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
const made: Result[] = [];
for (const scenario of scenarios) if (names.length === 0 || names.includes(scenario.name)) await run(scenario);
for (const result of made) console.log(`\n${result.title}\n${tableOf(result).join("\n")}`);
keep(made);

async function run(scenario: Scenario) {
  try {
    made.push({
      scenario: scenario.name,
      title: scenario.title,
      conditions: scenario.conditions,
      when: new Date().toISOString(),
      commit: commit(),
      machine: describeMachine(),
      rows: await scenario.run(bench),
    });
  } catch (error) {
    bench.say(`${scenario.name} was not measured: ${error instanceof Error ? error.message : error}`);
  }
}

/** A scenario run alone takes the place of its own old figures; a quick run is not worth keeping beside real ones. */
function keep(results: Result[]) {
  const place = quick ? `${folder}/build/quick` : `${folder}/results/latest`;
  mkdirSync(`${folder}/results`, { recursive: true });
  const kept: Result[] = existsSync(`${place}.json`) ? JSON.parse(readFileSync(`${place}.json`, "utf8")) : [];
  const all = scenarios.flatMap(({ name }) => {
    const found = results.find((result) => result.scenario === name) ?? kept.find((result) => result.scenario === name);
    return found ? [found] : [];
  });
  writeFileSync(`${place}.json`, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(`${place}.md`, pageOf(all, contestants));
  writeFileSync(`${place}.svg`, plotOf(all));
  console.log(`\nWritten: ${["md", "json", "svg"].map((end) => `${place}.${end}`).join(", ")}`);
}

function commit(): string {
  const asked = Bun.spawnSync(["git", "rev-parse", "--short", "HEAD"], { cwd: folder });
  return asked.success ? asked.stdout.toString().trim() : "unknown";
}
