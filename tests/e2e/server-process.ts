import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bun = process.execPath;
const parlour = join(import.meta.dir, "../../bin/parlour.ts");

/** The server as an operator runs it: a process of its own, which can be killed. Keeps its port and its data. */
export class ServerProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), "parlour-e2e-"));
  url = "";
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;

  static async start(): Promise<ServerProcess> {
    const server = new ServerProcess();
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const child = Bun.spawn([bun, "--no-env-file", parlour, "start"], {
      cwd: this.dataDir,
      env: { ...process.env, HOST: "127.0.0.1", PORT: port, DATA_DIR: this.dataDir, RATE_LIMITS: "off" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#child = child;
    const errors = new Response(child.stderr).text();
    let said = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += part;
      const [, url] = /^Parlour is at (\S+)$/m.exec(said) ?? [];
      if (url === undefined) continue;
      this.url = url;
      return;
    }
    throw new Error(`The server did not start: ${said}${await errors}`);
  }

  /** As an operator stops it. */
  async stop(): Promise<void> {
    await this.#end("SIGTERM");
  }

  /** As the machine's lack of memory ends it: nothing is told to anybody. */
  async kill(): Promise<void> {
    await this.#end("SIGKILL");
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await this.#child?.exited;
    this.#child = null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
