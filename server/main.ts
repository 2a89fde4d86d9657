import { systemClock } from "./clock.ts";
import { type Config, ConfigFault, parseConfig, readEnv } from "./config.ts";
import { ownFolders } from "./data-folder.ts";
import type { ServedFiles } from "./http/served-files.ts";
import { IMPORT_USAGE } from "./import/arguments.ts";
import { createLog } from "./log.ts";
import { MOVING_USAGE } from "./moving/arguments.ts";
import { recordOpener } from "./open-record.ts";
import { printPasswordLink } from "./password-link.ts";
import { startServer } from "./server.ts";
import { UsageFault } from "./usage-fault.ts";
import { readStartWords, refuseWorkers, startWorkers, WorkersFault, whenAbandoned } from "./workers.ts";

const USAGE = `parlour start [--workers N]
  starts the server; as N processes on one port, where PostgreSQL and NATS are
parlour admin NAME
  makes the account an admin's, or makes one, and prints a link that sets its password
parlour password NAME
  prints such a link for anybody
${IMPORT_USAGE}${MOVING_USAGE}Settings come from the environment or from .env. In Parlour's folder: npm run parlour -- VERB
`;

/** What an operator types after `parlour`. A tool is loaded when it is asked for: a server need not carry it. */
export async function main(args: readonly string[], webDir: string | ServedFiles): Promise<void> {
  const [verb = "start", ...rest] = args;
  switch (verb) {
    case "start":
      return start(webDir, rest);
    case "import":
      return tool(async () => {
        const { importFrom } = await import("./import/import.ts");
        return importFrom(settings(), rest, { openRecord: recordOpener(fail), now: Date.now, out });
      });
    case "admin":
    case "password":
      return tool(() => {
        const [name, ...more] = rest;
        if (name === undefined || more.length > 0) throw new UsageFault("Name one account.");
        const { write } = out;
        return printPasswordLink(settings(), name, verb === "admin", { openRecord: recordOpener(fail), write });
      });
    case "backup":
    case "restore":
    case "db":
      return tool(async () => {
        const { runMoving } = await import("./moving/run.ts");
        return runMoving(settings, args, out);
      });
    case "help":
    case "--help":
      process.stdout.write(USAGE);
      return;
    default:
      fail(`There is no "${verb}".\n${USAGE.trimEnd()}`, 2);
  }
}

const settings = () => parseConfig(readEnv(process.cwd()));
const out = { isTerminal: process.stdout.isTTY === true, write: (text: string) => void process.stdout.write(text) };

/** A verb that does its work and ends. */
async function tool(work: () => Promise<void>): Promise<void> {
  process.umask(0o077);
  try {
    await work();
  } catch (error) {
    if (error instanceof UsageFault) fail(`${error.message}\n${USAGE.trimEnd()}`, 2);
    if (error instanceof Error) fail(error.message);
    throw error;
  }
}

async function start(webDir: string | ServedFiles, words: readonly string[]): Promise<void> {
  // What is stored is for this user alone, also in a folder that others may look into.
  process.umask(0o077);
  try {
    const { workers, worker } = readStartWords(words);
    const config = parseConfig(readEnv(process.cwd()));
    if (workers !== null) return await startMany(config, workers);
    const log = createLog(config.logLevel, Date.now, (line) => process.stderr.write(line));
    const server = await startServer(config, { log, webDir, died: fail, ...(worker === null ? {} : { worker }) });
    // Before it is said that it runs: whoever reads that may stop it at once.
    stopOnSignals(server.stop);
    if (worker !== null) void whenAbandoned(() => process.kill(process.pid, "SIGTERM"));
    const said = [`Parlour is at ${config.publicUrl ?? server.url}`];
    if (server.empty) said.push("Nobody has an account yet: the first one to sign up is its admin.");
    if (!config.rateLimits) said.push("RATE_LIMITS is off: nothing is held back. This is for measuring only.");
    process.stdout.write(`${said.join("\n")}\n`);
  } catch (error) {
    if (error instanceof WorkersFault) fail(error.message, 2);
    if (error instanceof ConfigFault || error instanceof Error) fail(error.message);
    throw error;
  }
}

async function startMany(config: Config, count: number): Promise<void> {
  refuseWorkers(config);
  const letGo = ownFolders(config, systemClock);
  const program = Bun.main.startsWith("/$bunfs") ? [] : [...process.execArgv, Bun.main];
  const workers = await startWorkers({
    count,
    command: (worker) => [process.execPath, ...program, "start", "--worker", String(worker)],
    warn: (line) => void process.stderr.write(`${line}\n`),
  });
  stopOnSignals(() => workers.stop().finally(letGo));
  process.stdout.write(`${workers.said}${count} processes share the port.\n`);
}

function stopOnSignals(stop: () => Promise<void>): void {
  let since: number | null = null;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      // One Ctrl-C reaches this process twice: from the terminal, and from whatever started it and passes signals on.
      if (since !== null && performance.now() - since < 1_000) return;
      if (since !== null) process.exit(1);
      since = performance.now();
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
