import { parseConfig, readEnv } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { type Running, startServer } from "#server/server.ts";

/**
 * `serve.ts WEBDIR DATADIR`: the server as a child of `npm run dev`. It says when its code is loaded and waits for its
 * turn, so that the one before it goes on serving when this one has a fault.
 */
const [webDir = "", dataDir = ""] = process.argv.slice(2);
let server: Running | null = null;

process.on("message", (word) => {
  if (word === "go") void start();
  if (word === "stop") void stop();
});
// The parent is gone, however it went.
process.on("disconnect", () => void stop());
process.on("SIGTERM", () => void stop());
// Ctrl-C reaches the whole group: the parent decides.
process.on("SIGINT", () => {});
process.send?.("loaded");

async function start(): Promise<void> {
  try {
    // A `.env` may be the one of a real server on this machine: its data is not for trying things.
    const env = { HOST: "127.0.0.1", ...readEnv(process.cwd()), DATA_DIR: dataDir, DATABASE_URL: undefined };
    const config = parseConfig(env);
    const log = createLog(config.logLevel, Date.now, (line) => process.stderr.write(line));
    server = await startServer(config, { log, webDir, died: fail });
    process.send?.(`serving ${config.publicUrl ?? server.url}`);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
}

async function stop(): Promise<void> {
  await server?.stop();
  process.exit(0);
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}
