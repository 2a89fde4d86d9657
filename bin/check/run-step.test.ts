import { afterEach, beforeEach, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Outcome, runStep } from "./run-step.ts";
import type { Step } from "./steps.ts";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "parlour-steps-"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

function run(step: Step, options: { notYetThere?: string[]; milliseconds?: number; stop?: AbortSignal } = {}) {
  const { notYetThere = [], milliseconds = 20_000, stop = new AbortController().signal } = options;
  return runStep(step, { root, notYetThere, milliseconds, stop, heard: () => {} });
}

function script(code: string, says?: RegExp): Step {
  const command = [process.execPath, "-e", code];
  return { kind: "command", name: "script", minutes: 1, needs: [], command, ...(says && { says }) };
}

const tests: Step = { kind: "tests", name: "tests", minutes: 1, needs: ["tests"], folders: ["tests"], flags: [] };

async function runTests(files: Record<string, string>): Promise<Outcome> {
  await write(files);
  return run(tests);
}

async function write(files: Record<string, string>): Promise<void> {
  await mkdir(join(root, "tests"));
  for (const [name, code] of Object.entries(files)) {
    await Bun.write(join(root, "tests", name), `import { expect, test } from "bun:test";\n${code}`);
  }
}

const good = 'test("good", () => {});';
const bad = 'test("bad", () => expect(1).toBe(2));';

test("a command that ends well is one passed", async () => {
  expect(await run(script('console.log("done")', /^done$/m))).toMatchObject({ passed: 1, failed: 0, output: "done\n" });
});

test("a command that ends with another code is one failed, with its output", async () => {
  const outcome = await run(script('console.error("why"); process.exit(3)'));
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["ended with code 3"], output: "why\n" });
});

test("a command that is killed is one failed", async () => {
  const outcome = await run(script('process.kill(process.pid, "SIGKILL")'));
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["was killed by SIGKILL"] });
});

test("a command that ends with 0 before it came to its end is one failed", async () => {
  const outcome = await run(script('process.exit(0); console.log("done")', /^done$/m));
  expect(outcome).toMatchObject({ passed: 0, failed: 1 });
});

test("a command that is not there is one failed", async () => {
  const step: Step = { kind: "command", name: "none", minutes: 1, needs: [], command: [join(root, "none")] };
  expect(await run(step)).toMatchObject({ passed: 0, failed: 1, faults: [expect.stringContaining("did not start")] });
});

test("a command that takes too long is ended, and is one failed", async () => {
  const outcome = await run(script("setInterval(() => {}, 1000)"), { milliseconds: 300 });
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["took too long"] });
});

test("what a command leaves behind is ended with it", async () => {
  const code = `
    const child = Bun.spawn([process.execPath, "-e", "setInterval(() => {}, 1000)"], { stdout: "inherit" });
    child.unref();
    console.log(child.pid);`;
  const outcome = await run(script(code));
  expect(outcome).toMatchObject({ passed: 1, failed: 0 });
  await gone(Number(outcome.output));
});

test("an interruption ends the command, and is one failed", async () => {
  const stop = new AbortController();
  const running = run(script("setInterval(() => {}, 1000)"), { stop: stop.signal });
  stop.abort();
  expect(await running).toMatchObject({ passed: 0, failed: 1, faults: ["was interrupted"] });
});

test("a file that is needed and not there is one failed", async () => {
  const step: Step = { ...script("0"), needs: ["bin/none.ts"] };
  expect(await run(step)).toMatchObject({ passed: 0, failed: 1, faults: ["bin/none.ts is missing"] });
});

test("a file that is listed as not yet there is told as skipped", async () => {
  const step: Step = { ...script("0"), needs: ["bin/none.ts"] };
  const outcome = await run(step, { notYetThere: ["bin/none.ts"] });
  expect(outcome).toMatchObject({ passed: 0, failed: 0, skipped: ["bin/none.ts is not there yet"] });
});

test("tests are counted from the report", async () => {
  const outcome = await runTests({
    "a.test.ts": `${good}\n${bad}\ntest.skip("left out", () => {});`,
    "b.test.ts": good,
  });
  expect(outcome).toMatchObject({ passed: 2, failed: 1, skipped: ["left out"], faults: [] });
});

test("a folder without tests is one failed", async () => {
  expect(await runTests({ "a.ts": good })).toMatchObject({ passed: 0, failed: 1 });
});

test("a file that runs no tests is one failed", async () => {
  const outcome = await runTests({ "a.test.ts": good, "b.test.ts": "" });
  expect(outcome).toMatchObject({ passed: 1, failed: 1, faults: ["tests/b.test.ts ran no tests"] });
});

test("a file that breaks while it loads is one failed", async () => {
  const outcome = await runTests({ "a.test.ts": good, "b.test.ts": 'throw new Error("broken");' });
  expect(outcome).toMatchObject({ passed: 1, failed: 1, faults: ["tests/b.test.ts ran no tests"] });
});

test("a runner that leaves with code 0 in the middle wrote no report, and is one failed", async () => {
  const outcome = await runTests({ "a.test.ts": good, "b.test.ts": 'test("leaves", () => process.exit(0));' });
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["wrote no report, code 0"] });
});

test("a runner that is killed is one failed", async () => {
  const outcome = await runTests({ "a.test.ts": 'test("dies", () => process.kill(process.pid, "SIGKILL"));' });
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["was killed by SIGKILL"] });
});

test("an error after the last test is at least one failed", async () => {
  const late = 'import { afterAll } from "bun:test";\nafterAll(() => { throw new Error("late"); });';
  const outcome = await runTests({ "a.test.ts": `${good}\n${late}` });
  expect(outcome.failed).toBeGreaterThan(0);
});

test("a forgotten test.only hides nothing", async () => {
  const outcome = await runTests({ "a.test.ts": `test.only("alone", () => {});\n${bad}` });
  expect(outcome.failed).toBeGreaterThan(0);
});

test("tests that take too long are one failed", async () => {
  await write({ "a.test.ts": 'test("sleeps", () => new Promise(() => {}), 60_000);' });
  const outcome = await run(tests, { milliseconds: 500 });
  expect(outcome).toMatchObject({ passed: 0, failed: 1, faults: ["took too long"] });
});

test("folders of another step are left to it", async () => {
  await write({ "a.test.ts": good, "e2e/b.test.ts": bad });
  expect(await run({ ...tests, except: ["tests/e2e"] })).toMatchObject({ passed: 1, failed: 0 });
});

async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await Bun.sleep(5);
  }
}
