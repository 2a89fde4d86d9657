import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, parseConfig } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { type Given, type Running, startServer } from "#server/server.ts";
import { freshBuild } from "../../bin/build.ts";
import { testPostgres } from "./postgres.ts";

export interface TestServer extends Running {
  readonly dataDir: string;
  /** Null when it stores in a file in its data folder. */
  readonly databaseUrl: string | null;
  /** Everything the server logged, a line each: for tests of what a log must not say. */
  readonly logged: string[];
  /** Stops and starts again on the same data and the same port. */
  restart(): Promise<void>;
  /** Stops and removes what was stored. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Which store the suites run on: `PARLOUR_TEST_STORE=postgres bun test tests/realtime` runs them on the other one. */
export const testStore = process.env.PARLOUR_TEST_STORE === "postgres" ? "postgres" : "sqlite";

/** The real server on a free port with a data folder of its own, in this process. Use with `await using`. */
export async function startTestServer(env: Env = {}, given: Partial<Given> = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "parlour-test-"));
  const logged: string[] = [];
  const log = createLog("debug", Date.now, (line) => logged.push(line));
  const { webDir } = await freshBuild(() => {});
  const place: Env = testStore === "postgres" ? { DATABASE_URL: await (await testPostgres()).createDatabase() } : {};
  const start = (port: string) => {
    const config = parseConfig({ HOST: "127.0.0.1", DATA_DIR: dataDir, ...place, ...env, PORT: port });
    return startServer(config, { log, webDir, ...given });
  };
  let running = await start("0");
  const port = new URL(running.url).port;
  return {
    get url() {
      return running.url;
    },
    get store() {
      return running.store;
    },
    get empty() {
      return running.empty;
    },
    dataDir,
    databaseUrl: place.DATABASE_URL ?? null,
    logged,
    stop: () => running.stop(),
    async restart() {
      await running.stop();
      running = await start(port);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
