import { createServer } from "node:net";

/** A nats-server of the tests' own, or the one that TEST_NATS_URL names. */
export interface TestNats {
  readonly url: string;
  /** Null when it is not ours to stop. */
  readonly own: { stop(): Promise<void>; start(): Promise<void> } | null;
}

let shared: Promise<TestNats> | null = null;

/** One for all tests of a process; it ends with it. */
export function testNats(): Promise<TestNats> {
  shared ??= process.env.TEST_NATS_URL
    ? Promise.resolve({ url: process.env.TEST_NATS_URL, own: null })
    : startNats().then(({ url, stop, start }) => ({ url, own: { stop, start } }));
  return shared;
}

export interface OwnNats {
  readonly url: string;
  /** As if its machine had lost its power. */
  stop(): Promise<void>;
  /** Again on the same port. */
  start(): Promise<void>;
}

const STARTED_AND_WATCHED = `"$0" -a 127.0.0.1 -p "$1" >/dev/null 2>&1 & nats=$!
  (while kill -0 "$2" && kill -0 $nats; do sleep 1; done; kill -0 "$2" || kill -9 $nats) >/dev/null 2>&1 & echo $nats`;

/** A server to stop and start as one likes; it ends with the process. */
export async function startNats(): Promise<OwnNats> {
  const program = programOrCure();
  const port = await freePort();
  let pid: number | null = null;
  const kill = () => {
    if (pid !== null) process.kill(pid, "SIGKILL");
    pid = null;
  };
  const stop = async () => {
    kill();
    while (await answers(port)) await Bun.sleep(10);
  };
  const start = async () => {
    // Through a shell: what a test starts itself is ended with the test when that takes too long. And watched from there,
    // since the test runner ends without saying so.
    const words = ["sh", "-c", STARTED_AND_WATCHED, program, String(port), String(process.pid)];
    pid = Number(Bun.spawnSync(words).stdout.toString());
    for (const until = performance.now() + 5_000; !(await answers(port)); await Bun.sleep(10)) {
      if (performance.now() > until) throw new Error(`nats-server does not answer on port ${port}.`);
    }
  };
  await start();
  return { url: `nats://127.0.0.1:${port}`, stop, start };
}

const CURE =
  "nats-server is not installed, and these tests need it: install the package nats-server, or name a server in TEST_NATS_URL.";

function programOrCure(): string {
  const found = installed();
  if (found) return found;
  if (process.getuid?.() === 0 && Bun.which("apt-get")) {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    const words = ["apt-get", "install", "-y", "--no-install-recommends", "nats-server"];
    Bun.spawnSync(words, { env, stdout: "ignore", stderr: "ignore" });
    const now = installed();
    if (now) return now;
  }
  throw new Error(CURE);
}

function installed(): string | null {
  return Bun.which("nats-server", { PATH: `${process.env.PATH}:/usr/sbin:/usr/local/sbin` });
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
