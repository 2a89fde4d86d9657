import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

/**
 * The mark of the highest commit, beside the database. A database that is behind its mark was put back from an older
 * copy: its history is another one from here on, and it gets a new epoch. The mark is not flushed: it may be behind the
 * database after a power cut, which says nothing, but never ahead of it without a reason.
 */
export class Mark {
  readonly #file: number;

  constructor(path: string) {
    this.#file = openSync(path, existsSync(path) ? "r+" : "w+", 0o600);
  }

  move(commits: number): void {
    writeSync(this.#file, String(commits).padStart(16, "0"), 0);
  }

  close(): void {
    fsyncSync(this.#file);
    closeSync(this.#file);
  }
}

/** Null when there is none: then nothing is known about what the database has forgotten. */
export function readMark(path: string): number | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, "utf8");
  return /^\d{16}$/.test(text) ? Number(text) : null;
}
