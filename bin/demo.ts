import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseConfig, readEnv } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { startServer } from "#server/server.ts";
import { ownFolder } from "#server/store/sqlite/owner.ts";
import { freshBuild } from "./build.ts";
import { PASSWORD, seedDemo } from "./demo/seed.ts";

const USAGE = `npm run demo               a server with four people who have talked, in data/demo
npm run demo -- --reset    the same, made anew
PORT and HOST say where; without HOST only this machine can reach it, because everybody knows the password.
`;

const root = resolve(import.meta.dir, "..");
const folder = join(root, "data", "demo");
const words = process.argv.slice(2);

if (words.every((word) => word === "--reset")) await demo().catch((error: Error) => fail(error.message));
else process.stderr.write(USAGE);

async function demo(): Promise<void> {
  // The rest of a `.env` may count, but neither another database nor another's keys.
  const env = { HOST: "127.0.0.1", ...readEnv(process.cwd()), DATA_DIR: folder };
  const config = parseConfig({ ...env, DATABASE_URL: undefined, SECRET_KEY: undefined });
  const isNew = words.includes("--reset") || !existsSync(folder);
  if (isNew) await makeAnew();
  const { webDir } = await freshBuild((line) => process.stdout.write(`${line}\n`));
  const log = createLog(config.logLevel, Date.now, (line) => process.stderr.write(line));
  const server = await startServer(config, { log, webDir, died: fail });
  process.stdout.write(`
The demo is at  ${config.publicUrl ?? server.url}
Log in as       alice (admin), bob, carol or dan
Password        ${PASSWORD}
${isNew ? "" : "\nIt is as you left it; npm run demo -- --reset makes it anew.\n"}`);
  stopOnSignals(server.stop);
}

/** Beside the old one until it is whole, so that neither Ctrl-C nor a fault leaves half a demo. */
async function makeAnew(): Promise<void> {
  if (existsSync(folder))
    ownFolder(folder, { pid: process.pid, since: new Date().toISOString(), what: "npm run demo" })();
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const began = performance.now();
  const { rooms, messages } = await seedDemo({ dataDir: fresh, now: Date.now(), progress: showProgress });
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  process.stdout.write(`Made the demo: ${messages} messages in ${rooms} rooms, in ${seconds} s.\n`);
}

function showProgress(done: number, all: number): void {
  if (!process.stdout.isTTY) return;
  const line = `Making the demo … ${Math.floor((done * 100) / all)} %`;
  process.stdout.write(done < all ? `\r${line}` : `\r${" ".repeat(line.length)}\r`);
}

/** Ctrl-C in a terminal comes twice: from the terminal itself and through npm. The second one changes nothing. */
function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

function fail(line: string): never {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
