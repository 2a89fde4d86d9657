import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Said } from "#tests/support/run-parlour.ts";

const parlour = join(import.meta.dir, "../../bin/parlour.ts");

/** Somebody who types `parlour VERB`, with these settings. */
export class Operator {
  readonly #env: Record<string, string>;

  constructor(env: Record<string, string>) {
    this.#env = env;
  }

  start(...words: string[]): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    return Bun.spawn([process.execPath, "--no-env-file", parlour, ...words], {
      cwd: tmpdir(),
      env: { PATH: process.env.PATH ?? "", HOST: "127.0.0.1", ...this.#env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
  }

  async says(...words: string[]): Promise<Said> {
    const child = this.start(...words);
    const [code, out, errors] = await Promise.all([
      child.exited,
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
    ]);
    return { code, out, errors };
  }

  /** As `says`, and it comes to its end. */
  async does(...words: string[]): Promise<string> {
    const said = await this.says(...words);
    if (said.code !== 0) throw new Error(`parlour ${words.join(" ")} ended with ${said.code}: ${said.errors}`);
    return said.out;
  }
}

export const newFolder = () => mkdtempSync(join(tmpdir(), "parlour-moving-"));

/** The rows and the hash of each table, as `db copy` prints them. */
export function printsIn(out: string): Record<string, string> {
  const lines = [...out.matchAll(/^(\w+) +([\d,]+) rows {2}([0-9a-f]{64})$/gm)];
  return Object.fromEntries(lines.map(([, name = "", rows = "", hash = ""]) => [name, `${rows} ${hash}`]));
}
