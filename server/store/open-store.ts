import type { DatabasePlace } from "../config.ts";
import { openPostgresStore } from "./postgres/open-store.ts";
import { openSqliteStore } from "./sqlite/open-store.ts";
import type { Store } from "./store.ts";

export interface StoreSettings {
  database: DatabasePlace;
  dataDir: string;
  nonceKey: Uint8Array;
  newEpoch: string;
  now: () => number;
  /** A part of the store died that the process cannot go on without. */
  died: (why: string) => void;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
}

/** The record, wherever the settings say that it is kept. */
export function openStore({ database, ...settings }: StoreSettings): Promise<Store> {
  switch (database.kind) {
    case "sqlite":
      return openSqliteStore({ ...settings, path: database.path });
    case "postgres":
      return openPostgresStore({ ...settings, address: database.address });
    default:
      return database satisfies never;
  }
}
