import type { Context, MiddlewareHandler } from "hono";
import type { z } from "zod";
import { Refusal } from "#shared/errors.ts";
import type { Signed } from "../auth/sessions.ts";
import { Download, type Endpoint, JsonText } from "../endpoint.ts";
import type { Services } from "../services.ts";
import type { App, Bindings } from "./app.ts";
import { check } from "./check.ts";
import { refusedInDetail } from "./details.ts";
import { problem } from "./problems.ts";
import { readBody } from "./read-body.ts";

type Asked = Context<Bindings>;

/**
 * Binds one endpoint to the framework: who calls, what they bring, what they get.
 */
export function bind(app: App, services: Services, base: string, endpoint: Endpoint): void {
  app.on(endpoint.method.toUpperCase(), addressOf(base, endpoint.path), answering(services, endpoint));
}

/** After all endpoints are bound: an address that is one, and a method that it does not take. */
export function refuseOtherMethods(
  app: App,
  base: string,
  endpoints: readonly Endpoint[],
  pages: readonly string[] = [],
): void {
  for (const [path, taken] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    const methods = taken.map(({ method }) => method.toUpperCase());
    const allow = [...new Set(pages.includes(path) ? ["GET", ...methods] : methods)].join(", ");
    const refusal = new Refusal("method_not_allowed", `This address takes ${allow}.`);
    const inDetail = taken.every((endpoint) => endpoint.refusals === "detail");
    app.all(addressOf(base, path), (context) => {
      const refused = inDetail
        ? refusedInDetail(context, refusal, null)
        : problem(context, refusal.code, refusal.message);
      refused.headers.set("allow", allow);
      return refused;
    });
  }
}

function addressOf(base: string, path: string): string {
  return base + path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function answering(services: Services, endpoint: Endpoint): MiddlewareHandler<Bindings> {
  return async (context, next) => {
    if (endpoint.alsoPage && wantsPage(context)) return next();
    try {
      return await answer(services, endpoint, context);
    } catch (error) {
      if (endpoint.refusals !== "detail") throw error;
      return refusedInDetail(context, error, services.log);
    }
  };
}

async function answer(services: Services, endpoint: Endpoint, context: Asked): Promise<Response> {
  const headers = new Headers();
  // The right to ask is decided before what is asked is read.
  const { by: maybeBy, stale } = await whoAsks(services, endpoint, context);
  const refusedFor = (error: unknown) => (stale && error instanceof Refusal && error.status === 403 ? stale : error);
  const params = endpoint.params && check(endpoint.params, context.req.param(), "path");
  const permit = endpoint.permit as ((asking: unknown) => Promise<unknown>) | undefined;
  const refused = await permit?.({ services, params, by: maybeBy, maybeBy }).then(
    () => null,
    (error: unknown) => refusedFor(error),
  );
  if (refused && !endpoint.answersAgain) throw refused;
  const run = endpoint.run as (call: unknown) => Promise<unknown>;
  const said = await run({
    services,
    params,
    query: endpoint.query && check(endpoint.query, context.req.query(), "query"),
    body: endpoint.body && (await bodyOf(endpoint.body, context, endpoint, refused ?? null)),
    by: maybeBy,
    maybeBy,
    bearer: bearerIn(context),
    from: context.env.caller,
    headers,
  }).catch((error: unknown) => {
    throw refusedFor(error);
  });
  headers.set("cache-control", "no-store");
  if (endpoint.alsoPage) headers.set("vary", "accept, authorization");
  if (endpoint.status === 204) return new Response(null, { status: 204, headers });
  if (said instanceof Download) return fileOf(said, headers);
  headers.set("content-type", "application/json; charset=utf-8");
  const text = said instanceof JsonText ? said.text : JSON.stringify(said);
  return new Response(text, { status: endpoint.status, headers });
}

/** Whoever is refused is not told what is wrong with what they brought. */
async function bodyOf(schema: z.ZodType, context: Asked, endpoint: Endpoint, refused: unknown): Promise<unknown> {
  try {
    const body = check(schema, await readBody(context, endpoint), "body");
    if (refused && (body as { nonce?: unknown }).nonce === undefined) throw refused;
    return body;
  } catch (fault) {
    throw refused ?? fault;
  }
}

function fileOf({ name, type, parts }: Download, headers: Headers): Response {
  headers.set("content-type", type);
  headers.set("content-disposition", `attachment; filename="${name}"`);
  const bytes = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(into) {
      const part = await parts.next();
      if (part.done) into.close();
      else into.enqueue(bytes.encode(part.value));
    },
    async cancel() {
      await parts.return?.();
    },
  });
  return new Response(body, { headers });
}

interface Asker {
  by: Signed | null;
  /** Why the token was not valid, where one need not be: whoever needed it then is told this. */
  stale: Refusal | null;
}

async function whoAsks(services: Services, endpoint: Endpoint, context: Asked): Promise<Asker> {
  const nobody = { by: null, stale: null };
  if (endpoint.who === "anyone") return nobody;
  const token = bearerIn(context);
  if (token === null) {
    if (endpoint.who === "maybe") return nobody;
    throw new Refusal("unauthorized");
  }
  try {
    return { by: await services.signedIn.byToken(token), stale: null };
  } catch (error) {
    // Front ends bring what they kept, even to a sign-up; there a token of old is in nobody's way.
    if (endpoint.who !== "maybe" || !(error instanceof Refusal) || error.status !== 401) throw error;
    return { by: null, stale: error };
  }
}

function bearerIn(context: Asked): string | null {
  return /^Bearer +(.+)$/i.exec(context.req.header("authorization") ?? "")?.[1]?.trim() ?? null;
}

/** A page is asked for by a browser's own navigation, which brings no token. */
function wantsPage(context: Asked): boolean {
  if (context.req.header("authorization") !== undefined) return false;
  return /\btext\/html\b/i.test(context.req.header("accept") ?? "");
}
