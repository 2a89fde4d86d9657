import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { ConfigFault, parseConfig, readEnv } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { startServer } from "#server/server.ts";

const USAGE = `parlour start     starts the server; settings come from the environment or from .env\n`;

const [verb = "start"] = process.argv.slice(2);

switch (verb) {
  case "start":
    await start();
    break;
  case "help":
  case "--help":
    process.stdout.write(USAGE);
    break;
  default:
    process.stderr.write(`There is no "${verb}".\n${USAGE}`);
    process.exitCode = 2;
}

async function start(): Promise<void> {
  try {
    const config = parseConfig(readEnv(process.cwd()));
    const webDir = resolve(import.meta.dir, "../dist/web");
    if (!existsSync(join(webDir, "index.html"))) await buildPage(webDir);
    const log = createLog(config.logLevel, Date.now, (line) => process.stderr.write(line));
    const server = await startServer(config, { log, webDir, died: (why) => fail(why) });
    process.stdout.write(`Parlour is at ${config.publicUrl ?? server.url}\n`);
    if (server.empty) process.stdout.write("Nobody has an account yet: the first one to sign up is its admin.\n");
    if (!config.rateLimits)
      process.stdout.write("RATE_LIMITS is off: nothing is held back. This is for measuring only.\n");
    stopOnSignals(server.stop);
  } catch (error) {
    if (error instanceof ConfigFault || error instanceof Error) fail(error.message);
    throw error;
  }
}

async function buildPage(webDir: string): Promise<void> {
  process.stdout.write("Building the page, once …\n");
  const { buildWeb } = await import("./build-web.ts");
  await buildWeb({ outdir: webDir, minify: true, dev: false });
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      if (stopping) process.exit(1);
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
