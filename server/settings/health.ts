import { statfs } from "node:fs/promises";
import type { HouseHealth } from "#shared/contract/house.ts";
import type { Services } from "../services.ts";
import type { Actor, Sql } from "../store/sql.ts";
import { mayGovern } from "../users/queries.ts";
import { version } from "../version.ts";

/** How this node and its database do, for admins. */
export async function healthOf(services: Services, by: Actor): Promise<HouseHealth> {
  const { config, clock, store, house } = services;
  const { kind } = config.database;
  const { accounts, rooms, ...database } = await store.read("house-size", by, { kind });
  return {
    version,
    at: new Date(clock.now()).toISOString(),
    started_at: new Date(house.startedAt).toISOString(),
    database: { kind, ...database },
    accounts,
    rooms,
    sockets: house.sockets(),
    sends: store.counts.sends,
    commits: store.counts.batches,
    waiting: store.counts.waiting,
    memory_bytes: process.memoryUsage().rss,
    disk: await diskOf(config.dataDir),
  };
}

/** What the two databases say of themselves, each in its own way. */
export async function readHouseSize(
  sql: Sql,
  actor: Actor,
  args: { kind: "sqlite" | "postgres" },
): Promise<{ version: string; bytes: number; accounts: number; rooms: number }> {
  await mayGovern(sql, actor);
  const about = await sql.get<{ version: string; bytes: number }>(
    args.kind === "sqlite"
      ? "SELECT sqlite_version() AS version, page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()"
      : "SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes",
  );
  const counts = await sql.get<{ accounts: number; rooms: number }>(
    `SELECT (SELECT count(*) FROM users WHERE deactivated_at IS NULL) AS accounts,
       (SELECT count(*) FROM rooms WHERE deleted_at IS NULL AND kind <> 'direct') AS rooms`,
  );
  if (!about || !counts) throw new Error("A database says nothing of itself.");
  return { ...about, ...counts };
}

async function diskOf(folder: string): Promise<HouseHealth["disk"]> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free_bytes: bavail * bsize, total_bytes: blocks * bsize };
  } catch {
    return null;
  }
}
