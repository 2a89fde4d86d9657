import { ConfigFault, parseConfig, readEnv } from "./config.ts";
import { createLog } from "./log.ts";
import { startServer } from "./server.ts";

const USAGE = "parlour start     starts the server; settings come from the environment or from .env\n";

/** What an operator types after `parlour`. */
export async function main(args: readonly string[], webDir: string): Promise<void> {
  const [verb = "start"] = args;
  switch (verb) {
    case "start":
      return start(webDir);
    case "help":
    case "--help":
      process.stdout.write(USAGE);
      return;
    default:
      fail(`There is no "${verb}".\n${USAGE.trimEnd()}`, 2);
  }
}

async function start(webDir: string): Promise<void> {
  try {
    const config = parseConfig(readEnv(process.cwd()));
    const log = createLog(config.logLevel, Date.now, (line) => process.stderr.write(line));
    const server = await startServer(config, { log, webDir, died: fail });
    // Before it is said that it runs: whoever reads that may stop it at once.
    stopOnSignals(server.stop);
    const said = [`Parlour is at ${config.publicUrl ?? server.url}`];
    if (server.empty) said.push("Nobody has an account yet: the first one to sign up is its admin.");
    if (!config.rateLimits) said.push("RATE_LIMITS is off: nothing is held back. This is for measuring only.");
    process.stdout.write(`${said.join("\n")}\n`);
  } catch (error) {
    if (error instanceof ConfigFault || error instanceof Error) fail(error.message);
    throw error;
  }
}

function stopOnSignals(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // Asked twice: now.
      if (stopping) process.exit(1);
      stopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}

function fail(line: string, code = 1): never {
  process.stderr.write(`${line}\n`);
  process.exit(code);
}
