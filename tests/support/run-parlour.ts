import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const parlour = join(import.meta.dir, "../../bin/parlour.ts");

export interface Said {
  readonly code: number;
  readonly out: string;
  readonly errors: string;
}

/** `parlour VERB` as an operator types it, on a data folder. */
export async function parlourSays(dataDir: string, ...words: string[]): Promise<Said> {
  const child = startParlour(dataDir, ...words);
  const [code, out, errors] = await Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]);
  return { code, out, errors };
}

export function startParlour(dataDir: string, ...words: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn([process.execPath, "--no-env-file", parlour, ...words], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH ?? "", DATA_DIR: dataDir, HOST: "127.0.0.1" },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}

export function emptyFolder(): string {
  return mkdtempSync(join(tmpdir(), "parlour-import-"));
}
