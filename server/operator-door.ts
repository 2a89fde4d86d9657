import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { Refusal } from "#shared/errors.ts";
import { type RefusalText, refusalFrom } from "./store/wire.ts";

/** What a tool may ask of the server that runs on its data folder. */
export type DoorAsked =
  | { ask: "make-password-link"; name: string; makesAdmin: boolean; tokenHash: string }
  /** Nobody can write for so long; asked again before that, it goes on. */
  | { ask: "pause-writes"; pause: string; place: string; forMs: number }
  | { ask: "pause-for-good" | "resume-writes"; pause: string };

// What the kernel takes for the path of a socket is 108 bytes.
const PATH_MOST = 100;

/**
 * A socket in the data folder, for whoever owns the folder: the file system decides who may come in. Where a socket
 * cannot stand there it stands in a folder of its own, and a note in the data folder says where.
 */
export function openDoor(
  dataDir: string,
  answer: (asked: DoorAsked) => Promise<unknown>,
  failed: () => void,
): () => void {
  let stop = () => {};
  try {
    const opened = listenIn(dataDir, answer);
    stop = opened.stop;
    writeFileSync(noteIn(dataDir), opened.socket, { mode: 0o600 });
  } catch {
    // People talk without it: a full disk must not keep a server from starting.
    failed();
  }
  return () => {
    stop();
    rmSync(noteIn(dataDir), { force: true });
  };
}

function listenIn(dataDir: string, answer: (asked: DoorAsked) => Promise<unknown>) {
  const own = join(dataDir, "door.sock");
  if (Buffer.byteLength(own) <= PATH_MOST) {
    try {
      return listen(own, answer);
    } catch {
      // Some file systems hold no sockets.
    }
  }
  const folder = mkdtempSync(join(tmpdir(), "parlour-"));
  const { socket, stop } = listen(join(folder, "door.sock"), answer);
  return {
    socket,
    stop() {
      stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listen(socket: string, answer: (asked: DoorAsked) => Promise<unknown>) {
  // Left behind by a process that was killed: this one holds the folder.
  rmSync(socket, { force: true });
  const server = Bun.serve({
    unix: socket,
    maxRequestBodySize: 16_384,
    async fetch(request) {
      try {
        return Response.json({ result: await answer((await request.json()) as DoorAsked) });
      } catch (error) {
        const { code, message } = error instanceof Refusal ? error : new Refusal("internal");
        return Response.json({ refusal: { code, detail: message } satisfies RefusalText });
      }
    },
  });
  chmodSync(socket, 0o600);
  return {
    socket,
    stop() {
      void server.stop(true);
      rmSync(socket, { force: true });
    },
  };
}

/** Asks the server that runs on this folder; null when none answers. */
export async function askServer(dataDir: string, asked: DoorAsked): Promise<unknown> {
  const note = noteIn(dataDir);
  if (!existsSync(note)) return null;
  const unix = readFileSync(note, "utf8");
  if (!existsSync(unix) || !existsSync(dirname(unix))) return null;
  const response = await fetch("http://parlour/", { unix, method: "POST", body: JSON.stringify(asked) }).catch(
    () => null,
  );
  if (response === null) return null;
  const said = (await response.json()) as { result: unknown } | { refusal: RefusalText };
  if ("refusal" in said) throw refusalFrom(said.refusal);
  return said.result;
}

function noteIn(dataDir: string): string {
  return join(dataDir, "door");
}
