import { connect, createServer, type Socket } from "node:net";

/** What becomes of a line when its client asks whether all was read. */
export type Fate = "answered" | "cut" | "silent";

/** A way to a NATS that breaks on purpose: at the question that `fate` names, counted from 1 on each line. */
export interface WeakLine extends AsyncDisposable {
  readonly url: string;
  /** How many lines there were, and what the last of them has brought. */
  readonly lines: number;
  readonly bytes: number;
}

export async function weakLine(url: string, fate: (line: number, question: number) => Fate): Promise<WeakLine> {
  const to = new URL(url);
  const open = new Set<Socket>();
  let lines = 0;
  let bytes = 0;
  const server = createServer((outer) => {
    lines += 1;
    bytes = 0;
    const line = lines;
    let questions = 0;
    const inner = connect(Number(to.port), to.hostname);
    outer.on("data", (part) => {
      bytes += part.length;
      for (const _ of part.toString("latin1").matchAll(/PING\r\n/g)) {
        questions += 1;
        const what = fate(line, questions);
        if (what === "silent") inner.pause();
        if (what === "cut") {
          inner.pause();
          setTimeout(() => outer.destroy(), 20);
        }
      }
      inner.write(part);
    });
    inner.on("data", (part) => outer.write(part));
    for (const [one, other] of [
      [outer, inner],
      [inner, outer],
    ] as const) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        open.delete(one);
        other.destroy();
      });
    }
  });
  await new Promise<void>((go) => server.listen(0, "127.0.0.1", go));
  const address = server.address();
  return {
    url: `nats://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    get lines() {
      return lines;
    },
    get bytes() {
      return bytes;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((go) => server.close(() => go()));
    },
  };
}
