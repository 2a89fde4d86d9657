import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonPath } from "./python.ts";

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

export type Spelling = "plural" | "singular";

/** A database as another system's models make it; made once a run of the tests. */
export async function oldDatabase(spelling: Spelling, size: readonly number[] = []): Promise<string> {
  const path = join(emptyFolder(), "chat_app.db");
  const script = join(import.meta.dir, "make_old_database.py");
  const child = Bun.spawn([await pythonPath(), script, path, spelling, ...size.map(String)], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [code, errors] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (code !== 0) throw new Error(`${spelling}: the database was not made: ${errors}`);
  return path;
}
