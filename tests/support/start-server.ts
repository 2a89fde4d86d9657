import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Env, parseConfig } from "#server/config.ts";
import { createLog } from "#server/log.ts";
import { type Given, type Running, startServer } from "#server/server.ts";
import type { Store } from "#server/store/store.ts";
import { freshBuild } from "../../bin/build.ts";
import { standInFront } from "./in-front.ts";
import { testNats } from "./nats.ts";
import { testPostgres } from "./postgres.ts";

export interface TestServer extends Running {
  /** Of every node that stands behind it. */
  readonly stores: readonly Store[];
  readonly urls: readonly string[];
  /** The first node's. */
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

/** How many nodes stand behind each server of a test: `PARLOUR_TEST_NODES=3` puts every person on another one. */
export const testNodes = Number(process.env.PARLOUR_TEST_NODES ?? 1);

/** Which store the suites run on: `PARLOUR_TEST_STORE=postgres bun test tests/realtime` runs them on the other one. */
export const testStore = process.env.PARLOUR_TEST_STORE === "postgres" || testNodes > 1 ? "postgres" : "sqlite";

/** Where so many nodes of the suite's kind keep a new house, as the environment says it; nothing: in their own folder. */
export async function placeOfTests(nodes: number): Promise<Record<string, string>> {
  if (testStore === "sqlite") return {};
  const database = { DATABASE_URL: await (await testPostgres()).createDatabase() };
  if (nodes === 1) return database;
  return { ...database, NATS_URL: (await testNats()).url, SECRET_KEY: "of the tests alone, and long enough" };
}

/** The real server on a free port with a data folder of its own, in this process. Use with `await using`. */
export async function startTestServer(env: Env = {}, given: Partial<Given> = {}): Promise<TestServer> {
  const dataDir = mkdtempSync(join(tmpdir(), "parlour-test-"));
  const logged: string[] = [];
  const log = createLog("debug", Date.now, (line) => logged.push(line));
  const { webDir } = await freshBuild(() => {});
  // Who stands in front of several nodes ends TLS, and who names a place has it to themselves.
  const isMany = testNodes > 1 && !["NATS_URL", "DATABASE_URL", "TLS_CERT"].some((name) => name in env);
  const place: Env = await placeOfTests(isMany ? testNodes : 1);
  const folderOf = (node: number) => join(dataDir, `node-${node}`);
  const start = (port: string) => {
    const node = (at: number) => {
      const own = isMany ? { PORT: "0", DATA_DIR: folderOf(at) } : { PORT: port };
      const config = parseConfig({ HOST: "127.0.0.1", DATA_DIR: dataDir, ...place, ...env, ...own });
      return startServer(config, { log, webDir, ...given });
    };
    return isMany ? startMany(node, Number(port)) : startOne(node(0));
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
    get stores() {
      return running.stores;
    },
    get urls() {
      return running.urls;
    },
    get empty() {
      return running.empty;
    },
    dataDir: isMany ? folderOf(0) : dataDir,
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

type Started = Running & { stores: readonly Store[]; urls: readonly string[] };

async function startOne(node: Promise<Running>): Promise<Started> {
  const { url, store, empty, stop } = await node;
  return { url, store, stores: [store], urls: [url], empty, stop };
}

/** Several nodes behind one address. What a test does to the store, it does to the first one's. */
async function startMany(node: (at: number) => Promise<Running>, port: number): Promise<Started> {
  const nodes = await Promise.all(Array.from({ length: testNodes }, (_, at) => node(at)));
  const front = await standInFront(() => nodes.map((each) => each.url), port);
  const [first] = nodes;
  if (!first) throw new Error("PARLOUR_TEST_NODES must be a number above 0.");
  return {
    url: `http://127.0.0.1:${front.port}`,
    store: first.store,
    stores: nodes.map((each) => each.store),
    urls: nodes.map((each) => each.url),
    empty: first.empty,
    async stop() {
      await Promise.all(nodes.map((each) => each.stop()));
      await front.close();
    },
  };
}
