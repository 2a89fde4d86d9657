import { spawn } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PostgreSQL of the tests' own, or the one that TEST_DATABASE_URL names. */
export interface TestPostgres {
  /** Makes an empty database and says its address. */
  createDatabase(): Promise<string>;
  /** Runs SQL as the owner of everything; what comes back is text, a row a line. */
  sql(database: string, text: string): Promise<string>;
  /** Null when it is not ours to stop. */
  readonly own: { stop(mode: "fast" | "immediate"): Promise<void>; start(): Promise<void> } | null;
}

let started: Promise<TestPostgres> | null = null;

/** Started once a process; it ends with it. */
export function testPostgres(): Promise<TestPostgres> {
  started ??= process.env.TEST_DATABASE_URL ? given(process.env.TEST_DATABASE_URL) : startPostgres();
  return started;
}

/** The database in an address made here. */
export function databaseIn(url: string): string {
  return new URL(url).pathname.slice(1);
}

async function given(url: string): Promise<TestPostgres> {
  const psql = join(binaries(), "psql");
  const sql = (database: string, text: string) => run([psql, "-X", "-At", "-c", text, atDatabase(url, database)]);
  return { createDatabase: () => create(url, sql, databaseIn(url)), sql, own: null };
}

/** A server to do with as one likes; it ends with the process. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = binaries();
  const home = mkdtempSync(join(tmpdir(), "parlour-postgres-"));
  chmodSync(home, 0o711);
  const data = join(home, "data");
  const user = lesserUser(home);
  const port = await freePort();
  const as = (words: string[]) => run(user === null ? words : ["runuser", "-u", user, "--", ...words]);
  await as([join(folder, "initdb"), "-D", data, "--encoding=UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "parlour"]);
  const options = `-k ${home} -p ${port} -c listen_addresses=127.0.0.1 -c max_connections=200 -c shared_buffers=64MB`;
  const log = join(home, "log");
  const start = () => as([join(folder, "pg_ctl"), "-D", data, "-w", "-s", "-l", log, "-o", options, "start"]);
  await start();
  endWith(process.pid, home, [
    ...(user === null ? [] : ["runuser", "-u", user, "--"]),
    join(folder, "pg_ctl"),
    "-D",
    data,
  ]);
  const url = `postgresql://parlour@127.0.0.1:${port}/postgres`;
  const sql = (database: string, text: string) =>
    run([join(folder, "psql"), "-X", "-At", "-c", text, atDatabase(url, database)]);
  return {
    createDatabase: () => create(url, sql, "postgres"),
    sql,
    own: {
      stop: async (mode) => {
        await as([join(folder, "pg_ctl"), "-D", data, "-w", "-s", "-m", mode, "stop"]);
      },
      start: async () => {
        await start();
      },
    },
  };
}

/** Stops it when this process is gone, however it went: the test runner ends without saying so. */
function endWith(pid: number, home: string, control: readonly string[]): void {
  const watch = `while kill -0 ${pid} 2>/dev/null; do sleep 1; done; ${control.join(" ")} -s -m immediate stop; rm -rf ${home}`;
  spawn("sh", ["-c", watch], { cwd: "/", stdio: "ignore", detached: true }).unref();
}

let made = 0;

async function create(url: string, sql: TestPostgres["sql"], by: string): Promise<string> {
  made += 1;
  const name = `parlour_${process.pid}_${made}`;
  await sql(by, `CREATE DATABASE ${name} ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0`);
  return atDatabase(url, name);
}

function atDatabase(url: string, name: string): string {
  const at = new URL(url);
  at.pathname = `/${name}`;
  return at.href;
}

const DEBIAN = "/usr/lib/postgresql";
const CURE =
  "PostgreSQL is not installed, and these tests need it: install the package postgresql, or name a server in TEST_DATABASE_URL.";

/** Where Debian keeps the programs of its newest version; installed through apt-get when they are absent and may be. */
function binaries(): string {
  const found = installed();
  if (found) return found;
  if (process.getuid?.() === 0 && Bun.which("apt-get")) {
    const words = ["apt-get", "install", "-y", "--no-install-recommends", "postgresql"];
    // Without this Debian would start a server of its own beside ours.
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", PG_CREATE_CLUSTER: "no" };
    Bun.spawnSync(words, { env, stdout: "ignore", stderr: "ignore" });
    const now = installed();
    if (now) return now;
  }
  throw new Error(CURE);
}

function installed(): string | null {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const folder = versions.map((version) => join(DEBIAN, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
  if (folder) return folder;
  const elsewhere = Bun.which("initdb");
  return elsewhere === null ? null : join(elsewhere, "..");
}

/** PostgreSQL does not run as root. */
function lesserUser(home: string): string | null {
  if (process.getuid?.() !== 0) return null;
  for (const name of ["postgres", "nobody"]) {
    const id = Bun.spawnSync(["id", "-u", name]);
    if (!id.success) continue;
    chownSync(home, Number(id.stdout.toString()), 0);
    return name;
  }
  throw new Error("PostgreSQL does not run as root, and there is neither a user postgres nor nobody.");
}

async function run(words: string[]): Promise<string> {
  const child = Bun.spawn(words, { stdin: "ignore", stdout: "pipe", stderr: "pipe", cwd: "/" });
  const [out, said, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${words[0]} ended with ${code}: ${said.trim()}`);
  return out.trim();
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}
