// Starts the Bun that npm installed: `node bin/bun.mjs FILE ARGS…`. Plain JavaScript, because Node runs it.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = join(dirname(dirname(fileURLToPath(import.meta.url))), "node_modules");
const bun = places().find(runs);
if (bun === undefined) {
  console.error("Bun is not installed: run `npm ci`, with install scripts allowed for the package `bun`.");
  process.exit(1);
}

// Bun would read `.env` by itself, in child processes too; only server/config.ts may decide that.
const env = { ...process.env, BUN_OPTIONS: `${process.env.BUN_OPTIONS ?? ""} --no-env-file`.trim() };
// Before Bun starts, or a signal in between would end this and leave Bun running.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
const child = spawn(bun, process.argv.slice(2), { stdio: "inherit", env });
child.on("error", (error) => {
  console.error(`Bun did not start: ${error.message}`);
  process.exit(1);
});
child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]));

/** The package's own binary is a stub until its install script ran; the platform's package then still holds Bun. */
function places() {
  const platforms = join(modules, "@oven");
  const packages = existsSync(platforms) ? readdirSync(platforms).filter((name) => name.startsWith("bun-")) : [];
  const file = process.platform === "win32" ? "bun.exe" : "bun";
  return [join(modules, "bun", "bin", "bun.exe"), ...packages.map((name) => join(platforms, name, "bin", file))];
}

function runs(path) {
  return existsSync(path) && spawnSync(path, ["--revision"], { stdio: "ignore" }).status === 0;
}
