import { afterEach, beforeEach, expect, test } from "bun:test";
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "parlour-bun-"));
  await mkdir(join(root, "bin"));
  await copyFile(join(import.meta.dir, "bun.mjs"), join(root, "bin/bun.mjs"));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function install(path: string): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await symlink(process.execPath, join(root, path));
}

function launch(...words: string[]) {
  const { BUN_OPTIONS: _, ...env } = process.env;
  return Bun.spawn(["node", "bin/bun.mjs", ...words], { cwd: root, env, stdout: "pipe", stderr: "pipe" });
}

async function run(...words: string[]) {
  const child = launch(...words);
  const [output, errors, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  return { output, errors, code };
}

function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}

test("the launcher runs Bun with the words given and ends with its code", async () => {
  await install("node_modules/bun/bin/bun.exe");
  const { output, code } = await run("-e", "console.log(process.argv.at(-1)); process.exit(7)", "a b");
  expect({ output, code }).toEqual({ output: "a b\n", code: 7 });
});

test("when Bun's install script did not run, the platform's package is used", async () => {
  await install("node_modules/@oven/bun-here/bin/bun");
  await mkdir(join(root, "node_modules/bun/bin"), { recursive: true });
  await Bun.write(join(root, "node_modules/bun/bin/bun.exe"), "#!/bin/sh\necho stub\nexit 1\n");
  await chmod(join(root, "node_modules/bun/bin/bun.exe"), 0o755);
  expect(await run("-e", "console.log(1 + 1)")).toMatchObject({ output: "2\n", code: 0 });
});

test("when there is no Bun, one line says what to do", async () => {
  const { errors, code } = await run("-e", "0");
  expect(code).toBe(1);
  expect(errors.trim().split("\n")).toEqual([expect.stringContaining("npm ci")]);
});

test("neither Bun nor what it starts reads .env by itself", async () => {
  await install("node_modules/bun/bin/bun.exe");
  await Bun.write(join(root, ".env"), "PARLOUR_SECRET=from-the-file\n");
  const say = "console.log(process.env.PARLOUR_SECRET)";
  const both = `${say}; Bun.spawnSync([process.execPath, "-e", "${say}"], { stdout: "inherit" })`;
  expect(await run("-e", both)).toMatchObject({ output: "undefined\nundefined\n", code: 0 });
});

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  test(`${signal} reaches Bun, which may end in its own way`, async () => {
    await install("node_modules/bun/bin/bun.exe");
    const code = `process.on("${signal}", () => process.exit(5)); setInterval(() => {}, 1000); console.log("up");`;
    const child = launch("-e", code);
    await child.stdout.getReader().read();
    child.kill(signal);
    expect(await child.exited).toBe(5);
  });
}

test("when a signal ends Bun, the code says which", async () => {
  await install("node_modules/bun/bin/bun.exe");
  expect((await run("-e", 'process.kill(process.pid, "SIGKILL")')).code).toBe(128 + 9);
});
