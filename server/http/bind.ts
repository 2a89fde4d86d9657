import type { Context, MiddlewareHandler } from "hono";
import type { z } from "zod";
import { Refusal } from "#shared/errors.ts";
import { limits } from "#shared/limits.ts";
import type { Signed } from "../auth/sessions.ts";
import { type Endpoint, JsonText } from "../endpoint.ts";
import type { Services } from "../services.ts";
import type { App, Bindings } from "./app.ts";
import { Problem, problem } from "./problems.ts";

type Asked = Context<Bindings>;

/**
 * Binds one endpoint to the framework: who calls, what they bring, what they get.
 */
export function bind(app: App, services: Services, base: string, endpoint: Endpoint): void {
  app.on(endpoint.method.toUpperCase(), addressOf(base, endpoint.path), answering(services, endpoint));
}

/** After all endpoints are bound: an address that is one, and a method that it does not take. */
export function refuseOtherMethods(app: App, base: string, endpoints: readonly Endpoint[]): void {
  for (const [path, taken] of Map.groupBy(endpoints, (endpoint) => endpoint.path)) {
    const allow = taken.map(({ method }) => method.toUpperCase()).join(", ");
    app.all(addressOf(base, path), (context) => {
      const refusal = problem(context, "method_not_allowed", `This address takes ${allow}.`);
      refusal.headers.set("allow", allow);
      return refusal;
    });
  }
}

function addressOf(base: string, path: string): string {
  return base + path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function answering(services: Services, endpoint: Endpoint): MiddlewareHandler<Bindings> {
  return async (context) => {
    const headers = new Headers();
    // The right to ask is decided before what is asked is read.
    const maybeBy = await whoAsks(services, endpoint, context);
    const run = endpoint.run as (call: unknown) => Promise<unknown>;
    const answer = await run({
      services,
      params: endpoint.params && check(endpoint.params, context.req.param()),
      query: endpoint.query && check(endpoint.query, context.req.query()),
      body: endpoint.body && check(endpoint.body, await readBody(context, endpoint.form === true)),
      by: maybeBy,
      maybeBy,
      from: context.env.caller,
      headers,
    });
    headers.set("cache-control", "no-store");
    if (endpoint.status === 204) return new Response(null, { status: 204, headers });
    headers.set("content-type", "application/json; charset=utf-8");
    const text = answer instanceof JsonText ? answer.text : JSON.stringify(answer);
    return new Response(text, { status: endpoint.status, headers });
  };
}

async function whoAsks(services: Services, endpoint: Endpoint, context: Asked): Promise<Signed | null> {
  if (endpoint.who === "anyone") return null;
  const header = context.req.header("authorization");
  if (header === undefined && endpoint.who === "maybe") return null;
  const token = /^Bearer +(.+)$/i.exec(header ?? "")?.[1]?.trim();
  if (token === undefined) throw new Refusal("unauthorized");
  return services.signedIn.byToken(token);
}

function check(schema: z.ZodType, value: unknown): unknown {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  const issue = checked.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = unknown ?? issue?.path.join(".");
  const message = unknown === undefined ? issue?.message : `There is no "${unknown.slice(0, 40)}" here.`;
  throw new Refusal(
    "invalid",
    field ? `${field.slice(0, 80)}: ${message}` : message,
    field ? { field: field.slice(0, 80) } : {},
  );
}

async function readBody(context: Asked, form: boolean): Promise<unknown> {
  const bytes = await readAtMost(context.req.raw, limits.bodyBytes);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw new Refusal("bad_text", "The body is not UTF-8.");
  }
  const type = context.req.header("content-type")?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (form && type === "application/x-www-form-urlencoded") return Object.fromEntries(new URLSearchParams(text));
  // A page of another site can send text/plain without being asked first; only JSON is taken as JSON.
  if (type !== "application/json") throw new Problem(415, "invalid", "Send the body as application/json.");
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal("bad_json");
  }
}

async function readAtMost(request: Request, most: number): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > most) throw new Refusal("too_large");
  const bytes = new Uint8Array(await request.arrayBuffer());
  if (bytes.length > most) throw new Refusal("too_large");
  return bytes;
}
