import { existsSync, readFileSync } from "node:fs";
import type { Clock } from "../clock.ts";
import type { DatabasePlace } from "../config.ts";
import { openPostgresStore } from "./postgres/open-store.ts";
import { openSqliteStore } from "./sqlite/open-store.ts";
import type { Store } from "./store.ts";

export interface StoreSettings {
  database: DatabasePlace;
  dataDir: string;
  nonceKey: Uint8Array;
  newEpoch: string;
  clock: Clock;
  /** A part of the store died that the process cannot go on without. */
  died: (why: string) => void;
  /** Something that an operator should know, in one line. */
  warn: (line: string) => void;
}

/** The record, wherever the settings say that it is kept. */
export function openStore({ database, ...settings }: StoreSettings): Promise<Store> {
  switch (database.kind) {
    case "sqlite":
      refuseMoved(database.path);
      return openSqliteStore({ ...settings, path: database.path });
    case "postgres":
      return openPostgresStore({ ...settings, now: settings.clock.now, address: database.address });
    default:
      return database satisfies never;
  }
}

/** A tool has put a note beside the file: from then on another place takes writes, and this one does not. */
export function isMoved(database: DatabasePlace): boolean {
  return database.kind === "sqlite" && existsSync(noteOfMove(database.path));
}

/** Beside a file that was moved away, so that nobody starts on it again and makes a second history. */
export function noteOfMove(path: string): string {
  return `${path}.moved`;
}

/** A second history would begin here, which clients could not tell from the first. */
function refuseMoved(path: string): void {
  const note = noteOfMove(path);
  if (!existsSync(note)) return;
  throw new Error(
    `What was in ${path} was moved to ${readFileSync(note, "utf8").trim()}: set DATABASE_URL to that. To stay here instead, remove ${note} and never start on the other.`,
  );
}
