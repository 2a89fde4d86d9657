import { connect, createServer, type Socket } from "node:net";

/** One address in front of several nodes, as a load balancer is, that sends every person to a node of their own. */
export interface InFront {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Led anew for each request: a client may send another person's behind this one, on the same connection. Who brings no
 * token in the head goes to each node in turn.
 */
export async function standInFront(nodes: () => readonly string[], port = 0): Promise<InFront> {
  let turn = 0;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (outer) => {
    open.add(outer);
    outer.on("close", () => open.delete(outer));
    serve(outer, (head) => {
      const urls = nodes();
      turn += 1;
      return new URL(urls[(personIn(head) ?? turn) % urls.length] ?? "");
    });
  });
  await new Promise<void>((go) => server.listen(port, "127.0.0.1", go));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((go) => server.close(() => go()));
    },
  };
}

function serve(outer: Socket, nodeFor: (head: string) => URL): void {
  const inner = new Map<string, Socket>();
  let waiting = Buffer.alloc(0);
  const to = ({ port, hostname }: URL): Socket => {
    const known = inner.get(port);
    if (known) return known;
    const made = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
    inner.set(port, made);
    made.pipe(outer);
    made.on("error", () => outer.destroy());
    // What it said last may still be on its way out.
    made.on("close", () => outer.end(() => outer.destroy()));
    return made;
  };
  const read = (part: Buffer) => {
    waiting = Buffer.concat([waiting, part]);
    for (let end = waiting.indexOf(END); end >= 0; end = waiting.indexOf(END)) {
      const head = waiting.subarray(0, end).toString("latin1");
      const node = to(nodeFor(head));
      const length = end + END.length + Number(/^content-length: *(\d+)/im.exec(head)?.[1] ?? 0);
      const isStream = /^(upgrade: *websocket|transfer-encoding:)/im.test(head);
      if (!isStream && waiting.length < length) return;
      node.write(isStream ? waiting : waiting.subarray(0, length));
      waiting = isStream ? Buffer.alloc(0) : waiting.subarray(length);
      if (!isStream) continue;
      outer.off("data", read);
      outer.pipe(node);
      return;
    }
  };
  outer.on("data", read);
  outer.on("error", () => outer.destroy());
  outer.on("end", () => {
    for (const each of inner.values()) each.end();
  });
  outer.on("close", () => {
    for (const each of inner.values()) each.destroy();
  });
}

const END = "\r\n\r\n";

function personIn(head: string): number | null {
  const [, payload] = /(?:^authorization: *bearer +|[?&]token=|bearer\.)[\w-]+\.([\w-]+)\.[\w-]+/im.exec(head) ?? [];
  if (payload === undefined) return null;
  try {
    const id = Number((JSON.parse(Buffer.from(payload, "base64url").toString()) as { sub?: unknown }).sub);
    return Number.isSafeInteger(id) ? id : null;
  } catch {
    return null;
  }
}
