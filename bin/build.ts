import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { noteUse, sweepBuilds } from "./builds-in-use.ts";

export interface Build {
  /** Holds index.html. */
  readonly webDir: string;
  /** The server in one file, with its workers beside it. */
  readonly main: string;
}

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** `npm run build` puts it there, and it stays. */
export const EXECUTABLE = "parlour";
export const dist = join(root, "dist");
const SOURCES = ["server", "shared", "client", "web", "bin/build.ts", "bin/build-web.ts", "package-lock.json"];

/**
 * The page and the server as they follow from the sources that stand here, built only when no build of exactly these
 * exists. Each build has a folder of its own, so a server that runs keeps the files it was started with, and two that
 * build at once do not meet.
 */
export async function freshBuild(say: (line: string) => void): Promise<Build> {
  const folder = join(dist, nameOf());
  if (!existsSync(folder)) {
    say("Building the page and the server, once …");
    await build(folder);
    sweepBuilds(dist, (name) => name.startsWith(EXECUTABLE), Date.now());
  }
  noteUse(folder);
  return { webDir: join(folder, "web"), main: join(folder, "server/main.js") };
}

/** Changes when any source changes its time or size: cheaper than reading them, at every start. */
function nameOf(): string {
  const seen: string[] = [];
  for (const source of SOURCES) {
    const path = join(root, source);
    const files = statSync(path).isDirectory() ? readdirSync(path, { recursive: true, encoding: "utf8" }) : [""];
    for (const file of files) {
      if (file.includes(".test.")) continue;
      const { mtimeMs, size } = statSync(join(path, file));
      seen.push(`${source}/${file} ${mtimeMs} ${size}`);
    }
  }
  return Bun.hash.wyhash(seen.sort().join("\n")).toString(36);
}

async function build(folder: string): Promise<void> {
  const { buildWeb } = await import("./build-web.ts");
  mkdirSync(dist, { recursive: true });
  const part = mkdtempSync(`${folder}.part-`);
  try {
    await buildWeb({ outdir: join(part, "web"), minify: true, dev: false });
    await buildServer(join(part, "server"));
    if (!existsSync(folder)) renameSync(part, folder);
  } finally {
    rmSync(part, { recursive: true, force: true });
  }
}

async function buildServer(outdir: string): Promise<void> {
  const store = join(root, "server/store/sqlite");
  const result = await Bun.build({
    entrypoints: [join(root, "server/main.ts"), join(store, "writer.ts"), join(store, "reader.ts")],
    outdir,
    target: "bun",
    // Names stay: they are what an operator finds in the log when something fails.
    minify: { whitespace: true, syntax: true, identifiers: false },
    // What is imported when it is asked for stands in files of its own: a server without NATS or SMTP does not carry theirs.
    splitting: true,
    naming: { entry: "[name].[ext]", chunk: "[name]-[hash].[ext]" },
  });
  if (!result.success) throw new AggregateError(result.logs, "The server does not build");
}
