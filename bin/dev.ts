import { rm } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Subprocess } from "bun";
import { ServerProcess } from "./dev/server-process.ts";
import { watchSources } from "./dev/watch-sources.ts";

const BUILD_PAGE = fileURLToPath(new URL("./dev/build-page.ts", import.meta.url));
const root = resolve(import.meta.dir, "..");
const dataDir = join(root, "data", "dev");
const pages = join(root, "dist", "dev");

let building: Subprocess | null = null;
/** Where the page is that is served; the next one is built beside it. */
let page = join(pages, "a");
const waiting = new Set<string>();
let isBusy = true;
let hasServed = false;
let isEnding = false;

const server = new ServerProcess({
  dataDir,
  ended: (code) => say(`The server ended by itself (${code}). The next change starts it again.`),
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => void end(0));

await rm(pages, { recursive: true, force: true });
watchSources(root, ["server", "shared", "client", "web"], (paths) => {
  for (const path of paths) waiting.add(path);
  void work();
});
await makePage();
await restartServer();
say(
  hasServed
    ? "A change of server/ starts the server again; one of web/, client/ or shared/ reloads open pages. Ctrl-C ends it."
    : "The next change starts it again.",
);
isBusy = false;
await work();

/** One thing at a time: what changes meanwhile waits. */
async function work(): Promise<void> {
  if (isBusy) return;
  isBusy = true;
  while (waiting.size > 0 && !isEnding) {
    const paths = [...waiting];
    waiting.clear();
    say(`Changed: ${paths.slice(0, 3).join(", ")}${paths.length > 3 ? ` and ${paths.length - 3} more` : ""}`);
    const isPageNew = paths.some((path) => !path.startsWith("server/")) && (await makePage());
    // The server lists the page's files when it starts, so a new page needs a new start too.
    if (isPageNew || paths.some((path) => /^(server|shared)\//.test(path))) await restartServer();
  }
  isBusy = false;
}

async function makePage(): Promise<boolean> {
  const next = join(pages, page.endsWith("a") ? "b" : "a");
  const began = performance.now();
  // A process of its own: what the bundler remembers of files is forgotten with it.
  building = Bun.spawn([process.execPath, BUILD_PAGE, next], {
    stdio: ["ignore", "inherit", "inherit"],
  });
  const code = await building.exited;
  building = null;
  if (isEnding) return false;
  if (code === 0) page = next;
  const took = `${((performance.now() - began) / 1_000).toFixed(1)} s`;
  say(code === 0 ? `The page is built, in ${took}.` : "The page does not build. Open pages stay as they are.");
  return code === 0;
}

async function restartServer(): Promise<void> {
  const restarted = await server.restart(page);
  if (isEnding) return;
  switch (restarted.state) {
    case "serving":
      say(`Parlour is at ${restarted.url}, its data in ${relative(root, dataDir)}.`);
      hasServed = true;
      break;
    case "does-not-load":
      say(`The server's code does not load.${hasServed ? " What served before goes on." : ""}`);
      break;
    case "does-not-start":
      say("The server did not start.");
      // A port in use or a bad setting: no change of a file will mend it.
      if (!hasServed) await end(1);
      break;
    default:
      restarted satisfies never;
  }
}

async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  building?.kill();
  await server.stop();
  process.exit(code);
}

function say(line: string): void {
  process.stdout.write(`dev: ${line}\n`);
}
