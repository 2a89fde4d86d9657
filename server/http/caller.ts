import type { Server } from "bun";
import type { Config } from "../config.ts";
import type { Caller } from "../endpoint.ts";
import { isOwnOrigin } from "./cross-origin.ts";
import { networkOf } from "./network-of.ts";

/** What is known of whoever asks, before they say who they are. */
export function callerOf<Data>(config: Config, request: Request, server: Server<Data>): Caller {
  return {
    address: addressOf(config, request, server),
    secure: config.tls !== null || (config.trustProxy && lastOf(request, "x-forwarded-proto") === "https"),
    client: (request.headers.get("user-agent") ?? "unknown").replaceAll(/[^\x20-\x7e]/g, "").slice(0, 200),
    cookie: (name) => cookieIn(request, name),
    sameOrigin: isSameOrigin(config, request),
  };
}

function addressOf<Data>(config: Config, request: Request, server: Server<Data>): string {
  // The last entry is the one that the proxy itself wrote; those before it are whatever the client claimed.
  const forwarded = config.trustProxy ? lastOf(request, "x-forwarded-for") : null;
  return networkOf(forwarded ?? server.requestIP(request)?.address ?? "unknown");
}

function lastOf(request: Request, header: string): string | null {
  return request.headers.get(header)?.split(",").at(-1)?.trim() || null;
}

function cookieIn(request: Request, name: string): string | null {
  for (const part of (request.headers.get("cookie") ?? "").split(";")) {
    const [key, ...value] = part.trim().split("=");
    if (key === name) return value.join("=");
  }
  return null;
}

function isSameOrigin(config: Config, request: Request): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin") return false;
  const origin = request.headers.get("origin");
  // Browsers send Origin with every POST; without either header it is no browser and brings no ambient cookie.
  return origin === null || isOwnOrigin(config, origin, request.headers.get("host"));
}
