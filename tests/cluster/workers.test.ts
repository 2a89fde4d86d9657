import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "#tests/support/eventually.ts";
import { testNats } from "#tests/support/nats.ts";
import { type Person, people } from "#tests/support/people.ts";
import { testPostgres } from "#tests/support/postgres.ts";
import { RawSocket } from "#tests/support/raw-socket.ts";
import { sayMany } from "#tests/support/say-many.ts";

const parlour = join(import.meta.dir, "../../bin/parlour.ts");
const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

async function run(words: string[], env: Record<string, string>) {
  const dataDir = mkdtempSync(join(tmpdir(), "parlour-workers-"));
  folders.push(dataDir);
  const child = Bun.spawn([process.execPath, "--no-env-file", parlour, "start", ...words], {
    cwd: dataDir,
    env: { ...process.env, HOST: "127.0.0.1", DATA_DIR: dataDir, RATE_LIMITS: "off", ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  return { child, dataDir };
}

async function startWorkers(count: number) {
  const port = await freePort();
  const place = {
    PORT: String(port),
    DATABASE_URL: await (await testPostgres()).createDatabase(),
    NATS_URL: (await testNats()).url,
    SECRET_KEY: "of the tests alone, and long enough",
  };
  const { child } = await run(["--workers", String(count)], place);
  let said = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    said += part;
    if (said.includes("share the port")) break;
  }
  return { child, url: `http://127.0.0.1:${port}` };
}

/** The processes that a process has started, by the kernel's word. */
async function childrenOf(pid: number): Promise<number[]> {
  const text = await Bun.file(`/proc/${pid}/task/${pid}/children`).text();
  return text.split(" ").filter(Boolean).map(Number);
}

const isThere = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

async function aRoom(url: string): Promise<{ ann: Person; ben: Person; room: number; epoch: string }> {
  const [ann, ben] = await people(url, "ann", "ben");
  const { id: room } = await ann.api.createRoom({ name: "shared" });
  await ben.api.joinRoom(room);
  const { epoch } = await ann.api.messages(room);
  return { ann, ben, room, epoch };
}

describe("parlour start --workers 3", () => {
  test("is one server: sockets on all processes hear the same, one that is killed is started again, SIGTERM ends all", async () => {
    const { child, url } = await startWorkers(3);
    const { ann, ben, room, epoch } = await aRoom(url);
    const sockets = await Promise.all(
      Array.from({ length: 12 }, async () =>
        RawSocket.ready(url, await ben.token(), { epoch, rooms: { [room]: 2 }, open: [room] }),
      ),
    );
    const speaker = await RawSocket.ready(url, await ann.token());
    const last = await sayMany(speaker, room, 50);
    for (const socket of sockets) {
      await socket.hears("message", (message) => message.seq === last);
      expect(socket.all("message").map((message) => message.seq)).toEqual(
        Array.from({ length: 50 }, (_, at) => at + 3),
      );
    }
    await eventually(async () => expect((await childrenOf(child.pid)).length).toBe(3));
    const [victim = 0] = await childrenOf(child.pid);
    process.kill(victim, "SIGKILL");
    await eventually(async () => {
      const now = await childrenOf(child.pid);
      expect([now.length, now.includes(victim)]).toEqual([3, false]);
    });
    expect(sockets.some((socket) => socket.closed === null)).toBe(true);
    const all = await childrenOf(child.pid);
    child.kill("SIGTERM");
    expect(await child.exited).toBe(0);
    for (const socket of [...sockets, speaker]) await socket.closes();
    expect(speaker.closed?.code === 1012 || speaker.closed?.code === 1006).toBe(true);
    expect(sockets.some((socket) => socket.all("draining").length === 1)).toBe(true);
    expect(all.filter(isThere)).toEqual([]);
  }, 30_000);

  test("leaves no process behind when it is killed itself", async () => {
    const { child } = await startWorkers(2);
    await eventually(async () => expect((await childrenOf(child.pid)).length).toBe(2));
    const workers = await childrenOf(child.pid);
    child.kill("SIGKILL");
    await child.exited;
    await eventually(() => expect(workers.filter(isThere)).toEqual([]), 8_000);
  }, 20_000);
});

test.each([
  [["--workers", "2"], {}, "an SQLite file has one process to itself"],
  [["--workers", "2"], { DATABASE_URL: "postgresql://parlour@127.0.0.1:1/parlour" }, "needs NATS_URL"],
  [["--workers", "none"], {}, "must be a whole number"],
  [["--faster"], {}, "knows --workers N"],
])("start %p is refused with one line that says what would be right", async (words, env, line) => {
  const { child } = await run(words, { PORT: "8000", ...(env as Record<string, string>) });
  expect(await child.exited).toBe(2);
  const said = await new Response(child.stderr).text();
  expect(said).toContain(line);
  expect(said.trim().split("\n")).toHaveLength(1);
});

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
