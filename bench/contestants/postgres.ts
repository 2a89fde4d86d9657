import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Cores, freePort, pinned } from "../machine.ts";

const DEBIAN = "/usr/lib/postgresql";

/** A PostgreSQL with Debian's settings in a folder that goes away with it. */
export async function startPostgres(cores: Cores): Promise<{ url: string; pid: number; stop: () => Promise<void> }> {
  const versions = existsSync(DEBIAN) ? readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a)) : [];
  const [newest] = versions;
  if (newest === undefined) throw new Error("PostgreSQL is not installed: apt-get install postgresql");
  const bin = join(DEBIAN, newest, "bin");
  const home = mkdtempSync(join(tmpdir(), "bench-postgres-"));
  const isRoot = process.getuid?.() === 0;
  if (isRoot) {
    chmodSync(home, 0o711);
    chownSync(home, Number(Bun.spawnSync(["id", "-u", "postgres"]).stdout.toString()), 0);
  }
  // PostgreSQL does not run as root.
  const as = (words: string[]) => (isRoot ? ["runuser", "-u", "postgres", "--", ...words] : words);
  const data = join(home, "data");
  const port = await freePort();
  const run = (words: string[]) => {
    const done = Bun.spawnSync(words, { cwd: "/", stdout: "ignore", stderr: "pipe" });
    if (!done.success) throw new Error(`${words.join(" ")}: ${done.stderr.toString().trim()}`);
  };
  run(as([join(bin, "initdb"), "-D", data, "--encoding=UTF8", "--locale=C.UTF-8", "-A", "trust", "-U", "parlour"]));
  const options = `-k ${home} -p ${port} -c listen_addresses=127.0.0.1`;
  const start = ["-D", data, "-w", "-s", "-l", join(home, "log"), "-o", options, "start"];
  run(pinned("load", cores, as([join(bin, "pg_ctl"), ...start])));
  const stop = () => {
    if (!existsSync(home)) return;
    Bun.spawnSync(as([join(bin, "pg_ctl"), "-D", data, "-w", "-s", "-m", "fast", "stop"]), { cwd: "/" });
    rmSync(home, { recursive: true, force: true });
  };
  // A run that is broken off leaves no server behind.
  process.on("exit", stop);
  const pid = Number(readFileSync(join(data, "postmaster.pid"), "utf8").split("\n")[0]);
  return { pid, url: `postgresql://parlour@localhost:${port}/postgres?host=${home}`, stop: async () => stop() };
}
