import type { Config } from "./config.ts";

/** Where the server is for somebody on this machine. */
export function localUrl(config: Config, port: number): string {
  const scheme = config.tls ? "https" : "http";
  const host = ["0.0.0.0", "::"].includes(config.host) ? "localhost" : config.host;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}
