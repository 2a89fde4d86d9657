import { existsSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";

/** Names to paths: of a folder on the disk, or of what an executable holds inside. */
export type ServedFiles = ReadonlyMap<string, string>;

export function filesIn(folder: string): ServedFiles {
  const found = new Map<string, string>();
  if (!existsSync(folder)) return found;
  for (const entry of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
    const path = join(folder, entry);
    if (statSync(path).isFile()) found.set(relative(folder, path).replaceAll("\\", "/"), path);
  }
  return found;
}
