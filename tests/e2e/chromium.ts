import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

export interface LaunchOptions {
  /** As in `--host-resolver-rules`: "MAP chat.example 127.0.0.1". */
  hostResolverRules?: string;
}

export async function launchChromium(options: LaunchOptions = {}): Promise<Browser> {
  const { hostResolverRules } = options;
  return chromium.launch({
    executablePath: await chromiumPath(),
    chromiumSandbox: !isRoot(), // Chromium has no sandbox for root
    args: [
      "--headless=new",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--disable-default-apps",
      ...(hostResolverRules === undefined ? [] : [`--host-resolver-rules=${hostResolverRules}`]),
    ],
  });
}

/** A Chromium that runs; on Debian, for root, it is installed when there is none. */
export function chromiumPath(): Promise<string> {
  search ??= find();
  return search;
}

let search: Promise<string> | undefined;

async function find(): Promise<string> {
  const named = process.env.CHROMIUM;
  if (named) {
    if (await runs(named)) return named;
    throw new Error(`CHROMIUM names ${named}, which does not run.`);
  }
  return (await firstThatRuns()) ?? (await install());
}

async function firstThatRuns(): Promise<string | undefined> {
  for (const name of ["chromium", "chromium-browser", "google-chrome"]) {
    const path = existsSync(`/usr/bin/${name}`) ? `/usr/bin/${name}` : Bun.which(name);
    if (path !== null && (await runs(path))) return path;
  }
  return undefined;
}

async function runs(path: string): Promise<boolean> {
  if (!existsSync(path)) return false;
  return (await Bun.spawn([path, "--version"], { stdout: "ignore", stderr: "ignore" }).exited) === 0;
}

const packages = ["chromium", "fonts-noto-core", "fonts-noto-cjk", "fonts-noto-color-emoji"];

async function install(): Promise<string> {
  const command = `apt-get install --no-install-recommends ${packages.join(" ")}`;
  if (!isRoot() || Bun.which("apt-get") === null) {
    throw new Error(`No Chromium is here: install it (on Debian, as root: ${command}) or name one in CHROMIUM.`);
  }
  console.error(`No Chromium is here: installing it once (${command})`);
  // Another run of the tests, or a person, may be installing at the same time: the second waits and finds it done.
  const output = await underLock(`
    command -v chromium && chromium --version && exit 0
    set -e
    for try in $(seq 60); do
      apt-get -qq update && break
      sleep 2
    done
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${packages.join(" ")}
  `);
  const path = await firstThatRuns();
  if (path === undefined) throw new Error(`Chromium could not be installed (${command}):\n${output}`);
  return path;
}

async function underLock(script: string): Promise<string> {
  const child = Bun.spawn(["flock", join(tmpdir(), "parlour-chromium.lock"), "sh", "-c", script], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  return output + errors;
}

function textOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  return new Response(stream).text();
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

if (import.meta.main) console.log(await chromiumPath());
