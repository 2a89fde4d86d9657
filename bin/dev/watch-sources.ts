import { watch } from "node:fs";
import { join } from "node:path";

const QUIET = 60;

/** Tells, when it has been quiet for a moment, which files of the folders changed. */
export function watchSources(root: string, folders: readonly string[], changed: (paths: string[]) => void): void {
  const paths = new Set<string>();
  let timer: Timer | undefined;
  for (const folder of folders) {
    watch(join(root, folder), { recursive: true }, (_, name) => {
      if (name === null || !isSource(name)) return;
      paths.add(`${folder}/${name.replaceAll("\\", "/")}`);
      clearTimeout(timer);
      timer = setTimeout(() => {
        const told = [...paths].sort();
        paths.clear();
        changed(told);
      }, QUIET);
    });
  }
}

function isSource(name: string): boolean {
  return /\.(tsx?|css|html|svg|sql)$/.test(name) && !/\.test\.tsx?$/.test(name);
}
