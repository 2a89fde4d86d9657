import type { Env } from "#server/config.ts";
import type { Given } from "#server/server.ts";
import { testNats } from "#tests/support/nats.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { startTestServer, type TestServer } from "#tests/support/start-server.ts";

export interface TestCluster {
  readonly nodes: readonly TestServer[];
  readonly databaseUrl: string;
  [Symbol.asyncDispose](): Promise<void>;
}

/** So many real nodes in this process, on one new database and one bus. */
export async function startCluster(count: number, given: Partial<Given> = {}, env: Env = {}): Promise<TestCluster> {
  const databaseUrl = await (await testPostgres()).createDatabase();
  const nats = await testNats();
  const place = { DATABASE_URL: databaseUrl, NATS_URL: nats.url, SECRET_KEY: "of the tests alone, and long enough" };
  const start = () => startTestServer({ RATE_LIMITS: "off", ...place, ...env }, given);
  const nodes = await Promise.all(Array.from({ length: count }, start));
  return {
    nodes,
    databaseUrl,
    async [Symbol.asyncDispose]() {
      for (const node of nodes) await node[Symbol.asyncDispose]();
    },
  };
}
