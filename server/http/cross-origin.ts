import type { MiddlewareHandler } from "hono";
import type { Config } from "../config.ts";
import type { Bindings } from "./app.ts";

/**
 * A bearer token carries no ambient right, so any site's page may bring one, unless a list says which. Never with
 * credentials: what a cookie proves is for this server's own pages.
 */
export function crossOrigin(config: Config): MiddlewareHandler<Bindings> {
  return async (context, next) => {
    const origin = context.req.header("origin");
    const allowed = origin !== undefined && originAllowed(config, origin, context.req.header("host") ?? null);
    if (context.req.method === "OPTIONS" && context.req.header("access-control-request-method")) {
      return new Response(null, {
        status: 204,
        headers: allowed
          ? preflight(config, origin, context.req.header("access-control-request-headers"))
          : { vary: "origin" },
      });
    }
    await next();
    // Said to the others too: a cache must not give one origin's answer to another.
    if (config.corsOrigins.length > 0) context.res.headers.append("vary", "origin");
    if (!allowed) return;
    for (const [name, value] of Object.entries(allow(config, origin))) context.res.headers.set(name, value);
  };
}

export function originAllowed(config: Config, origin: string | null, host: string | null): boolean {
  if (origin === null || config.corsOrigins.length === 0) return true;
  if (config.corsOrigins.includes(origin)) return true;
  return isOwnOrigin(config, origin, host);
}

/** Whether a page of this very server asks. */
export function isOwnOrigin(config: Config, origin: string, host: string | null): boolean {
  if (config.publicUrl !== null && origin === config.publicUrl) return true;
  return host !== null && URL.parse(origin)?.host === host;
}

// Other systems' pages send headers of their own. None is a right here, so whatever is a header's name is let through.
const NAMES = /^[\w-]+(?: *, *[\w-]+){0,19}$/;

function preflight(config: Config, origin: string, asked = ""): Record<string, string> {
  const more = asked.length <= 500 && NAMES.test(asked) ? `, ${asked.toLowerCase()}` : "";
  return {
    ...allow(config, origin),
    vary: "origin, access-control-request-headers",
    "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
    "access-control-allow-headers": `authorization, content-type${more}`,
    "access-control-max-age": "600",
  };
}

function allow(config: Config, origin: string): Record<string, string> {
  const exposed = { "access-control-expose-headers": "x-request-id, retry-after, x-next-cursor, link" };
  if (config.corsOrigins.length === 0) return { "access-control-allow-origin": "*", ...exposed };
  return { "access-control-allow-origin": origin, ...exposed };
}
