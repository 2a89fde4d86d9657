import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

const well = command("well", "0");
const broken = command("broken", 'console.error("the reason"); process.exit(2)');

function command(name: string, code: string): string {
  const words = `[process.execPath, "-e", ${JSON.stringify(code)}]`;
  return `{ kind: "command", name: "${name}", minutes: 1, needs: [], command: ${words} }`;
}

async function check(steps: string[], { run = "", minutes = 1, signal = false } = {}) {
  const root = await mkdtemp(join(tmpdir(), "parlour-check-"));
  const plan = `{ root: "${root}", minutes: ${minutes}, patience: 50, notYetThere: ["later"], steps: [${steps.join(", ")}] }`;
  const code = `import { runAll } from "${import.meta.dir}/run-all.ts";\nawait runAll(${plan}${run && `, ${run}`});`;
  const file = join(root, "check.ts");
  await Bun.write(file, code);
  const child = Bun.spawn([process.execPath, file], { stdout: "pipe", stderr: "ignore" });
  let output = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    output += text;
    if (signal && output.includes("well")) child.kill("SIGINT");
  }
  await rm(root, { recursive: true, force: true });
  return { code: await child.exited, output, last: output.trimEnd().split("\n").at(-1) };
}

test("when all is well the last line says so and the code is 0", async () => {
  expect(await check([well, well])).toMatchObject({ code: 0, last: "2 passed, 0 failed" });
});

test("one broken step makes the code 1, its output is shown, and the others run", async () => {
  const { code, last, output } = await check([well, broken, well]);
  expect({ code, last }).toEqual({ code: 1, last: "2 passed, 1 failed" });
  expect(output).toContain("the reason");
  expect(output).toContain("broken ended with code 2");
});

test("steps of one list run at the same time, and each is told and counted", async () => {
  const waits = (name: string) =>
    command(
      name,
      `const { writeFileSync, existsSync } = require("node:fs"); writeFileSync("${name}", ""); while (!existsSync("one") || !existsSync("other")) Bun.sleepSync(5)`,
    );
  const { code, last, output } = await check([`[${waits("one")}, ${waits("other")}, ${broken}]`, well]);
  expect({ code, last }).toEqual({ code: 1, last: "3 passed, 1 failed" });
  expect(output).toMatch(/ok +one .*\nok +other /);
});

test("what was left out is listed by name and counted", async () => {
  const later = well.replace("needs: []", 'needs: ["later"]');
  const { code, last, output } = await check([well, later]);
  expect({ code, last }).toEqual({ code: 0, last: "1 passed, 0 failed, 1 skipped" });
  expect(output).toContain("skipped: well: later is not there yet");
});

test("a check that ran nothing is not well", async () => {
  expect((await check([])).code).toBe(1);
});

test("a step that throws is one failed", async () => {
  const thrower = await check([well], { run: '() => { throw new Error("the check is broken"); }' });
  expect(thrower).toMatchObject({ code: 1, last: "0 passed, 1 failed" });
  expect(thrower.output).toContain("the check is broken");
});

test("a step that never answers is one failed", async () => {
  const silent = await check([well], { run: "() => new Promise(() => {})", minutes: 0.001 });
  expect(silent.output).toContain("well never answered");
  expect(silent).toMatchObject({ code: 1, last: "0 passed, 1 failed" });
});

test("a check that leaves in the middle is one failed", async () => {
  const leaver = await check([well], { run: "() => process.exit(0)" });
  expect(leaver).toMatchObject({ code: 1, last: "0 passed, 1 failed" });
});

test("an error that nobody caught is one failed", async () => {
  const late = "() => new Promise(() => setTimeout(() => { throw new Error(); }))";
  expect(await check([well], { run: late })).toMatchObject({ code: 1, last: "0 passed, 1 failed" });
});

test("steps for which no time is left have failed", async () => {
  expect(await check([well, well], { minutes: 0 })).toMatchObject({ code: 1, last: "0 passed, 2 failed" });
});

test("an interruption ends the running step, and the rest have failed", async () => {
  const forever = command("forever", "setInterval(() => {}, 1000)");
  expect(await check([well, forever, well], { signal: true })).toMatchObject({ code: 1, last: "1 passed, 2 failed" });
});

test("output longer than a pipe holds is shown whole", async () => {
  const long = command("long", 'console.log("x".repeat(1_000_000)); console.log("the end"); process.exit(1)');
  const { output, last } = await check([long]);
  expect(output.length).toBeGreaterThan(1_000_000);
  expect(output).toContain("the end");
  expect(last).toBe("0 passed, 1 failed");
});
