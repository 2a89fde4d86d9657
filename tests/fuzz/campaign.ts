import { parseArgs } from "node:util";
import { neverDone } from "./done-actions.ts";
import { type FuzzResult, fuzz } from "./fuzz.ts";

/** Runs seed after seed and says which failed: `--seeds N`, `--minutes N`, `--seconds N`, or `--seed N` to have one again. */
const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    minutes: { type: "string" },
    seconds: { type: "string" },
    seed: { type: "string" },
    from: { type: "string" },
  },
});

const limit =
  Number(values.seconds ?? Number.NaN) || Number(values.minutes ?? Number.NaN) * 60 || Number.POSITIVE_INFINITY;
const isTimed = Number.isFinite(limit);
const first = Number(values.seed ?? values.from ?? (isTimed ? Date.now() % 1_000_000_000 : 1));
const most = values.seed === undefined ? Number(values.seeds ?? (isTimed ? Number.POSITIVE_INFINITY : 1_000)) : 1;

/** After so many seeds even the rarest deed has been done often. */
const ENOUGH = 100;

const began = performance.now();
const sums = { acknowledged: 0, unknown: 0, received: 0, restarts: 0, cuts: 0 };
const failed: number[] = [];
const done = new Set<string>();
let runs = 0;
while (runs < most && (runs === 0 || performance.now() - began < limit * 1_000)) {
  const result = await run(first + runs);
  runs += 1;
  for (const name of result.done) done.add(name);
  for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += result[name];
  if (result.faults.length > 0) report(result);
  if (runs % 10 === 0) console.log(progress());
}
console.log(progress());
if (failed.length > 0)
  console.log(`To have one again: npm run fuzz -- --seed ${failed[0]}; failing: ${failed.join(" ")}`);
if (sums.acknowledged === 0) failed.push(Number.NaN);
if (runs >= ENOUGH && neverDone(done).length > 0) {
  console.log(`never done: ${neverDone(done).join(", ")}`);
  failed.push(Number.NaN);
}
console.log(`seeds ${runs}, failed ${failed.length}`);
console.log(`${runs} seeds, ${failed.length} failed`);
process.exit(failed.length === 0 ? 0 : 1);

async function run(seed: number): Promise<FuzzResult> {
  try {
    return await fuzz(seed);
  } catch (error) {
    const faults = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
    return { seed, faults, trace: [], done: new Set(), acknowledged: 0, unknown: 0, received: 0, restarts: 0, cuts: 0 };
  }
}

function report({ seed, faults, trace }: FuzzResult): void {
  failed.push(seed);
  console.log(`seed ${seed} failed after ${trace.length} deeds:\n${faults.slice(0, 8).join("\n")}`);
  if (values.seed !== undefined) console.log(trace.join("\n"));
}

function progress(): string {
  const { acknowledged, unknown, received, restarts, cuts } = sums;
  const seconds = ((performance.now() - began) / 1_000).toFixed(0);
  return `${runs} seeds in ${seconds} s: ${acknowledged} messages acknowledged, ${unknown} sends and events without an answer, ${received} events heard, ${cuts} cuts, ${restarts} restarts; ${failed.length} failed`;
}
