import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly dataDir: string;
  /** Words before the server's own. */
  readonly through: readonly string[];
  /** Makes room, as an operator would who deletes something. */
  free(pid: number): void;
  [Symbol.dispose](): void;
}

const MIB = 1024 * 1024;

/** A file system of its own with a few MiB left, or null where this user may not mount one. */
export function smallFileSystem(): SmallDisk | null {
  const folder = mkdtempSync(join(tmpdir(), "parlour-small-"));
  const isMounted = run("mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", folder);
  if (!isMounted) {
    rmSync(folder, { recursive: true });
    return null;
  }
  const ballast = join(folder, "ballast");
  writeFileSync(ballast, Buffer.alloc(10 * MIB));
  return {
    dataDir: join(folder, "data"),
    through: [],
    free: () => truncateSync(ballast, 0),
    [Symbol.dispose]() {
      run("umount", "--lazy", folder);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A limit on the length of each file, which every user may set. Linux also kills whoever meets it and does not object. */
export function shortFiles(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), "parlour-short-"));
  return {
    dataDir: join(folder, "data"),
    through: ["prlimit", `--fsize=${2 * MIB}:`, "sh", "-c", `trap "" XFSZ; exec "$@"`, "sh"],
    free(pid) {
      if (!run("prlimit", `--pid=${pid}`, "--fsize=unlimited:")) throw new Error("The limit cannot be lifted.");
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function run(...command: string[]): boolean {
  return Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" }).success;
}
