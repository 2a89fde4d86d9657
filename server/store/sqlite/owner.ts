import { Database } from "bun:sqlite";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * One process owns a data folder. The lock is SQLite's own on a file of its own, which the operating system takes back
 * when the process ends, however it ends.
 */
export function ownFolder(dataDir: string, holder: { pid: number; since: string; what: string }): () => void {
  const note = join(dataDir, "owner.json");
  const lock = openLock(dataDir);
  try {
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("BEGIN EXCLUSIVE");
  } catch {
    lock.close();
    throw new Error(
      `The data folder ${dataDir} is in use by ${holderOf(note)}. Stop it first, or choose another DATA_DIR.`,
    );
  }
  writeFileSync(note, JSON.stringify(holder), { mode: 0o600 });
  return () => lock.close();
}

function openLock(dataDir: string): Database {
  try {
    return new Database(join(dataDir, "owner.lock"), { create: true });
  } catch {
    throw new Error(
      `The data folder ${dataDir} cannot be written. Give this user the right to, or choose another DATA_DIR.`,
    );
  }
}

function holderOf(note: string): string {
  if (!existsSync(note)) return "another process";
  try {
    const { pid, since, what } = JSON.parse(readFileSync(note, "utf8")) as { pid: number; since: string; what: string };
    return `${what} (process ${pid}, since ${since})`;
  } catch {
    return "another process";
  }
}
