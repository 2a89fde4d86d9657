import type { Server } from "bun";
import { limits } from "#shared/limits.ts";
import type { Config } from "./config.ts";
import type { SocketEnd } from "./realtime/socket.ts";

/** Takes requests and sockets from here on, or says in one line why it cannot. */
export function listen(
  config: Config,
  {
    isOneOfMany,
    fetch,
  }: {
    isOneOfMany: boolean;
    fetch: (request: Request, server: Server<SocketEnd>) => Response | undefined | Promise<Response | undefined>;
  },
): Server<SocketEnd> {
  try {
    return Bun.serve<SocketEnd>({
      hostname: config.host,
      port: config.port,
      reusePort: isOneOfMany,
      ...(config.tls ? { tls: { cert: Bun.file(config.tls.cert), key: Bun.file(config.tls.key) } } : {}),
      maxRequestBodySize: limits.bodyBytes * 2,
      idleTimeout: 30,
      fetch,
      error: () => new Response("Something went wrong.\n", { status: 500 }),
      websocket: {
        // A subscriber over its limit would lose messages silently; closed, it comes back and is given them.
        backpressureLimit: limits.queuedBytes,
        closeOnBackpressureLimit: true,
        maxPayloadLength: limits.frameBytes,
        perMessageDeflate: false,
        idleTimeout: limits.silentFor / 1_000,
        sendPings: true,
        open: (ws) => ws.data.opened(ws),
        message: (ws, text) => ws.data.heard(typeof text === "string" ? text : new TextDecoder().decode(text)),
        drain: (ws) => ws.data.drained(),
        close: (ws, code) => ws.data.closed(code),
      },
    });
  } catch (error) {
    throw new Error(whyNotListening(config, error));
  }
}

function whyNotListening({ host, port, tls }: Config, error: unknown): string {
  const { code = "", message } = error as { code?: string; message: string };
  if (code === "EADDRINUSE") return `PORT ${port} is in use by another program. Stop it, or choose another PORT.`;
  if (code === "EACCES") return `PORT ${port} is not for this user to open. Choose another PORT, above 1023.`;
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `HOST is "${host}": this machine has no such address. Leave it out for all of them, or choose another HOST.`;
  }
  if (tls && code.startsWith("ERR_")) {
    return `TLS_CERT ${tls.cert} and TLS_KEY ${tls.key} are not a certificate and its key, both as PEM (${code}).`;
  }
  return `The server cannot listen on HOST ${host}, PORT ${port}: ${message}`;
}
