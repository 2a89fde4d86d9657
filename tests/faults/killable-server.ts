import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const here = join(import.meta.dir, "../..");

export interface ServerWishes {
  /** A folder of the test's own; without one, a new folder that goes with the server. */
  dataDir?: string;
  /** The checkout whose program it is; without one, this. */
  program?: string;
  env?: Record<string, string>;
}

/** The server as an operator runs it: a process of its own that can be killed. It keeps its port and its data. */
export class KillableServer {
  readonly dataDir: string;
  url = "";
  /** All that its processes said on stderr. */
  errors = "";
  readonly #wishes: ServerWishes;
  #child: Bun.Subprocess<"ignore", "pipe", "pipe"> | null = null;

  constructor(wishes: ServerWishes = {}) {
    this.#wishes = wishes;
    this.dataDir = wishes.dataDir ?? mkdtempSync(join(tmpdir(), "parlour-faults-"));
    mkdirSync(this.dataDir, { recursive: true });
  }

  static async start(wishes: ServerWishes = {}, through: readonly string[] = []): Promise<KillableServer> {
    const server = new KillableServer(wishes);
    await server.start(through);
    return server;
  }

  get pid(): number {
    if (!this.#child) throw new Error("The server does not run.");
    return this.#child.pid;
  }

  get file(): string {
    return join(this.dataDir, "parlour.db");
  }

  /** `through` are words before the server's own: `prlimit --fsize=…` and the like. */
  async start(through: readonly string[] = []): Promise<void> {
    const port = this.url === "" ? "0" : new URL(this.url).port;
    const parlour = join(this.#wishes.program ?? here, "bin/parlour.ts");
    const own = { HOST: "127.0.0.1", PORT: port, DATA_DIR: this.dataDir, RATE_LIMITS: "off" };
    const child = Bun.spawn([...through, process.execPath, "--no-env-file", parlour, "start"], {
      cwd: this.dataDir,
      env: { ...process.env, ...own, ...this.#wishes.env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    this.#child = child;
    const complained = this.#collect(child.stderr);
    let said = "";
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
      said += part;
      const [, url] = /^Parlour is at (\S+)$/m.exec(said) ?? [];
      if (url === undefined) continue;
      this.url = url;
      return;
    }
    await complained;
    this.#child = null;
    throw new Error(`The server did not start: ${said}${this.errors}`);
  }

  /** Resolves when it has ended by itself. */
  async ended(): Promise<void> {
    await this.#child?.exited;
  }

  /** As an operator stops it. */
  stop(): Promise<void> {
    return this.#end("SIGTERM");
  }

  /** As the lack of memory ends it: nothing is told to anybody, nothing is finished. */
  kill(): Promise<void> {
    return this.#end("SIGKILL");
  }

  async #end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#child;
    this.#child = null;
    child?.kill(signal);
    await child?.exited;
  }

  async #collect(stderr: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    for await (const part of stderr.pipeThrough(new TextDecoderStream())) this.errors += part;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#wishes.dataDir === undefined) rmSync(this.dataDir, { recursive: true, force: true });
  }
}
