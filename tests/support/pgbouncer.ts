import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A PgBouncer in transaction mode before a database, with few connections behind it. */
export interface PgBouncer extends AsyncDisposable {
  readonly url: string;
}

export async function startPgBouncer(databaseUrl: string, connections: number): Promise<PgBouncer> {
  const program = programOrCure();
  const home = mkdtempSync(join(tmpdir(), "parlour-pgbouncer-"));
  chmodSync(home, 0o777);
  const port = await freePort();
  const to = new URL(databaseUrl);
  const settings = join(home, "pgbouncer.ini");
  writeFileSync(
    settings,
    `[databases]
* = host=${to.hostname} port=${to.port} user=${to.username}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = ${connections}
max_client_conn = 200
logfile = ${join(home, "log")}
`,
  );
  // It does not run as root.
  const words = process.getuid?.() === 0 ? ["runuser", "-u", "nobody", "--", program] : [program];
  // Through a shell: what a test starts itself is ended with the test when that takes too long.
  const started = Bun.spawnSync(["sh", "-c", '"$@" >/dev/null 2>&1 & echo $!', "sh", ...words, settings]);
  const pid = Number(started.stdout.toString());
  const end = () => {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It has ended.
    }
  };
  process.on("exit", end);
  for (const until = performance.now() + 5_000; !(await answers(port)); await Bun.sleep(10)) {
    if (performance.now() > until) throw new Error(`pgbouncer does not answer on port ${port}.`);
  }
  const via = new URL(databaseUrl);
  via.port = String(port);
  return { url: via.href, [Symbol.asyncDispose]: async () => end() };
}

const CURE = "pgbouncer is not installed, and this test needs it: install the package pgbouncer.";

function programOrCure(): string {
  const found = installed();
  if (found) return found;
  if (process.getuid?.() === 0 && Bun.which("apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const words = ["apt-get", "install", "-y", "--no-install-recommends", "pgbouncer"];
    Bun.spawnSync(words, { env, stdout: "ignore", stderr: "ignore" });
    const now = installed();
    if (now) return now;
  }
  throw new Error(CURE);
}

function installed(): string | null {
  return Bun.which("pgbouncer", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    return false;
  }
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
