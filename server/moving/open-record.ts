import { join, resolve } from "node:path";
import { type Config, ConfigFault, type DatabasePlace, parseConfig } from "../config.ts";
import { makePostgresRecord, openPostgresRecord, placeOf } from "./postgres-record.ts";
import type { NewRecord, Snapshot } from "./record.ts";
import { makeSqliteRecord, openSqliteRecord } from "./sqlite-record.ts";

/** A database as an operator names it: as in DATABASE_URL, or `sqlite:path`. */
export function placeFrom(words: string): DatabasePlace {
  const [, path] = /^sqlite:(?!\/\/)(.+)$/.exec(words) ?? [];
  if (path !== undefined) return { kind: "sqlite", path: resolve(path) };
  try {
    return parseConfig({ DATABASE_URL: words }).database;
  } catch (error) {
    if (!(error instanceof ConfigFault)) throw error;
    throw new Error(error.message.replace(/^DATABASE_URL/, "A database's address"));
  }
}

export async function openSnapshot(database: DatabasePlace): Promise<Snapshot> {
  return database.kind === "sqlite" ? openSqliteRecord(database.path) : openPostgresRecord(database.address);
}

export interface Making {
  now: number;
  schema: number;
  replaces: true | { cure: string };
  goesOn: boolean;
}

export async function makeRecord(config: Config, database: DatabasePlace, making: Making): Promise<NewRecord> {
  if (database.kind === "postgres") return makePostgresRecord({ address: database.address, ...making });
  return makeSqliteRecord({ path: database.path, markPath: join(config.dataDir, "mark"), ...making });
}

export function describe(database: DatabasePlace): string {
  return database.kind === "sqlite" ? `sqlite:${database.path}` : placeOf(database.address);
}
