import type { MiddlewareHandler } from "hono";
import type { Config } from "../config.ts";
import type { Bindings } from "./app.ts";

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** On every answer: nothing inline, nothing from elsewhere, no framing, no guessing of types. */
export function securityHeaders(config: Config): MiddlewareHandler<Bindings> {
  return async (context, next) => {
    await next();
    const headers = context.res.headers;
    if (!headers.has("content-security-policy")) headers.set("content-security-policy", POLICY);
    headers.set("x-content-type-options", "nosniff");
    headers.set("x-frame-options", "DENY");
    headers.set("referrer-policy", "no-referrer");
    headers.set("x-request-id", context.env.requestId);
    if (!config.tls) return;
    // Over plain http browsers ignore both, and complain about the first in every console.
    headers.set("cross-origin-opener-policy", "same-origin");
    headers.set("strict-transport-security", "max-age=31536000");
  };
}
