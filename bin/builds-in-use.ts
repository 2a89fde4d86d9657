import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const DAY = 86_400_000;
const NOTE = /^used-by-(\d+)$/;

/** Notes in a build's folder that this process reads files of it, for as long as it runs. */
export function noteUse(folder: string, pid: number = process.pid): void {
  try {
    for (const { name, isAlive } of notesIn(folder)) if (!isAlive) rmSync(join(folder, name), { force: true });
    writeFileSync(join(folder, `used-by-${pid}`), "");
  } catch {
    // A folder that may only be read, as of a build that another person made: it is kept for its day alone.
  }
}

/** Builds of yesterday and before go, except those whose files a process still reads. */
export function sweepBuilds(dist: string, keep: (name: string) => boolean, now: number): void {
  for (const name of readdirSync(dist)) {
    const path = join(dist, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (keep(name) || !stat || stat.mtimeMs >= now - DAY) continue;
    if (stat.isDirectory() && notesIn(path).some(({ isAlive }) => isAlive)) continue;
    rmSync(path, { recursive: true, force: true });
  }
}

function notesIn(folder: string): { name: string; isAlive: boolean }[] {
  return readdirSync(folder).flatMap((name) => {
    const pid = NOTE.exec(name)?.[1];
    return pid === undefined ? [] : [{ name, isAlive: isRunning(Number(pid)) }];
  });
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It runs, and is somebody else's.
    return (error as { code?: string }).code === "EPERM";
  }
}
