import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ChildEnd, runChild } from "./child.ts";
import { readReport } from "./junit.ts";
import type { Step } from "./steps.ts";

export interface Outcome {
  passed: number;
  failed: number;
  /** Names of what was left out. */
  skipped: string[];
  /** One sentence for each thing that is wrong beside failed tests. */
  faults: string[];
  output: string;
}

export interface Place {
  root: string;
  notYetThere: readonly string[];
  milliseconds: number;
  stop: AbortSignal;
  heard(text: string): void;
}

/** Runs one step. Whatever is not surely well counts as failed. */
export async function runStep(step: Step, place: Place): Promise<Outcome> {
  const missing = step.needs.filter((path) => !isThere(step, place.root, path));
  const forgotten = missing.filter((path) => !place.notYetThere.includes(path));
  const skipped = missing.filter((path) => place.notYetThere.includes(path)).map((path) => `${path} is not there yet`);
  if (forgotten.length > 0) {
    return failure(forgotten.map((path) => `${path} is missing${step.kind === "tests" ? " or has no tests" : ""}`));
  }
  switch (step.kind) {
    case "command":
      return missing.length > 0 ? { ...failure([]), skipped } : runCommand(step, place);
    case "tests": {
      const files = testFiles(step, place.root);
      if (files.length === 0) return skipped.length > 0 ? { ...failure([]), skipped } : failure(["there are no tests"]);
      const outcome = await runTests(step, files, place);
      return { ...outcome, skipped: [...skipped, ...outcome.skipped] };
    }
    default:
      return step satisfies never;
  }
}

function isThere(step: Step, root: string, path: string): boolean {
  return step.kind === "tests" ? testsIn(root, path).length > 0 : existsSync(join(root, path));
}

function testFiles(step: Step & { kind: "tests" }, root: string): string[] {
  const outside = (file: string) => !step.except?.some((path) => file === path || file.startsWith(`${path}/`));
  return [...new Set(step.folders.flatMap((folder) => testsIn(root, folder)))].filter(outside).sort();
}

/** In a folder, or the one file. */
function testsIn(root: string, path: string): string[] {
  if (!existsSync(join(root, path))) return [];
  if (/\.test\.tsx?$/.test(path)) return [path];
  return Array.from(new Bun.Glob(`${path}/**/*.test.{ts,tsx}`).scanSync(root));
}

async function runCommand(step: Step & { kind: "command" }, place: Place): Promise<Outcome> {
  const end = await run(step.command, place);
  const faults = endFaults(end);
  if (faults.length === 0 && end.code !== 0) faults.push(`ended with code ${end.code}`);
  if (faults.length === 0 && step.says && !step.says.test(Bun.stripANSI(end.output)))
    faults.push("ended before it came to its end");
  return faults.length > 0
    ? { ...failure(faults), output: end.output }
    : { ...failure([]), passed: 1, output: end.output };
}

async function runTests(step: Step & { kind: "tests" }, files: string[], place: Place): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "parlour-check-"));
  try {
    const reportPath = join(folder, "report.xml");
    const report = [`--reporter=junit`, `--reporter-outfile=${reportPath}`];
    const words = ["test", ...step.flags, ...report, ...files.map((file) => `./${file}`)];
    const end = await run([process.execPath, ...words], place, step.env);
    return judge(end, await readFile(reportPath, "utf8").catch(() => null), files);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What a run of tests comes to, given how the runner ended, what it wrote and which files it was given. */
export function judge(end: ChildEnd, xml: string | null, files: readonly string[]): Outcome {
  const faults = endFaults(end);
  const report = xml === null ? null : readReport(xml);
  if (report === null) {
    const why = xml === null ? "wrote no report" : "wrote a broken report";
    return { ...failure(faults.length > 0 ? faults : [`${why}, code ${end.code}`]), output: end.output };
  }
  const silent = files.filter((file) => !report.files.has(file));
  faults.push(...silent.map((file) => `${file} ran no tests`));
  if (faults.length === 0 && (end.code === 0) !== (report.failed === 0)) {
    faults.push(`its exit code ${end.code} and its report, ${report.failed} failed, disagree`);
  }
  const { passed, failed, skipped } = report;
  return { passed, failed: failed + faults.length, skipped, faults, output: end.output };
}

function endFaults(end: ChildEnd): string[] {
  if (end.cut !== null) return [end.cut];
  return end.code === null ? ["ended without a code"] : [];
}

function run(
  command: readonly string[],
  { root, milliseconds, stop, heard }: Place,
  more: Record<string, string> = {},
): Promise<ChildEnd> {
  const env = { ...process.env, ...more, CI: "true", NO_COLOR: "1" }; // with CI, Bun refuses a forgotten test.only
  return runChild(command, { cwd: root, env, milliseconds, stop, heard });
}

function failure(faults: string[]): Outcome {
  return { passed: 0, failed: faults.length, skipped: [], faults, output: "" };
}
