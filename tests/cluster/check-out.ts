import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Chat } from "#client/chat.ts";

const root = join(import.meta.dir, "../..");
const MIGRATIONS = "server/store/postgres/migrations";

/** Another version of this program in a folder of its own. */
export interface OtherVersion {
  readonly commit: string;
  readonly folder: string;
  /** The schema of its last migration. */
  readonly schema: number;
  readonly Chat: typeof Chat;
  /** Whether its shared types have a word: a field that they lack, only the newer version tells of. */
  knows(word: string): boolean;
  remove(): void;
}

/** The last commit before the schema became what it is here. */
export async function commitBeforeSchema(): Promise<string> {
  const last = await git("log", "-1", "--format=%H", "--", MIGRATIONS);
  return `${last}^`;
}

export async function checkOut(revision: string): Promise<OtherVersion> {
  const commit = await git("rev-parse", "--verify", `${revision}^{commit}`);
  const folder = mkdtempSync(join(tmpdir(), "parlour-version-"));
  await run(["sh", "-c", 'git archive "$0" | tar -x -C "$1"', commit, folder], root);
  if (lockIn(folder) === lockIn(root)) symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  else await run(["npm", "ci", "--no-audit", "--no-fund"], folder);
  const client = (await import(join(folder, "client/chat.ts"))) as { Chat: typeof Chat };
  const types = ["models", "events", "frames"].map((name) => readFileSync(join(folder, `shared/${name}.ts`), "utf8"));
  const words = new Set(types.join("\n").match(/\w+/g));
  const migrations = await git("ls-tree", "--name-only", commit, `${MIGRATIONS}/`);
  return {
    commit: await git("log", "-1", "--format=%h %s", commit),
    folder,
    schema: Math.max(...Array.from(migrations.matchAll(/\/(\d{4})-/g), ([, version]) => Number(version))),
    Chat: client.Chat,
    knows: (word) => words.has(word),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function lockIn(folder: string): string {
  return readFileSync(join(folder, "package-lock.json"), "utf8");
}

function git(...words: string[]): Promise<string> {
  return run(["git", ...words], root);
}

async function run(words: string[], cwd: string): Promise<string> {
  const child = Bun.spawn(words, { cwd, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${words.join(" ")} ended with ${code}: ${said.trim()}`);
  return out.trim();
}
