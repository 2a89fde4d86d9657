import { showProgress } from "./progress.ts";
import { type Outcome, runStep } from "./run-step.ts";
import type { Step } from "./steps.ts";

export interface Plan {
  root: string;
  minutes: number;
  /** Milliseconds that a step gets beyond its time to end what it started. */
  patience: number;
  /** Those in a list of their own run at the same time. */
  steps: readonly (Step | readonly Step[])[];
  notYetThere: readonly string[];
}

/** Runs the steps in order. The last line and the exit code are told even when this itself breaks. */
export async function runAll(plan: Plan, run: typeof runStep = runStep): Promise<void> {
  const total = { passed: 0, failed: 0, skipped: [] as string[] };
  const stop = new AbortController();
  process.exitCode = 1;
  let finished = false;
  process.on("exit", () => {
    if (!finished) process.exitCode = 1;
    for (const name of total.skipped) console.log(`skipped: ${name}`);
    console.log(closingLine({ ...total, failed: total.failed + (finished ? 0 : 1) }));
  });
  for (const broken of ["uncaughtException", "unhandledRejection"] as const) {
    process.on(broken, (error: unknown) => {
      console.error(error);
      stop.abort();
      process.exit(1);
    });
  }
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stop.abort());

  const start = performance.now();
  for (const together of plan.steps.map((step) => ("kind" in step ? [step] : step))) {
    const progress = showProgress(together.map(({ name }) => name).join(", "));
    const ended = await Promise.all(together.map((step) => timed(step, plan, start, stop.signal, progress.heard, run)));
    progress.end();
    for (const { step, outcome, seconds } of ended) {
      tell(step, outcome, seconds);
      total.passed += outcome.passed;
      total.failed += outcome.failed;
      total.skipped.push(...outcome.skipped.map((name) => `${step.name}: ${name}`));
    }
  }
  finished = true;
  if (total.failed === 0 && total.passed > 0) process.exitCode = 0;
}

async function timed(
  step: Step,
  plan: Plan,
  start: number,
  stop: AbortSignal,
  heard: (text: string) => void,
  run: typeof runStep,
): Promise<{ step: Step; outcome: Outcome; seconds: number }> {
  const begun = performance.now();
  const left = plan.minutes * 60_000 - (begun - start);
  const milliseconds = Math.min(step.minutes * 60_000, left);
  const { root, notYetThere } = plan;
  let outcome: Outcome;
  try {
    if (stop.aborted) outcome = failed("was interrupted");
    else if (left <= 0) outcome = failed(`no time is left of ${plan.minutes} minutes`);
    else {
      const running = run(step, { root, notYetThere, milliseconds, stop, heard });
      outcome = await Promise.race([running, silence(milliseconds + plan.patience)]);
    }
  } catch (error) {
    outcome = failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  return { step, outcome, seconds: (performance.now() - begun) / 1_000 };
}

async function silence(milliseconds: number): Promise<Outcome> {
  await new Promise<void>((resolve) => setTimeout(resolve, milliseconds).unref());
  return failed("never answered");
}

function tell(step: Step, outcome: Outcome, seconds: number): void {
  const { passed, failed, skipped, faults, output } = outcome;
  if (failed > 0) console.log(`\n${output.trimEnd()}\n`);
  const word = failed > 0 ? "FAILED " : passed > 0 ? "ok     " : "skipped";
  const numbers = step.kind === "tests" ? closingLine({ passed, failed, skipped }) : "";
  console.log(`${word} ${step.name.padEnd(16)} ${seconds.toFixed(1).padStart(6)} s  ${numbers}`.trimEnd());
  for (const fault of faults) console.log(`        ${step.name} ${fault}`);
}

export function closingLine({ passed, failed, skipped }: Pick<Outcome, "passed" | "failed" | "skipped">): string {
  return `${passed} passed, ${failed} failed${skipped.length > 0 ? `, ${skipped.length} skipped` : ""}`;
}

function failed(fault: string): Outcome {
  return { passed: 0, failed: 1, skipped: [], faults: [fault], output: "" };
}
