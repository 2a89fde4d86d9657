import { join } from "node:path";
import { testPostgres } from "#tests/support/postgres.ts";
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

/** The same, word by word, in a PostgreSQL of its own. */
export async function oldPostgres(spelling: Spelling): Promise<string> {
  const url = await (await testPostgres()).createDatabase();
  await write(url, spelling, []);
  return url;
}

async function make(spelling: Spelling, size: readonly number[]): Promise<string> {
  const path = join(emptyFolder(), "chat_app.db");
  await write(path, spelling, size);
  return path;
}

async function write(place: string, spelling: Spelling, size: readonly number[]): Promise<void> {
  const script = join(import.meta.dir, "make_old_database.py");
  const child = Bun.spawn([await pythonPath(), script, place, spelling, ...size.map(String)], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [code, errors] = await Promise.all([child.exited, new Response(child.stderr).text()]);
  if (code !== 0) throw new Error(`${spelling}: the database was not made: ${errors}`);
}
