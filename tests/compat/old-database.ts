import { join } from "node:path";
import { emptyFolder } from "#tests/support/run-parlour.ts";
import { pythonPath } from "./python.ts";

export type Spelling = "plural" | "singular";

const made = new Map<string, Promise<string>>();

/** A database as another system's models make it, made once for all who want one of that size: to read, not to change. */
export function oldDatabase(spelling: Spelling, size: readonly number[] = []): Promise<string> {
  const key = JSON.stringify([spelling, size]);
  const known = made.get(key) ?? make(spelling, size);
  made.set(key, known);
  return known;
}

async function make(spelling: Spelling, size: readonly number[]): Promise<string> {
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
