import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Debian's package, and what Python imports from it. */
const packages = {
  "python3-websockets": "websockets",
  "python3-websocket": "websocket",
  "python3-requests": "requests",
  "python3-sqlalchemy": "sqlalchemy",
  "python3-psycopg2": "psycopg2",
  "python3-passlib": "passlib",
  "python3-bcrypt": "bcrypt",
} as const;

/** A Python that has all that the tests import, and curl; on Debian, for root, what is missing is installed. */
export function pythonPath(): Promise<string> {
  search ??= find();
  return search;
}

let search: Promise<string> | undefined;

async function find(): Promise<string> {
  const named = process.env.PYTHON;
  if (named) {
    if (await hasAll(named)) return named;
    throw new Error(`PYTHON names ${named}, which cannot import ${imports.join(", ")}.`);
  }
  return (await firstThatHasAll()) ?? (await install());
}

const imports = Object.values(packages);

async function firstThatHasAll(): Promise<string | undefined> {
  if (Bun.which("curl") === null) return undefined;
  // Debian's packages are for Debian's Python, which need not be the first one in PATH.
  for (const path of ["/usr/bin/python3", Bun.which("python3")]) {
    if (path !== null && (await hasAll(path))) return path;
  }
  return undefined;
}

async function hasAll(path: string): Promise<boolean> {
  if (!existsSync(path) && Bun.which(path) === null) return false;
  const check = Bun.spawn([path, "-c", `import ${imports.join(", ")}`], { stdout: "ignore", stderr: "ignore" });
  return (await check.exited) === 0;
}

async function install(): Promise<string> {
  const names = `curl python3 ${Object.keys(packages).join(" ")}`;
  const command = `apt-get install --no-install-recommends ${names}`;
  if (process.getuid?.() !== 0 || Bun.which("apt-get") === null) {
    throw new Error(`curl or a Python that imports ${imports.join(", ")} is missing (on Debian, as root: ${command}).`);
  }
  console.error(`Python's clients are not here: installing them once (${command})`);
  // Another run of the tests, or a person, may be installing at the same time: the second waits and finds it done.
  const output = await underLock(`
    command -v curl && /usr/bin/python3 -c "import ${imports.join(", ")}" && exit 0
    set -e
    for try in $(seq 60); do
      apt-get -qq update && break
      sleep 2
    done
    apt-get -qq -o DPkg::Lock::Timeout=300 install -y --no-install-recommends ${names}
  `);
  const path = await firstThatHasAll();
  if (path === undefined) throw new Error(`Python's clients could not be installed (${command}):\n${output}`);
  return path;
}

async function underLock(script: string): Promise<string> {
  const child = Bun.spawn(["flock", join(tmpdir(), "parlour-python.lock"), "sh", "-c", script], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
  const textOf = (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => new Response(stream).text();
  const [output, errors] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.exited]);
  return output + errors;
}

if (import.meta.main) console.log(await pythonPath());
