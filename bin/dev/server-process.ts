import { fileURLToPath } from "node:url";
import type { Subprocess } from "bun";

export type Restarted =
  | { readonly state: "serving"; readonly url: string }
  /** The code has a fault; what served before still serves. */
  | { readonly state: "does-not-load" }
  /** The code loaded and the server did not come up; nothing serves. */
  | { readonly state: "does-not-start" };

interface Child {
  readonly process: Subprocess;
  /** False: it ended before that. */
  readonly loaded: Promise<boolean>;
  /** Null: it ended before that. */
  readonly url: Promise<string | null>;
}

const SERVE = fileURLToPath(new URL("./serve.ts", import.meta.url));
const END_WITHIN = 3_000;

/** The one server that runs at a time, and its successor while that one loads. */
export class ServerProcess {
  readonly #dataDir: string;
  readonly #ended: (code: number | null) => void;
  readonly #children = new Set<Child>();
  #serving: Child | null = null;

  /** `ended`: the server that served came to an end that nobody asked for. */
  constructor(options: { dataDir: string; ended: (code: number | null) => void }) {
    this.#dataDir = options.dataDir;
    this.#ended = options.ended;
  }

  async restart(webDir: string): Promise<Restarted> {
    const child = this.#spawn(webDir);
    if (!(await child.loaded)) return { state: "does-not-load" };
    const former = this.#serving;
    this.#serving = null;
    if (former) await end(former);
    child.process.send("go");
    const url = await child.url;
    if (url === null) return { state: "does-not-start" };
    this.#serving = child;
    return { state: "serving", url };
  }

  async stop(): Promise<void> {
    this.#serving = null;
    await Promise.all([...this.#children].map(end));
  }

  #spawn(webDir: string): Child {
    const loaded = Promise.withResolvers<boolean>();
    const url = Promise.withResolvers<string | null>();
    const spawned = Bun.spawn([process.execPath, SERVE, webDir, this.#dataDir], {
      stdio: ["ignore", "inherit", "inherit"],
      ipc(word: string) {
        if (word === "loaded") loaded.resolve(true);
        else url.resolve(word.slice("serving ".length));
      },
    });
    const child = { process: spawned, loaded: loaded.promise, url: url.promise };
    this.#children.add(child);
    void spawned.exited.then(() => {
      this.#children.delete(child);
      loaded.resolve(false);
      url.resolve(null);
      if (this.#serving === child) this.#ended(spawned.exitCode);
    });
    return child;
  }
}

async function end({ process: child }: Child): Promise<void> {
  const killer = setTimeout(() => child.kill("SIGKILL"), END_WITHIN);
  try {
    child.send("stop");
  } catch {
    // It is ending by itself.
  }
  await child.exited;
  clearTimeout(killer);
}
